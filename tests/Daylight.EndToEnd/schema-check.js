// Validates YAML files against the charters' JSON Schema, as an editor does; prints which hold, as JSON.
const fs = require("fs");
const Ajv = require("ajv");
const yaml = require("js-yaml");

const [schema, ...files] = process.argv.slice(2);
const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(fs.readFileSync(schema, "utf8")));
console.log(JSON.stringify(files.map((file) => {
  let document;
  try {
    document = yaml.load(fs.readFileSync(file, "utf8"), { schema: yaml.CORE_SCHEMA });
  } catch (error) {
    return { file, holds: false, why: String(error.message) };
  }
  return { file, holds: validate(document), why: (validate.errors || []).map((e) => `${e.instancePath} ${e.message}`).slice(0, 3).join("; ") };
})));

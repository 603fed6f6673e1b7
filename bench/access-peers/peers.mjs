// Decides the same looks with Cedar and Casbin as the gate did, and asks them who sees one person by asking for everybody. node peers.mjs organization.json
// What the gate works out itself they are given ready-made: who stands further up, whom a charter covers, whom a scope takes in, whether the case, the signature, the hour and the network are in order.
import { readFileSync } from "node:fs";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { newEnforcer, newModelFromString } from "casbin";

const { people, looks, subject } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const uid = (id) => ({ type: "User", id });
const ms = (f) => { const start = performance.now(); f(); return performance.now() - start; };
const say = (peer, rate, who, wrong) => console.log(`| ${people.length.toLocaleString("en")} | ${peer} | ${Math.round(rate).toLocaleString("en")}/s | ${Math.round(1e9 / rate).toLocaleString("en")} ns | ${who.toFixed(0)} ms | ${wrong} of ${looks.length} |`);
const byId = new Map(people.map((p) => [p.id, p]));

const policies = `
permit(principal, action == Action::"records", resource) when { principal == resource };
permit(principal, action == Action::"submissions", resource) when { principal == resource };
permit(principal, action == Action::"submissions", resource) when { principal.here && resource.known && (resource.managers.contains(principal) || resource.above.contains(principal)) };
permit(principal, action == Action::"records", resource) when { principal.here && resource.known && context.needs && principal.investigates && principal != resource };
`;
const parsed = cedar.preparsePolicySet("p", { staticPolicies: policies });
if (parsed.type !== "success") throw new Error(JSON.stringify(parsed));

// Cedar keeps no entities between calls here, so it is given the two that a request is about: the fastest way to use it.
const entity = (p) => ({ uid: uid(p.id), parents: [], attrs: { here: p.here, known: p.known, investigates: p.investigates, managers: p.managers.map((m) => ({ __entity: uid(m) })), above: p.above.map((m) => ({ __entity: uid(m) })) } });
const ask = (asker, to, what, needs) => {
  const entities = asker === to ? [entity(byId.get(to))] : [entity(byId.get(asker)), entity(byId.get(to))];
  const answer = cedar.statefulIsAuthorized({ principal: uid(asker), action: { type: "Action", id: what }, resource: uid(to), context: { needs }, preparsedPolicySetId: "p", entities });
  if (answer.type !== "success") throw new Error(JSON.stringify(answer));
  return answer.response.decision === "allow";
};

const model = newModelFromString(`
[request_definition]
r = sub, obj, act, needs
[policy_definition]
p = act, when
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && eval(p.when)
`);
const casbin = await newEnforcer(model);
await casbin.addFunction("has", (list, id) => list.includes(id));
await casbin.addPolicy("records", "r.sub.id == r.obj.id");
await casbin.addPolicy("submissions", "r.sub.id == r.obj.id");
await casbin.addPolicy("submissions", "r.sub.here && r.obj.known && (has(r.obj.managers, r.sub.id) || has(r.obj.above, r.sub.id))");
await casbin.addPolicy("records", "r.sub.here && r.obj.known && r.needs && r.sub.investigates && r.sub.id != r.obj.id");
const enforce = (asker, to, what, needs) => casbin.enforceSync(byId.get(asker), byId.get(to), what, needs);

let disagreements = 0;
for (const [peer, decide] of [["Cedar 4.13.0 (wasm)", ask], ["Casbin 5.51.1", enforce]]) {
  const wrong = looks.filter((l) => decide(l.asker, l.subject, l.what, l.needs) !== l.allowed).length;
  const took = ms(() => looks.forEach((l) => decide(l.asker, l.subject, l.what, l.needs)));
  const who = ms(() => people.forEach((p) => { decide(p.id, subject, "records", true); decide(p.id, subject, "submissions", true); }));
  say(peer, (looks.length / took) * 1000, who, wrong);
  disagreements += wrong;
}
process.exit(disagreements === 0 ? 0 : 1);

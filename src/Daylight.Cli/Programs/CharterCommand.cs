using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Core.Charters;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight charter check</c>.</summary>
internal static class CharterCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Charters", Arity = ArgumentArity.OneOrMore };
        var json = Shared.Json();
        var check = new Command("check", "Reads charters strictly, and says everything that is wrong with file, line and column.\n\nExample:\n  daylight charter check charters/*.yaml") { files, json };
        check.SetAction(parsed => Check(parsed.GetValue(files)!, parsed.GetValue(json)));
        return new Command("charter", "The files that say what may be measured") { check };
    }

    private static int Check(string[] files, bool json)
    {
        var results = files.Select(f => (File: f, Reading: CharterReader.Read(System.IO.File.Exists(f) ? System.IO.File.ReadAllText(f) : throw new UsageException($"There is no file {f}."), f))).ToList();
        var problems = results.SelectMany(r => r.Reading is CharterReading.Bad bad ? bad.Problems : []).ToList();
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(problems, CharterJson.Default.ListDiagnostic));
        }
        else
        {
            foreach (var (file, reading) in results)
            {
                if (reading is CharterReading.Good good)
                {
                    Console.WriteLine($"{file}: {good.Charter.Program} version {good.Charter.Version}, SHA-256 {Authority.CharterHash(System.IO.File.ReadAllText(file))}");
                }
            }

            problems.ForEach(p => Console.Error.WriteLine(p));
        }

        return problems.Count == 0 ? CommandLine.Done : CommandLine.Refused;
    }
}

/// <summary>Serialization of what the charter commands print.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<Diagnostic>))]
internal sealed partial class CharterJson : JsonSerializerContext;

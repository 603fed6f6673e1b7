using System.CommandLine;
using System.Globalization;
using Daylight.Core.Access;
using Daylight.Core.Exposure;
using Daylight.Protocol;

namespace Daylight.Cli.Exposures;

/// <summary><c>daylight exposure who|of|summary|diff</c>: who could see what about whom, of a running company or of one on paper.</summary>
internal static class ExposureCommand
{
    public static Command Create() => new("exposure", "Who could see what about whom: enumerated, never sampled") { Who(), Of(), Summary(), DiffCommand.Create() };

    public static Option<string?> In() => new("--in") { Description = "A company on paper instead of a server: a folder with people.csv (with a column roles) and charters", HelpName = "DIR" };

    public static Option<bool> List() => new("--list") { Description = "Every single sight" };

    private static Command Who()
    {
        var person = new Argument<string>("PERSON") { Description = "Email, or person id" };
        var (folder, json, connection) = (In(), Shared.Json(), new Connection());
        var command = new Command(
            "who", "Everybody who could see anything about a person, and under which conditions.\n\nExamples:\n  daylight exposure who anna@acme.example --server http://localhost:8080 --key petra.pem\n  daylight exposure who anna@acme.example --in ./acme-on-paper --json") { person, folder, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            IReadOnlyList<SightView> sights;
            if (parsed.GetValue(folder) is { } paper)
            {
                var world = WorldFolder.Find(paper, null).Read([]);
                sights = [.. new ExposureOf(world).Who(IdOf(world, parsed.GetValue(person)!)).Select(s => View(s, world, s.Viewer))];
            }
            else
            {
                var (api, _) = await connection.ConnectAsync(parsed, cancel);
                sights = (await api.GetAsync($"/api/v1/exposure/people/{await IdOfAsync(api, parsed.GetValue(person)!, cancel)}", ProtocolJson.Default.IReadOnlyListSightView, cancel)).OrThrow();
            }

            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(sights, ProtocolJson.Default.IReadOnlyListSightView);
            }
            else
            {
                CommandLine.Print(["viewer", "program", "rule", "what", "granularity", "needs", "last used"], sights.Select(s => (IReadOnlyList<string>)
                    [s.Viewer == s.Person ? "the person" : s.Name ?? s.Viewer, s.Program, s.Rule, s.What, s.Granularity, s.Needs, Used(s.LastUsed)]));
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{sights.Where(s => s.Viewer != s.Person).Select(s => s.Viewer).Distinct().Count()} others could see something"));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Of()
    {
        var viewer = new Argument<string>("VIEWER") { Description = "Email, or person id" };
        var (folder, list, json, connection) = (In(), List(), Shared.Json(), new Connection());
        var command = new Command(
            "of", "Everything that somebody could see about anybody.\n\nExamples:\n  daylight exposure of mia@acme.example --server http://localhost:8080 --key petra.pem\n  daylight exposure of mia@acme.example --in ./acme-on-paper --list") { viewer, folder, list, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            ExposureOfViewer exposure;
            if (parsed.GetValue(folder) is { } paper)
            {
                var world = WorldFolder.Find(paper, null).Read([]);
                var id = IdOf(world, parsed.GetValue(viewer)!);
                var sights = new ExposureOf(world).Of(id).ToList();
                var rules = sights.GroupBy(s => (s.Program, s.Rule, s.What, s.Needs)).Select(g => new CouldSee(
                    g.Key.Program, g.Key.Rule, g.Key.What, g.Key.Needs, g.Select(s => s.Person).Distinct().Count(), g.Where(s => s.Granularity != "person").Select(s => s.Granularity).Distinct().Count()));
                exposure = new ExposureOfViewer(id, world.People.Person(id)!.Name, [.. rules], parsed.GetValue(list) ? [.. sights.Select(s => View(s, world, s.Person))] : null);
            }
            else
            {
                var (api, _) = await connection.ConnectAsync(parsed, cancel);
                exposure = (await api.GetAsync(
                    $"/api/v1/exposure/viewers/{await IdOfAsync(api, parsed.GetValue(viewer)!, cancel)}{(parsed.GetValue(list) ? "?list=true" : "")}", ProtocolJson.Default.ExposureOfViewer, cancel)).OrThrow();
            }

            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(exposure, ProtocolJson.Default.ExposureOfViewer);
                return CommandLine.Done;
            }

            CommandLine.Print(["program", "rule", "what", "people", "groups", "needs", "last used"], exposure.Rules.Select(r => (IReadOnlyList<string>)
                [r.Program, r.Rule, r.What, r.People.ToString(CultureInfo.InvariantCulture), r.Groups == 0 ? "" : r.Groups.ToString(CultureInfo.InvariantCulture), r.Needs, Used(r.LastUsed)]));
            if (exposure.Sights is { } all)
            {
                CommandLine.Print(["about", "program", "rule", "what", "granularity"], all.Select(s => (IReadOnlyList<string>)[s.Name ?? s.Person, s.Program, s.Rule, s.What, s.Granularity]));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Summary()
    {
        var (folder, json, connection) = (In(), Shared.Json(), new Connection());
        var command = new Command(
            "summary", "Each program's exposure in numbers, rules that match nobody, and roles with their last use and what would go with them.\n\nExamples:\n  daylight exposure summary --server http://localhost:8080 --key petra.pem\n  daylight exposure summary --in ./acme-on-paper --json") { folder, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            ExposureSummary summary;
            if (parsed.GetValue(folder) is { } paper)
            {
                var world = WorldFolder.Find(paper, null).Read([]);
                string? Name(string? id) => id is null ? null : world.People.Person(id)?.Name;
                summary = new ExposureSummary(world.People.Count, [.. new ExposureOf(world).Summary().Select(p => new ProgramExposureView(
                    p.Program, p.People, p.Individual, p.Group, Name(p.Widest), p.WidestCount, p.Sights, [.. p.Rules.Select(r => new RuleExposureView(r.Rule, r.Viewers, r.People, r.Sights, Name(r.Widest), r.Most))]))], []);
            }
            else
            {
                var (api, _) = await connection.ConnectAsync(parsed, cancel);
                summary = (await api.GetAsync("/api/v1/exposure/summary", ProtocolJson.Default.ExposureSummary, cancel)).OrThrow();
            }

            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(summary, ProtocolJson.Default.ExposureSummary);
                return CommandLine.Done;
            }

            CommandLine.Print(["program", "people", "see one person", "see groups", "sees most", "of how many"], summary.Programs.Select(p => (IReadOnlyList<string>)
                [p.Program, Number(p.People), Number(p.Individual), Number(p.Group), p.Widest ?? "nobody", Number(p.WidestCount)]));
            CommandLine.Print(["program", "rule", "viewers", "people", "sights", "last used"], summary.Programs.SelectMany(p => p.Rules.Select(r => (IReadOnlyList<string>)
                [p.Program, r.Rule, r.Viewers == 0 && !r.Rule.StartsWith("self/", StringComparison.Ordinal) ? "nobody" : Number(r.Viewers), Number(r.People), r.Sights.ToString(CultureInfo.InvariantCulture), Used(r.LastUsed)])));
            if (summary.Grants.Count > 0)
            {
                CommandLine.Print(["role", "held by", "of", "until", "rules", "sights that go with it", "last used"], summary.Grants.Select(g => (IReadOnlyList<string>)
                    [g.Role, g.Name, g.Scope ?? "everybody", g.Until == DateOnly.MaxValue ? "for good" : Storage.Sql.Day(g.Until), g.Rules == 0 ? "none" : Number(g.Rules), g.Loses.ToString(CultureInfo.InvariantCulture), Used(g.LastUsed)]));
            }

            return CommandLine.Done;
        });
        return command;
    }

    public static SightView View(Sight s, World world, string named) => new(s.Viewer, s.Person, s.Program, s.Rule, s.What, s.Granularity, s.Needs, world.People.Person(named)?.Name);

    public static async Task<string> IdOfAsync(ApiClient api, string who, CancellationToken cancel) => !who.Contains('@', StringComparison.Ordinal)
        ? Uri.EscapeDataString(who)
        : (await api.PostAsync("/api/v1/people/find", new PersonWanted(who), ProtocolJson.Default.PersonWanted, ProtocolJson.Default.PersonSummary, cancel)).OrThrow().Id;

    private static string IdOf(World world, string who) => world.People.ByEmail(who)?.Id ?? world.People.Person(who)?.Id ?? throw new UsageException($"There is nobody '{who}' in that directory.");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Used(DateOnly? day) => day is { } d ? Storage.Sql.Day(d) : "never";
}

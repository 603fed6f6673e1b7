using Daylight.Core.Charters;
using System.CommandLine;
using Daylight.Cli.Charters;
using Daylight.Core.Exposure;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Exposures;

/// <summary><c>daylight exposure diff</c>: exactly which sights a change makes and ends.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var before = new Option<string?>("--before") { Description = "A folder on paper, or one file of it: a charter, or people.csv. Without it, the running company", HelpName = "PATH" };
        var after = new Option<string>("--after") { Description = "The same after the change", Required = true, HelpName = "PATH" };
        var (folder, list, json, connection) = (ExposureCommand.In(), ExposureCommand.List(), Shared.Json(), new Connection());
        var command = new Command(
            "diff",
            """
            Exactly which sights (somebody who could see something about somebody else) a change of a charter, the directory or a role makes and ends: counted in full, and listed with --list.

            Examples:
              daylight exposure diff --before ./acme-on-paper --after ./acme-next
              daylight exposure diff --before focus-time.yaml --after focus-time-v2.yaml --in ./acme-on-paper --list
              daylight exposure diff --after focus-time-v2.yaml --server http://localhost:8080 --key petra.pem
              daylight exposure diff --after people.csv --server http://localhost:8080 --key petra.pem
            """) { before, after, folder, list, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var exposure = parsed.GetValue(before) is { } was
                ? OnPaper(was, parsed.GetValue(after)!, parsed.GetValue(folder), parsed.GetValue(list))
                : await OfServerAsync(connection, parsed, parsed.GetValue(after)!, parsed.GetValue(list), cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(exposure, ProtocolJson.Default.ChangeExposure);
                return CommandLine.Done;
            }

            foreach (var line in Reading.Lines(exposure))
            {
                Console.WriteLine(line);
            }

            foreach (var (sign, sights) in new[] { ("+", exposure.Appearing), ("−", exposure.Disappearing) })
            {
                foreach (var sight in sights ?? [])
                {
                    Console.WriteLine($"{sign} {sight.Name ?? sight.Viewer} → {sight.Person}: {sight.Program}, {sight.What}, {sight.Granularity} ({sight.Rule})");
                }
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static ChangeExposure OnPaper(string before, string after, string? folder, bool list)
    {
        var ids = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var (was, becomes) = (WorldFolder.Find(before, folder).Read(ids), WorldFolder.Find(after, folder ?? (Directory.Exists(before) ? before : null)).Read(ids));
        var diff = new ExposureDiff(was, becomes);
        string Email(string id) => (becomes.People.Person(id) ?? was.People.Person(id))!.Email;
        SightView View(Sight s) => new(s.Viewer, Email(s.Person), s.Program, s.Rule, s.What, s.Granularity, s.Needs, Email(s.Viewer));
        return new ChangeExposure(
            new ExposureRead(TimeProvider.System.GetUtcNow(), becomes.People.Count, diff.Appear, diff.Disappear, string.Empty),
            [.. diff.Changes.Select(c => new TermsChangeView(c.Terms.Program, c.Terms.What, c.Terms.Level?.Word() ?? "person", c.Terms.Needs, c.Appear, c.Disappear))],
            list ? [.. diff.Appearing.Select(View)] : null, list ? [.. diff.Disappearing.Select(View)] : null);
    }

    private static async Task<ChangeExposure> OfServerAsync(Connection connection, ParseResult parsed, string after, bool list, CancellationToken cancel)
    {
        var (api, _) = await connection.ConnectAsync(parsed, cancel);
        var wanted = after.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            ? new ChangeWanted(People: await File.ReadAllTextAsync(after, cancel), List: list)
            : new ChangeWanted(CharterText: CharterFile.TextOf(after), List: list);
        return (await api.PostAsync("/api/v1/exposure/diff", wanted, ProtocolJson.Default.ChangeWanted, ProtocolJson.Default.ChangeExposure, cancel)).OrThrow();
    }
}

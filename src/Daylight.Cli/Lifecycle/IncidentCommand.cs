using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Lifecycle;

/// <summary><c>daylight incident</c>: the breach register.</summary>
internal static class IncidentCommand
{
    public static Command Create() => new("incident", "The breach register: what was reachable, who could look, who did, and the 72-hour clock") { Open(), Note(), List(), Show() };

    private static Command Open()
    {
        var what = new Option<string>("--what") { Description = "What was reachable that should not have been", Required = true, HelpName = "TEXT" };
        var programs = new Option<string[]>("--program") { Description = "Whose data: of which program; twice for two", Required = true, HelpName = "NAME" };
        var since = new Option<DateTimeOffset>("--since") { Description = "From when on, such as 2026-11-20T08:00Z", Required = true, HelpName = "TIME" };
        var known = new Option<DateTimeOffset?>("--known") { Description = "When the company became aware: the 72 hours run from here (now without it)", HelpName = "TIME" };
        var role = Signed.Role("privacy-officer");
        return new Command(
            "open",
            "Opens an incident. Who could look on any day since, who did by the log, and whose data it is are computed, and their hash is signed with it.\n\nExample:\n  daylight incident open --what \"a backup was readable on the build machine\" --program focus-time --since 2026-11-20T08:00Z --server http://localhost:8080 --key petra.pem")
        { what, programs, since, known, role }.Bring(
            new Connection(),
            async (p, c) =>
            {
                var facts = (await c.Api.PostAsync("/api/v1/incidents/facts", new IncidentAsked(p.GetValue(since), p.GetValue(programs)!), ProtocolJson.Default.IncidentAsked, ProtocolJson.Default.IncidentFactsMade, c.Cancel)).OrThrow();
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"could look, from {facts.From:yyyy-MM-dd} on: {facts.Could.Sum(f => f.Viewers)} by {facts.Could.Count} rules; did: {facts.Did} looks since; data of {string.Join(", ", facts.Whose.Select(w => $"{(w.UpTo ? "up to " : string.Empty)}{w.People} people in {w.Program}"))}"));
                return new IncidentOpened(c.Sign(new OpenIncident(
                    c.Root, c.Now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), p.GetValue(what)!, p.GetValue(since).ToUniversalTime(), (p.GetValue(known) ?? c.Now).ToUniversalTime(), p.GetValue(programs)!, facts.Digest, p.GetValue(role)!)));
            },
            _ => "the incident is in the register");
    }

    private static Command Note()
    {
        var id = new Argument<string>("INCIDENT") { Description = "Its id, as incident list prints it" };
        var step = new Option<string>("--step") { Description = "What was done", HelpName = string.Join('|', NoteIncident.Steps), DefaultValueFactory = _ => "note" };
        step.AcceptOnlyFromAmong([.. NoteIncident.Steps]);
        var text = new Option<string>("--text") { Description = "In words", Required = true, HelpName = "TEXT" };
        var role = Signed.Role("privacy-officer");
        return new Command("note", "Adds to an incident: a note, that the authority or the people were told, why there is no risk, or that it is closed.\n\nExample:\n  daylight incident note 3f2a9c… --step authority-told --text \"reported by form, number 4711\" --server http://localhost:8080 --key petra.pem") { id, step, text, role }.Bring(
            new Connection(), (p, c) => Task.FromResult<LogEvent>(new IncidentNoted(c.Sign(new NoteIncident(c.Root, c.Now, p.GetValue(id)!, p.GetValue(step)!, p.GetValue(text)!, p.GetValue(role)!)))), p => p.GetValue(step)!);
    }

    private static Command List() => new Command("list", "The register.\n\nExample:\n  daylight incident list --server http://localhost:8080 --key petra.pem").Prints(
        new Connection(), _ => "/api/v1/incidents", ProtocolJson.Default.IReadOnlyListIncidentView, ["incident", "state", "since", "authority told by", "programs", "what"],
        i => [i.Id, i.State, i.Since.ToString("u", CultureInfo.InvariantCulture), i.Due.ToString("u", CultureInfo.InvariantCulture), string.Join(", ", i.Programs), i.What]);

    private static Command Show()
    {
        var id = new Argument<string>("INCIDENT") { Description = "Its id" };
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command("show", "One incident, with who could look and who did.\n\nExample:\n  daylight incident show 3f2a9c… --server http://localhost:8080 --key petra.pem") { id, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var found = (await api.GetAsync($"/api/v1/incidents/{Uri.EscapeDataString(parsed.GetValue(id)!)}", ProtocolJson.Default.IncidentView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(found, ProtocolJson.Default.IncidentView);
                return CommandLine.Done;
            }

            Console.WriteLine($"{found.What}\n{found.State}; since {found.Since:u}, known {found.Known:u}, authority told by {found.Due:u}\n");
            CommandLine.Print(["when", "step", "what"], found.Steps.Select(s => (IReadOnlyList<string>)[s.Time.ToString("u", CultureInfo.InvariantCulture), s.Step, s.Text]));
            CommandLine.Print(["program", "rule", "people who could look", "sights"], (found.Facts?.Could ?? []).Select(c => (IReadOnlyList<string>)[c.Program, c.Rule, c.Viewers.ToString(CultureInfo.InvariantCulture), c.Sights.ToString(CultureInfo.InvariantCulture)]));
            CommandLine.Print(["entry", "when", "who looked", "at whom", "rule"], (found.Facts?.Did ?? []).Select(d => (IReadOnlyList<string>)[d.Entry.ToString(CultureInfo.InvariantCulture), d.Time.ToString("u", CultureInfo.InvariantCulture), d.Viewer, d.Subject, d.Rule]));
            return CommandLine.Done;
        });
        return command;
    }
}

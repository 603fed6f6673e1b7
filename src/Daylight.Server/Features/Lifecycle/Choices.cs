using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>What people decide about programs: consent, objection, acknowledgment. A person sees their own; others see counts, and who answers objections sees those.</summary>
internal sealed class Choices(TransparencyLog log, ProgramCatalog programs, Coverage coverage, DirectoryStore directory, Callers callers, TimeProvider time)
{
    /// <summary>Where no charter has a smaller group, the smallest number that is said of people.</summary>
    private const int Fewest = 5;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>What somebody may decide about every program that covers them, or of which they decided something.</summary>
    public IReadOnlyList<ChoiceView> Of(string person)
    {
        if (directory.Current.Person(person) is not { } found)
        {
            return [];
        }

        var covered = directory.Current.Coverable(found, callers.RolesOf(person));
        return [.. programs.InForce().Where(p => p.Charter.Covers.Covers(covered) || log.Read(a => a.Consents.ContainsKey((person, p.Program)))).Select(p => View(person, p))];
    }

    /// <summary>How many people said what about a program; numbers that are few, or whose rest is few, are not said.</summary>
    public ConsentCounts? Counts(string program)
    {
        if (programs.Find(program) is not { } found)
        {
            return null;
        }

        var said = log.Read(a => a.Consents.Where(c => c.Key.Program == program).ToDictionary(c => c.Key.Person, c => c.Value, StringComparer.Ordinal));
        var covered = coverage.Of(found.Charter).ToList();
        var yes = covered.Count(p => said.TryGetValue(p.Id, out var s) ? s.Given && (found.Charter.Consent is not Consent.OptIn || s.Charter == found.Hash) : found.Charter.Consent is not Consent.OptIn);
        var fewest = found.Charter.GroupRules.Select(r => r.MinimumGroup).Append(Fewest).Max();
        var isSaid = yes >= fewest && covered.Count - yes >= fewest;
        return new ConsentCounts(program, WordOf(found.Charter.Consent), covered.Count, fewest, isSaid ? yes : null, isSaid ? covered.Count - yes : null);
    }

    /// <summary>Objections, those that wait first.</summary>
    public IReadOnlyList<ObjectionView> Objections() => [.. log.Read(a => a.Objections.ToList())
        .Select(o => new ObjectionView(
            o.Key, o.Value.Person, directory.Current.Person(o.Value.Person)?.Name ?? "somebody who left", o.Value.Program, o.Value.Grounds, o.Value.Due,
            o.Value.TakenBack ? "taken back" : o.Value.Answer is not null ? o.Value.Upheld ? "upheld" : "rejected" : o.Value.Due < Today ? "overdue" : "waiting"))
        .OrderBy(o => o.State is "upheld" or "rejected" or "taken back").ThenBy(o => o.Due)];

    private ChoiceView View(string person, ProgramInForce program)
    {
        var (said, noticed, objection) = log.Read(a => (
            a.Consents.GetValueOrDefault((person, program.Program)),
            a.Acknowledged(person, program.Program, program.Hash),
            a.Objections.Values.FirstOrDefault(o => o.Answer is null && o.Person == person && o.Program == program.Program)));
        var charter = program.Charter;
        var begins = programs.BeginningOf(program.Program, program.Hash, coverage.Since(person, [program.Program]).GetValueOrDefault(program.Program, Today))!;
        var why = (charter.Consent, said?.Standing) switch
        {
            (Consent.OptIn, null) => "you have not said yes",
            (Consent.OptIn, Standing.Given) when said!.Charter != program.Hash => "you said yes to a former version: this one asks anew",
            (_, Standing.Withdrawn) => "you said no",
            (_, Standing.Objected) => "you objected, and it is not answered yet",
            (_, Standing.Upheld) => "you objected, and were right",
            _ when charter.Notice.Acknowledged && !noticed => "you have not acknowledged the notice",
            _ when charter.Until < Today => "its last day is over",
            _ when program.Paused => "it is paused",
            _ when begins.First > Today && begins.Former is null => $"you have notice of it until {Storage.Sql.Day(begins.First)}",
            _ => null,
        };
        return new ChoiceView(
            program.Program, program.Hash, program.Paused ? "paused" : charter.Until < Today ? "ended" : "active", charter.Explain.In(Readers.Words.Language), WordOf(charter.Consent), charter.TakesObjections && objection is null,
            said?.Standing.ToString().ToLowerInvariant(), said?.Entry, why is null, why, begins.First, begins.First > Today ? begins.Former?.Version : null, charter.Notice.Acknowledged, noticed, objection?.Due);
    }

    private static string WordOf(Consent consent) => consent switch { Consent.OptIn => "opt-in", Consent.OptOut => "opt-out", _ => "none" };
}

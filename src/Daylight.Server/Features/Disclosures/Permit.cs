using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;

namespace Daylight.Server.Features.Disclosures;

/// <summary>A look that the gate allows. Only the gate's decision makes one.</summary>
internal sealed class Permit
{
    private Permit(string asker, Wanted wanted, IReadOnlyList<(Charter Charter, Decision.Allowed Allowed)> allowed) =>
        (Asker, this.wanted, Charters, Rule, Relation, TellWithinDays) = (
            asker, wanted, [.. allowed.Select(a => a.Charter)], allowed[0].Allowed.Rule.Name, allowed[0].Allowed.RelationText, allowed.Min(a => ((ShowRule.Individual)a.Allowed.Rule).TellWithinDays));

    private readonly Wanted wanted;

    public string Asker { get; }

    public string Subject => wanted.Subject;

    public IReadOnlyList<Charter> Charters { get; }

    public IReadOnlyList<string> Programs => [.. Charters.Select(c => c.Program)];

    /// <summary>The purposes of the charters: what the subject is told the look was for.</summary>
    public IReadOnlyList<string> Why => [.. Charters.Select(c => c.Purpose).Distinct().Order(StringComparer.Ordinal)];

    public string Rule { get; }

    public string Relation { get; }

    /// <summary><c>records</c> or <c>submissions</c>.</summary>
    public string Kind => wanted.Kind;

    public DateOnly From => wanted.From;

    public DateOnly To => wanted.To;

    /// <summary>Digest of the case that it rests on, or null.</summary>
    public string? Case => Asker == Subject ? null : wanted.Case;

    /// <summary>When the subject is told, at the latest.</summary>
    public int TellWithinDays { get; }

    /// <summary>Joins the gate's decisions on several programs, which must all rest on one rule and relation.</summary>
    public static Permit Of(string asker, Wanted wanted, IReadOnlyList<(Charter Charter, Decision.Allowed Allowed)> allowed) =>
        allowed.Select(a => (a.Allowed.Rule.Name, a.Allowed.Relation)).Distinct().Count() == 1
            ? new Permit(asker, wanted, allowed)
            : throw new ArgumentException("One permit is one rule and one relation.", nameof(allowed));
}

/// <summary>
/// A look that stands in the log. The keyholder's door wants one, and nothing but the recording of a permitted, signed ask makes one:
/// that is how the compiler keeps every other path from plaintext.
/// </summary>
internal sealed class RecordedDisclosure
{
    private RecordedDisclosure(AppendedEntry entry, Openings openings) => (Entry, Openings) = (entry, openings);

    public AppendedEntry Entry { get; }

    public Openings Openings { get; }

    /// <summary>Records before it reveals: appends the disclosure and waits until it is in a published checkpoint.</summary>
    /// <exception cref="LogUnavailableException">The log cannot be written: nothing may be shown.</exception>
    public static async Task<RecordedDisclosure> RecordAsync(TransparencyLog log, Permit permit, SignedStatement ask, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var happened = new Disclosure(
            ask, permit.Relation, permit.Why, permit.Kind, permit.Programs, permit.From, permit.To, now, today.AddDays(permit.TellWithinDays), today.AddDays(permit.Charters.Max(c => c.Keep.Looks)), permit.Case);
        var (entry, openings) = await log.AppendAsync(happened);
        return new RecordedDisclosure(entry, openings);
    }
}

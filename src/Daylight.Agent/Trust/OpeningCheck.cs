using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Agent.Trust;

/// <summary>A look at this person, as the keyholder counted it and the log has it.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Time">When.</param>
/// <param name="Relation">Who looked: role or relation.</param>
/// <param name="Why">For which purposes.</param>
/// <param name="Programs">Programs.</param>
public sealed record CountedLook(ulong Entry, DateTimeOffset Time, string Relation, IReadOnlyList<string> Why, IReadOnlyList<string> Programs);

/// <summary>A look at somebody else that was made in this person's name.</summary>
/// <param name="Entry">Log index.</param>
/// <param name="Time">When it was signed for.</param>
/// <param name="Subject">Person id of whom it is at.</param>
/// <param name="Rule">Under which rule.</param>
/// <param name="Programs">Programs.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
public sealed record AskedLook(ulong Entry, DateTimeOffset Time, string Subject, string Rule, IReadOnlyList<string> Programs, DateOnly From, DateOnly To);

/// <summary>What the keyholder's signed count said when it held last, and what is wrong with it now.</summary>
/// <param name="Checked">When a count held last; null when none ever did.</param>
/// <param name="Looks">Looks that it counted.</param>
/// <param name="Releases">Release runs that counted this person.</param>
/// <param name="Newest">The newest looks.</param>
/// <param name="Warnings">What does not fit; empty when all does.</param>
/// <param name="Read">Log indexes of looks whose entries were read here; they need not come again.</param>
/// <param name="Since">When a count was first asked for, as long as none held.</param>
/// <param name="Asked">Looks at others that were made in this person's name.</param>
/// <param name="Mine">The newest of those.</param>
public sealed record OpeningsSeen(
    DateTimeOffset? Checked, int Looks, int Releases, IReadOnlyList<CountedLook> Newest, IReadOnlyList<string> Warnings, IReadOnlyList<ulong> Read, DateTimeOffset? Since = null, int Asked = 0, IReadOnlyList<AskedLook>? Mine = null)
{
    /// <summary>Before the first count.</summary>
    public static OpeningsSeen Never { get; } = new(null, 0, 0, [], [], []);

    /// <summary>The lowest index of a look that is counted and was not read here; null when all were.</summary>
    public ulong? Unread(OpeningsOfMe made) => made.Looks.Concat(made.Asked).Select(l => l.Index).Except(Read).Order().Select(i => (ulong?)i).FirstOrDefault();

    /// <summary>What the person should know now: what did not fit, or that nothing fitted for a day.</summary>
    public IReadOnlyList<string> WarningsAt(DateTimeOffset now) => (Checked ?? Since) is { } at && now - at > CountOfOpenings.Freshness
        ? [.. Warnings, string.Create(CultureInfo.InvariantCulture, $"no count of openings by the keyholder since {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC: looks at you may be missing from your list")]
        : Warnings;
}

/// <summary>
/// Holds the keyholder's signed count of openings against what the server shows: a look that the list leaves out becomes visible, and so does one of the
/// newest that it shows otherwise. Pure.
/// </summary>
internal static class OpeningCheck
{
    private const int MostShown = 10;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Checks an answer of the server.</summary>
    /// <param name="made">The answer.</param>
    /// <param name="before">What was seen before.</param>
    /// <param name="listed">Log indexes of the looks in the list that the server shows the person.</param>
    /// <param name="bundle">The verified bundle: keyholder's key and the log that this machine knows.</param>
    /// <param name="pinned">The pinned root.</param>
    /// <param name="person">Whose machine this is.</param>
    /// <param name="nonce">What was sent.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="UnverifiableException">The statement itself does not hold: it counts as missing.</exception>
    public static OpeningsSeen Check(OpeningsOfMe made, OpeningsSeen before, IReadOnlySet<ulong> listed, VerifiedBundle bundle, TrustRoot pinned, string person, string nonce, DateTimeOffset now)
    {
        if (KeyholderStatement.TryOpen(made.Note, bundle.Keyholder) is not CountOfOpenings count || count.Root != pinned.Fingerprint || count.Person != person)
        {
            throw new UnverifiableException("the count of openings is not signed by the keyholder, or is about somebody else");
        }

        if (count.Nonce != nonce || count.Time < now - Skew || count.Time > now + Skew)
        {
            throw new UnverifiableException("the count of openings is an old one");
        }

        // The keyholder's log must be this machine's log: or else it was shown another history than the keyholder follows.
        if (!Hash.TryParse(count.LogRoot, out var root) || count.Size < bundle.Size
            || !Merkle.VerifyConsistency(bundle.Size, count.Size, bundle.Root, root, BundleVerifier.Hashes(made.Consistency)))
        {
            throw new UnverifiableException("the log that the keyholder counts in is not the one that this machine was shown");
        }

        var warnings = new List<string>();
        CheckChain(made.Looks, count.Looks, count.LookChain, "looks at you", warnings);
        CheckChain(made.Releases, count.Releases, count.ReleaseChain, "release runs about you", warnings);
        CheckChain(made.Asked, count.Asked, count.AskedChain, "looks in your name", warnings);
        var known = before.Read.ToHashSet();
        var looks = made.Looks.Where(l => !known.Contains(l.Index)).Select(l => ReadLook(l, person, warnings)).OfType<CountedLook>().ToList();
        var asked = made.Asked.Where(l => !known.Contains(l.Index)).Select(l => ReadAsked(l, person, warnings)).OfType<AskedLook>().ToList();
        var counted = made.Looks.Concat(made.Asked).Select(l => l.Index).ToHashSet();
        foreach (var hidden in made.Looks.Where(l => !listed.Contains(l.Index)))
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"the keyholder opened your records under entry {hidden.Index}, and the list of looks that you are shown leaves it out"));
        }

        return new OpeningsSeen(
            now,
            count.Looks,
            count.Releases,
            [.. looks.Concat(before.Newest.Where(l => counted.Contains(l.Entry))).OrderByDescending(l => l.Entry).Take(MostShown)],
            warnings,
            [.. before.Read.Where(counted.Contains).Concat(looks.Select(l => l.Entry)).Concat(asked.Select(l => l.Entry))],
            Asked: count.Asked,
            Mine: [.. asked.Concat((before.Mine ?? []).Where(l => counted.Contains(l.Entry))).OrderByDescending(l => l.Entry).Take(MostShown)]);
    }

    /// <summary>Looks that the list shows otherwise than the log has them.</summary>
    /// <param name="looks">As the log has them.</param>
    /// <param name="listed">The list that the server shows the person.</param>
    public static IEnumerable<string> Differing(IReadOnlyList<CountedLook> looks, IReadOnlyList<LookAtMe> listed) => looks
        .Where(look => listed.Any(l => l.Entry == look.Entry && (l.Happened != "disclosure" || l.Time != look.Time || l.Relation != look.Relation
            || !l.Why.SequenceEqual(look.Why, StringComparer.Ordinal) || !l.Programs.SequenceEqual(look.Programs, StringComparer.Ordinal))))
        .Select(look => string.Create(CultureInfo.InvariantCulture, $"the list of looks that you are shown tells of entry {look.Entry} otherwise than the log does"));

    private static void CheckChain(IReadOnlyList<CountedEntry> entries, int count, string chain, string what, List<string> warnings)
    {
        var links = default(OpeningChain);
        foreach (var entry in entries)
        {
            links.Add(entry.Index, Hash.TryParse(entry.Leaf, out var leaf) ? leaf : default);
        }

        if (entries.Count != count || links.Value.ToString() != chain)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"the keyholder counted {count} {what}, and the server shows {(entries.Count == count ? "others" : entries.Count.ToString(CultureInfo.InvariantCulture))}"));
        }
    }

    /// <summary>A look in words, when the entry and its opening are what the chain says.</summary>
    private static CountedLook? ReadLook(CountedEntry counted, string person, List<string> warnings) => Opened(
        counted, c => c.Subject, json => CanonicalJson.Read(json, SealingJson.Default.SubjectView) is { } view && view.Subject == person ? new CountedLook(counted.Index, view.Time, view.Relation, view.Why, view.Programs) : null,
        "under which your records were opened", warnings);

    /// <summary>The very ask that this person's credential signed: the asker's part of an entry.</summary>
    private static AskedLook? ReadAsked(CountedEntry counted, string person, List<string> warnings) => Opened(
        counted, c => c.Asker, json => Statement.TryRead(json) is Ask ask && ask.Asker == person ? new AskedLook(counted.Index, ask.Time, ask.Subject, ask.Rule, ask.Programs, ask.From, ask.To) : null,
        "a look in your name", warnings);

    private static T? Opened<T>(CountedEntry counted, Func<Commitments, string> part, Func<byte[], T?> read, string what, List<string> warnings)
        where T : class
    {
        var bytes = Convert.FromBase64String(counted.Entry ?? string.Empty);
        if (bytes.Length == 0 || Merkle.Leaf(bytes).ToString() != counted.Leaf || LogEntry.TryRead(bytes) is not { Commitments: { } commitments })
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"the server does not show entry {counted.Index}, {what}"));
            return null;
        }

        var opening = counted.Opening is { } shown ? new Opening(shown.Salt, shown.Json) : null;
        if (opening?.Opens(part(commitments)) == true && read(System.Text.Encoding.UTF8.GetBytes(opening.Json)) is { } known)
        {
            return known;
        }

        warnings.Add(string.Create(CultureInfo.InvariantCulture, $"the server does not say what happened under entry {counted.Index}, {what}"));
        return null;
    }
}

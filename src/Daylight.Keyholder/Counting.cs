using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Core.Releases;
using Daylight.Core.Releases.Noise;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Keyholder;

/// <summary>A count that has begun: what was opened becomes one number per person and measure at once, and is forgotten.</summary>
internal sealed class Counting
{
    private readonly Dictionary<string, int> numbers;
    private readonly int?[][] values; // by measure, then person
    private readonly bool[] seen;

    public Counting(ulong index, ReleaseRun run, Charter charter, Census census, IEnumerable<MeasurePlan> plans)
    {
        (Index, Run, Charter, Census, Plans) = (index, run, charter, census, [.. plans]);
        numbers = census.Ids.Select((p, i) => (p, i)).ToDictionary(p => p.p, p => p.i, StringComparer.Ordinal);
        values = [.. Plans.Select(_ => new int?[census.Ids.Count])];
        seen = new bool[census.Ids.Count];
    }

    public ulong Index { get; }

    public ReleaseRun Run { get; }

    public Charter Charter { get; }

    public Census Census { get; }

    public IReadOnlyList<MeasurePlan> Plans { get; }

    /// <summary>
    /// Opens contributions, on all processors. Each counts if a device of this person signed it for this week; the same device counts once a week. A person
    /// counts in the first part that names them, and in no other. What names a day on which its charter had ended counts for nothing.
    /// </summary>
    public void Add(IEnumerable<PersonChunk> contributions, KeyVault vault, CharterShelf charters, Authority authority)
    {
        var people = contributions.GroupBy(c => c.Person, StringComparer.Ordinal).Where(p => numbers.TryGetValue(p.Key, out var n) && !seen[n] && IsAsked(p.Key, authority)).Select(p => (Number: numbers[p.Key], Chunks: p.ToList())).ToList();
        var ends = people.SelectMany(p => p.Chunks).Select(c => SealedChunk.TryParse(Bytes(c))?.Charter.ToHex()).OfType<string>().Distinct().Where(h => charters.Sealing(h, Run.Program, Census.Period.First) is not null)
            .ToDictionary(h => h, h => authority.Charters[h].End?.Day ?? DateOnly.MaxValue, StringComparer.Ordinal);
        Parallel.ForEach(people, person =>
        {
            seen[person.Number] = true;
            var opened = person.Chunks
                .Select(c => Open(c, ends, vault, authority))
                .OfType<(CredentialId Device, ContributionPayload Payload)>()
                .DistinctBy(c => (c.Device, c.Payload.Week))
                .Select(c => c.Payload)
                .ToList();
            Take(person.Number, opened);
        });
    }

    /// <summary>Counts nobody any more who said no meanwhile, or whose keys went.</summary>
    /// <param name="gone">Whether the keys of somebody were destroyed or closed since it began.</param>
    /// <param name="authority">What the log says now.</param>
    public void Forget(Func<string, bool> gone, Authority authority)
    {
        foreach (var (person, number) in numbers.Where(n => seen[n.Value] && (!IsAsked(n.Key, authority) || gone(n.Key))))
        {
            Array.ForEach(values, v => v[number] = null);
        }
    }

    /// <summary>Whether what somebody said lets them be counted: whoever said no since counts in nothing.</summary>
    private bool IsAsked(string person, Authority authority) =>
        authority.Consents.TryGetValue((person, Run.Program), out var said) ? said.Given : Charter.Consent is not Consent.OptIn;

    /// <summary>The figures of every measure, on all processors.</summary>
    public IReadOnlyList<MeasureFigures> Figures(IReadOnlyList<string> references, ReleaseMemory? before, IReadOnlyList<long> budgets)
    {
        var since = before is null ? null : Since.Of(before, references);
        var figures = new MeasureFigures[Plans.Count];
        Parallel.For(0, figures.Length, m => figures[m] = Core.Releases.Figures.Of(Plans[m], Census, values[m], since, new NoiseSampler(new SecureBits()), budgets[m]));
        return figures;
    }

    private void Take(int person, List<ContributionPayload> devices)
    {
        var first = Census.Period.First.DayNumber;
        var days = devices.SelectMany(d => d.Days).Select(d => (Day: Day(d.Key).DayNumber - first, Values: d.Value)).ToList();
        if (days.Select(d => d.Day).Distinct().Count() < PersonFigure.FewestDays * Census.Period.Weeks)
        {
            return;
        }

        var buffer = new DayValue[days.Count];
        for (var m = 0; m < Plans.Count; m++)
        {
            var count = 0;
            foreach (var (day, measured) in days)
            {
                if (measured.TryGetValue(Plans[m].Measure.Name, out var value))
                {
                    buffer[count++] = new DayValue(day, value);
                }
            }

            values[m][person] = PersonFigure.Of(Plans[m].Measure, buffer.AsSpan(0, count), Census.Period.Weeks);
        }
    }

    private (CredentialId Device, ContributionPayload Payload)? Open(PersonChunk chunk, Dictionary<string, DateOnly> ends, KeyVault vault, Authority authority)
    {
        if (SealedChunk.TryParse(Bytes(chunk)) is not { } sealedChunk || !ends.TryGetValue(sealedChunk.Charter.ToHex(), out var end) || Census.Period.AllWeeks.All(w => w.ToString() != chunk.Week))
        {
            return null;
        }

        var info = new SealInfo(1, chunk.Person, Run.Program, "contribution", string.Empty, chunk.Week, sealedChunk.Charter.ToHex(), sealedChunk.Epoch);
        using var key = vault.PrivateKey(chunk.Person, Run.Program, sealedChunk.Epoch);
        if (key is null)
        {
            return null;
        }

        try
        {
            var opened = Sealer.Open(key, info, sealedChunk);
            return authority.Credentials.TryGetValue(opened.SignedBy, out var device) && device.Person == chunk.Person && opened.IsSignedBy(device.Key, info)
                && JsonSerializer.Deserialize(opened.Payload, ProtocolJson.Default.ContributionPayload) is { } payload && IsOfWeek(payload, chunk.Week) && payload.Days.Keys.All(d => Day(d) < end)
                ? (opened.SignedBy, payload)
                : null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return null; // not a contribution: it counts for nothing, and nothing about it is told
        }
    }

    private static byte[] Bytes(PersonChunk chunk)
    {
        try
        {
            return Convert.FromBase64String(chunk.Sealed);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static bool IsOfWeek(ContributionPayload payload, string week) => payload.Week == week && payload.Days is not null && payload.Days.All(d =>
        d.Value is not null && DateOnly.TryParseExact(d.Key, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && ReleaseWeek.Of(day).ToString() == week);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}

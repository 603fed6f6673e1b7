using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>Opens seals for a recorded disclosure, after every condition held, and projects to what the rule shows.</summary>
internal sealed class Opener(GroupCommitWriter writer, KeyVault vault, LogFollower log, CharterShelf charters, TimeProvider time)
{
    /// <summary>How old an entry may be when its seals are opened.</summary>
    internal static readonly TimeSpan EntryLife = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    private readonly RateLimit rate = new(600, TimeSpan.FromMinutes(1));

    public async Task<KeyholderResponse> OpenAsync(KeyholderRequest.Open message)
    {
        var now = time.GetUtcNow();
        var read = ReadEntry(message);
        if (read.Refused is not null)
        {
            return read.Refused;
        }

        var (disclosure, ask) = (read.Disclosure!, read.Ask!);
        var refused = log.CheckInclusion(message.Index, message.Checkpoint, message.Proof)
            ?? CheckAsk(disclosure, ask, now)
            ?? CheckRules(disclosure, ask)
            ?? CheckChunks(message.Chunks, disclosure, ask, now);
        if (refused is not null)
        {
            return refused;
        }

        if (!rate.Take(ask.Asker, now))
        {
            return Refuse("rate", "this asker has made too many openings within a minute");
        }

        return await UseOnceAsync(message.Index, disclosure, ask, now) ?? (KeyholderResponse)OpenAll(message.Chunks, ask, disclosure);
    }

    private (Disclosure? Disclosure, Ask? Ask, KeyholderResponse.Refused? Refused) ReadEntry(KeyholderRequest.Open message)
    {
        if (message.Index >= log.Size)
        {
            return (null, null, Refuse("not-followed", $"the keyholder has followed {log.Size} entries; entry {message.Index} is not among them"));
        }

        if (LogEntry.TryRead(log.Entry(message.Index))?.Open(message.Openings) is not Disclosure disclosure)
        {
            return (null, null, Refuse("opening", "the openings do not open that entry as a disclosure"));
        }

        return Statement.TryRead(disclosure.Signed.Bytes) is Ask ask && ask.Root == log.Authority.RootHash
            ? (disclosure, ask, null)
            : (null, null, Refuse("ask", "the disclosure carries no ask of this trust root"));
    }

    private KeyholderResponse.Refused? CheckAsk(Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        if (!log.Authority.Credentials.TryGetValue(new CredentialId(ask.Credential), out var credential) || credential.Person != ask.Asker)
        {
            return Refuse("credential", "the credential is not the asker's, or chains to no trust root");
        }

        if (!disclosure.Signed.IsSignedBy(credential.Key))
        {
            return Refuse("ask-signature", "the asker's credential did not sign this ask");
        }

        if (!ask.IsSelf && credential.Use != "person")
        {
            return Refuse("credential-use", "a device's key serves for looks at oneself only");
        }

        if (ask.Expires - ask.Time > (ask.IsSelf ? Ask.SelfLife : Ask.OtherLife) || now > ask.Expires || ask.Time > now + Skew)
        {
            return Refuse("ask-expired", "the ask is over, not begun, or longer than an ask may be");
        }

        if (disclosure.Time < now - EntryLife || disclosure.Time > now + Skew)
        {
            return Refuse("stale", "the entry was recorded too long ago to be opened now");
        }

        return disclosure.From < ask.From || disclosure.To > ask.To || disclosure.Programs.Except(ask.Programs, StringComparer.Ordinal).Any()
            ? Refuse("beyond-ask", "the entry goes beyond what was signed for")
            : null;
    }

    private KeyholderResponse.Refused? CheckRules(Disclosure disclosure, Ask ask)
    {
        var purposes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var program in disclosure.Programs)
        {
            var (charter, why) = charters.InForce(program);
            if (charter is null)
            {
                return Refuse(why, why == "paused" ? $"{program} is paused" : $"no charter of {program} is in force");
            }

            purposes.Add(charter.Purpose);
            switch (Rule(charter, ask))
            {
                case null:
                    return Refuse("rule", $"charter {program} version {charter.Version} has no rule {ask.Rule}");
                case { To: Audience.Self } when !ask.IsSelf:
                    return Refuse("relation", "that rule is for oneself");
                case { To: Audience.Role role } when !RolesOf(ask).Contains(role.Name):
                    return Refuse("role", $"the asker does not hold the role {role.Name}");
                case { Needs.Case: true } or { To: Audience.Manager or Audience.ManagerChain or Audience.TeamMember }:
                    // Cases are not in the log's vocabulary yet: what needs one stays shut.
                    return Refuse("case", "the rule needs an approved case, and there is none");
                case { To: Audience.Self } when disclosure.Relation != "self":
                    return Refuse("relation", "the entry tells the subject of another relation");
                default:
                    break;
            }
        }

        return purposes.SetEquals(disclosure.Why) ? null : Refuse("purpose", "the entry tells the subject of another purpose than the charters");
    }

    private KeyholderResponse.Refused? CheckChunks(IReadOnlyList<StoredChunk> chunks, Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        foreach (var chunk in chunks)
        {
            if (!disclosure.Programs.Contains(chunk.Program) || !ask.Kinds.Contains(chunk.Kind) || chunk.Kind != "records"
                || !DateOnly.TryParseExact(chunk.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                || day < disclosure.From || day > disclosure.To)
            {
                return Refuse("beyond-entry", "a chunk is not of the programs, kinds and days that the entry names");
            }

            if (day.AddDays(charters.InForce(chunk.Program).Charter!.Keep.Records) < DateOnly.FromDateTime(now.UtcDateTime))
            {
                return Refuse("expired", $"records of {chunk.Program} of that day are past their retention");
            }
        }

        return null;
    }

    private async Task<KeyholderResponse.Refused?> UseOnceAsync(ulong index, Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        // An entry opens once; an ask about somebody else, too. Kept until both would be refused for their age.
        List<string> uses = [$"entry {index}"];
        if (!ask.IsSelf)
        {
            uses.Add("ask " + disclosure.Signed.Digest().ToHex());
        }

        var until = Sql.Instant(now + TimeSpan.FromHours(9));
        var first = await writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM used WHERE until < @now", new { now = Sql.Instant(now) }, t);
            return uses.TrueForAll(what => c.Execute("INSERT INTO used (what, until) VALUES (@what, @until) ON CONFLICT DO NOTHING", new { what, until }, t) == 1);
        });
        return first ? null : Refuse("used", "that entry, or that ask, was opened before");
    }

    private KeyholderResponse.Opened OpenAll(IReadOnlyList<StoredChunk> chunks, Ask ask, Disclosure disclosure)
    {
        var (records, unreadable, unsigned) = (new List<ShownRecord>(), 0, 0);
        foreach (var chunk in chunks)
        {
            if (SealedChunk.TryParse(Convert.FromBase64String(chunk.Sealed)) is not { } sealedChunk || !charters.WasActivated(sealedChunk.Charter.ToHex(), chunk.Program))
            {
                unreadable++;
                continue;
            }

            var info = new SealInfo(1, ask.Subject, chunk.Program, chunk.Kind, chunk.Stream, chunk.Day, sealedChunk.Charter.ToHex(), sealedChunk.Epoch);
            if (TryOpen(sealedChunk, info) is not { } opened)
            {
                unreadable++;
            }
            else if (!IsSignedByDeviceOf(ask.Subject, opened, info))
            {
                unsigned++;
            }
            else if (Read(opened.Payload) is not { } payload)
            {
                unreadable++;
            }
            else
            {
                var rule = Rule(charters.InForce(chunk.Program).Charter!, ask)!;
                records.AddRange(payload.Select(r => Project(r, rule, chunk, charters.InForce(chunk.Program).Charter!.Stream(chunk.Stream))));
            }
        }

        return new KeyholderResponse.Opened(Merge(records, (program, stream) => charters.InForce(program).Charter!.Stream(stream)), unreadable, unsigned);
    }

    private static IReadOnlyList<PayloadRecord>? Read(byte[] payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, ProtocolJson.Default.IReadOnlyListPayloadRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private OpenedChunk? TryOpen(SealedChunk chunk, SealInfo info)
    {
        using var key = vault.PrivateKey(info.Subject, info.Program, info.Epoch);
        try
        {
            return key is null ? null : Sealer.Open(key, info, chunk);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private bool IsSignedByDeviceOf(string person, OpenedChunk opened, SealInfo info) =>
        log.Authority.Credentials.TryGetValue(opened.SignedBy, out var device) && device.Person == person && opened.IsSignedBy(device.Key, info);

    private static ShownRecord Project(PayloadRecord record, ShowRule.Individual rule, StoredChunk chunk, CollectedStream? stream)
    {
        // A stream that the charter in force no longer collects shows nothing but the rule's own list.
        var fields = (stream is null ? rule.Fields ?? [] : rule.FieldsOf(stream)).ToHashSet(StringComparer.Ordinal);
        return new ShownRecord(
            chunk.Program,
            chunk.Stream,
            fields.Contains("time") ? record.Start : new DateTimeOffset(DateOnly.ParseExact(chunk.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
            fields.Contains("time") ? record.Duration : 0,
            record.Data.Where(d => fields.Contains(d.Key) || (d.Key == MinimizedRecord.Events && fields.Contains("time"))).OrderBy(d => d.Key, StringComparer.Ordinal).ToDictionary(d => d.Key, d => d.Value));
    }

    // A growing event is sent in pieces, and a time step holds many events: what reads the same is one line.
    private static List<ShownRecord> Merge(List<ShownRecord> records, Func<string, string, CollectedStream?> find) => [.. records
        .GroupBy(r => (r.Program, r.Stream))
        .SelectMany(s => MinimizedRecord.Merge(find(s.Key.Program, s.Key.Stream), s, r => (r.Start, r.Data), (same, data) => same[0] with { Duration = same.Sum(r => r.Duration), Data = data }))
        .OrderBy(r => r.Start).ThenBy(r => r.Program, StringComparer.Ordinal).ThenBy(r => r.Stream, StringComparer.Ordinal)];

    private static ShowRule.Individual? Rule(Charter charter, Ask ask) => charter.IndividualRules.FirstOrDefault(r => r.Name == ask.Rule && r.What == IndividualKind.Records);

    private IEnumerable<string> RolesOf(Ask ask) => log.Authority.RolesOf(ask.Asker, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);
}

/// <summary>So many per asker and window; forgets by itself.</summary>
internal sealed class RateLimit(int most, TimeSpan window)
{
    private readonly Dictionary<string, Queue<DateTimeOffset>> taken = [];

    public bool Take(string who, DateTimeOffset now)
    {
        var times = taken.TryGetValue(who, out var known) ? known : taken[who] = new Queue<DateTimeOffset>();
        while (times.TryPeek(out var oldest) && oldest <= now - window)
        {
            times.Dequeue();
        }

        if (times.Count >= most)
        {
            return false;
        }

        times.Enqueue(now);
        return true;
    }
}

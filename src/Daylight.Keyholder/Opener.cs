using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Keyholder;

/// <summary>Opens seals for a recorded disclosure, after every condition held, and projects to what the rule shows.</summary>
internal sealed class Opener(KeyVault vault, LogFollower log, CharterShelf charters, OpeningLedger ledger, Witnesses witnesses, SteadyClock clock)
{
    /// <summary>How old an entry may be when its seals are opened.</summary>
    internal static readonly TimeSpan EntryLife = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>The kind of what people write beside their records to set them right; it is shown with them.</summary>
    internal const string Corrections = "corrections";

    private readonly RateLimit rate = new(600, TimeSpan.FromMinutes(1));

    public async Task<KeyholderResponse> OpenAsync(KeyholderRequest.Open message)
    {
        var now = clock.Now;
        var read = ReadEntry(message);
        if (read.Refused is not null)
        {
            return read.Refused;
        }

        var (disclosure, ask) = (read.Disclosure!, read.Ask!);
        var refused = log.CheckInclusion(message.Index, message.Checkpoint, message.Proof)
            ?? CheckAsk(disclosure, ask, read.Day, now)
            ?? CheckRules(disclosure, ask, read.Day, now)
            ?? CheckChunks(message.Chunks, disclosure, ask, now)
            ?? witnesses.Check(message.Checkpoint, message.Witnessed, ask.IsSelf ? null : message.Index, now);
        if (refused is not null)
        {
            return refused;
        }

        if (!rate.Take(ask.Asker, now))
        {
            return Refuse("rate", "this asker has made too many openings within a minute");
        }

        // An entry opens once; an ask about somebody else, too. Counted before it is answered.
        List<string> once = ask.IsSelf ? [] : ["ask " + disclosure.Signed.Digest().ToHex()];
        return await ledger.NoteLookAsync(message.Index, ask, disclosure.Tell, disclosure.Until, once)
            ? OpenAll(message.Chunks, disclosure, ask, now)
            : Refuse("used", "that entry, or that ask, was opened before");
    }

    private (Disclosure? Disclosure, Ask? Ask, DateOnly Day, KeyholderResponse.Refused? Refused) ReadEntry(KeyholderRequest.Open message)
    {
        if (message.Index >= log.Size)
        {
            return (null, null, default, Refuse("not-followed", $"the keyholder has followed {log.Size} entries; entry {message.Index} is not among them"));
        }

        var entry = LogEntry.TryRead(log.Entry(message.Index));
        if (entry?.Open(message.Openings) is not Disclosure disclosure)
        {
            return (null, null, default, Refuse("opening", "the openings do not open that entry as a disclosure"));
        }

        return Statement.TryRead(disclosure.Signed.Bytes) is Ask ask && ask.Root == log.Authority.RootHash
            ? (disclosure, ask, entry.Day, null)
            : (null, null, default, Refuse("ask", "the disclosure carries no ask of this trust root"));
    }

    private KeyholderResponse.Refused? CheckAsk(Disclosure disclosure, Ask ask, DateOnly recorded, DateTimeOffset now)
    {
        if (ask.Credential is { } named && (!log.Authority.Credentials.TryGetValue(new CredentialId(named), out var held) || held.Person != ask.Asker))
        {
            return Refuse("credential", "the credential is not the asker's, or chains to no trust root");
        }

        if (log.Authority.Signer(disclosure.Signed) is not { } credential || credential.Person != ask.Asker || (ask.Credential is not null && credential.Key.Id.Value != ask.Credential))
        {
            return Refuse("ask-signature", "the asker's credential did not sign this ask");
        }

        if (KindOf(disclosure) is null || ask.RuleFor(disclosure.What) is null)
        {
            return Refuse("kind", "a read is of records or of submissions, and of what the ask covers");
        }

        if (!ask.IsSelf && credential.Use != "person")
        {
            return Refuse("credential-use", "a device's key serves for looks at oneself only");
        }

        if (DateOnly.FromDateTime(now.UtcDateTime) < credential.LooksFrom)
        {
            return Refuse("credential-new", string.Create(CultureInfo.InvariantCulture, $"this machine came after another key of its person: it signs looks from {credential.LooksFrom:yyyy-MM-dd} on"));
        }

        if (ask.Expires - ask.Time > (ask.IsSelf ? Ask.SelfLife : Ask.OtherLife) || now > ask.Expires || ask.Time > now + Skew)
        {
            return Refuse("ask-expired", "the ask is over, not begun, or longer than an ask may be");
        }

        // What the subject is told, and for how long, counts from the entry's day: a day long gone would be forgotten at once.
        if (disclosure.Time < now - EntryLife || disclosure.Time > now + Skew || recorded < DateOnly.FromDateTime(now.UtcDateTime).AddDays(-1))
        {
            return Refuse("stale", "the entry was recorded too long ago to be opened now");
        }

        return disclosure.From < ask.From || disclosure.To > ask.To || disclosure.Programs.Except(ask.Programs, StringComparer.Ordinal).Any()
            ? Refuse("beyond-ask", "the entry goes beyond what was signed for")
            : null;
    }

    private KeyholderResponse.Refused? CheckRules(Disclosure disclosure, Ask ask, DateOnly recorded, DateTimeOffset now)
    {
        var purposes = new SortedSet<string>(StringComparer.Ordinal);
        var (tell, looks) = (int.MaxValue, 0);
        foreach (var program in disclosure.Programs)
        {
            var (charter, why) = charters.InForce(program);
            if (charter is null)
            {
                return Refuse(why, why == "paused" ? $"{program} is paused" : $"no charter of {program} is in force");
            }

            purposes.Add(charter.Purpose);
            if (Rule(charter, disclosure, ask) is not { } rule)
            {
                return Refuse("rule", $"charter {program} version {charter.Version} has no rule {ask.RuleFor(disclosure.What)}");
            }

            if ((CheckAudience(rule.To, disclosure, ask) ?? CheckPeople(program, charter, ask) ?? CheckNeeds(rule, disclosure, ask, now)) is { } refused)
            {
                return refused;
            }

            (tell, looks) = (Math.Min(tell, rule.TellWithinDays), Math.Max(looks, charter.Keep.Looks));
        }

        // The subject is told by the charter's date, and keeps what tells it as long as the charters say.
        return !purposes.SetEquals(disclosure.Why) ? Refuse("purpose", "the entry tells the subject of another purpose than the charters")
            : disclosure.Tell < recorded || disclosure.Tell > recorded.AddDays(ask.IsSelf ? 0 : tell) ? Refuse("tell", "the entry tells the subject on another day than the rule says")
            : disclosure.Until < recorded.AddDays(looks) || disclosure.Until > recorded.AddDays(looks + 1) ? Refuse("until", "the entry keeps its openings shorter, or longer, than the charters say")
            : null;
    }

    private KeyholderResponse.Refused? CheckAudience(Audience to, Disclosure disclosure, Ask ask) => to switch
    {
        Audience.Self when !ask.IsSelf => Refuse("relation", "that rule is for oneself"),
        Audience.Self when disclosure.Relation != "self" => Refuse("relation", "the entry tells the subject of another relation"),
        Audience.Role role when !RolesOf(ask).Contains(role.Name) => Refuse("role", $"the asker does not hold the role {role.Name}"),
        Audience.Role role when disclosure.Relation != role.Name => Refuse("relation", "the entry tells the subject of another relation"),
        Audience.Manager or Audience.ManagerChain or Audience.TeamMember when disclosure.Relation != RelationWord(to) => Refuse("relation", "the entry tells the subject of another relation"),
        _ => null,
    };

    private static string RelationWord(Audience to) => AccessWords.Relation(to switch
    {
        Audience.Manager => Relation.Manager,
        Audience.ManagerChain => Relation.FurtherUp,
        _ => Relation.TeamMember,
    });

    private KeyholderResponse.Refused? CheckNeeds(ShowRule.Individual rule, Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        if (rule.Needs.Hours is { } hours && !hours.Include(now))
        {
            return Refuse("hours", $"the rule lets one look {hours} only");
        }

        if (rule.Needs.StepUp is { } fresh && now - ask.Time > fresh)
        {
            return Refuse("step-up", "the asker's signature is older than the rule allows");
        }

        // Approvals are given to a case. And who manages whom is the server's word: for anyone but oneself and holders of a role, people must have agreed to
        // this very asker. To a submission its own author did, by signing to whom it is handed in.
        return rule.Needs.Case || rule.Needs.Approvals.Length > 0 || (GoesByRelation(rule) && rule.What == IndividualKind.Records)
            ? CheckCase(rule, disclosure, ask, now)
            : null;
    }

    private KeyholderResponse.Refused? CheckCase(ShowRule.Individual rule, Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        if (disclosure.Case is null || !log.Authority.Cases.TryGetValue(disclosure.Case, out var found)
            || found.Statement.Asker != ask.Asker || found.Statement.Subject != ask.Subject || found.Statement.Rule != ask.RuleFor(disclosure.What)
            || disclosure.Programs.Except(found.Statement.Programs, StringComparer.Ordinal).Any()
            || disclosure.From < found.Statement.From || disclosure.To > found.Statement.To)
        {
            return Refuse("case", "the rule needs an approved case of this asker about this person, these programs and these days, and there is none");
        }

        var opened = found.Statement.Time;
        var isOver = !found.IsOpen(DateOnly.FromDateTime(now.UtcDateTime)) || (rule.Needs.BreakGlass && (now > opened + Needs.BreakGlassLife || now < opened - Skew));
        return isOver ? Refuse("case-over", "the case is closed or over")
            : rule.Needs.Approvals.Count(found.Approvals.ContainsKey) < rule.Needs.Enough ? Refuse("approvals", $"the case needs {rule.Needs.Enough} approvals of {string.Join(", ", rule.Needs.Approvals)}")
            : found.Statement.Tell > DateOnly.FromDateTime(opened.UtcDateTime).AddDays(rule.TellWithinDays) ? Refuse("tell", "the case tells the person later than the rule says")
            : null;
    }

    /// <summary>Whoever approved a charter gains nothing by it, and who is asked must have agreed: both stand in the log.</summary>
    private KeyholderResponse.Refused? CheckPeople(string program, Charter charter, Ask ask)
    {
        if (ask.IsSelf)
        {
            return null;
        }

        var hash = log.Authority.Program(program).Active!;
        var said = log.Authority.Consents.GetValueOrDefault((ask.Subject, program));
        return log.Authority.Charters[hash].Approvals.Values.Contains(ask.Asker, StringComparer.Ordinal) ? Refuse("separation", "whoever approved the charter looks at nobody under it")
            : charter.Consent is Consent.OptIn && said is not { Given: true } ? Refuse("consent", "the program asks people, and this person did not agree")
            : charter.Consent is Consent.OptIn && said!.Charter != hash ? Refuse("consent", "this person agreed to another charter")
            : charter.Consent is Consent.OptOut && said is { Given: false } ? Refuse("consent", "this person objected")
            : null;
    }

    private KeyholderResponse.Refused? CheckChunks(IReadOnlyList<StoredChunk> chunks, Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        foreach (var chunk in chunks)
        {
            if (!disclosure.Programs.Contains(chunk.Program) || !(chunk.Kind == disclosure.What || (chunk.Kind == Corrections && KindOf(disclosure) == IndividualKind.Records))
                || !DateOnly.TryParseExact(chunk.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                || day < disclosure.From || day > disclosure.To)
            {
                return Refuse("beyond-entry", "a chunk is not of the programs, kinds and days that the entry names");
            }

            if (IsOver(day, charters.InForce(chunk.Program).Charter!.Keep, disclosure, now) && !IsHeld(chunk.Program, day, disclosure, ask, now))
            {
                return Refuse("expired", $"{chunk.Kind} of {chunk.Program} of that day are past their retention");
            }
        }

        return null;
    }

    private static bool IsOver(DateOnly day, Retention keep, Disclosure disclosure, DateTimeOffset now) =>
        day.AddDays(KindOf(disclosure) == IndividualKind.Records ? keep.Records : keep.Submissions) < DateOnly.FromDateTime(now.UtcDateTime);

    /// <summary>Whether the case under which somebody looks is the legal hold that keeps this: what is past its day is open to nobody else.</summary>
    private bool IsHeld(string program, DateOnly day, Disclosure disclosure, Ask ask, DateTimeOffset now) =>
        disclosure.Case is { } digest && log.Authority.Cases.GetValueOrDefault(digest) is { Statement: var hold } found && found.IsHolding(DateOnly.FromDateTime(now.UtcDateTime))
        && hold.Asker == ask.Asker && hold.Subject == ask.Subject && hold.Programs.Contains(program, StringComparer.Ordinal) && day >= hold.From && day <= hold.To;

    private KeyholderResponse.Opened OpenAll(IReadOnlyList<StoredChunk> chunks, Disclosure disclosure, Ask ask, DateTimeOffset now)
    {
        var (opened, unreadable, unsigned) = (new List<(StoredChunk Chunk, byte[] Payload)>(), 0, 0);
        foreach (var chunk in chunks)
        {
            var day = DateOnly.ParseExact(chunk.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
            var held = IsHeld(chunk.Program, day, disclosure, ask, now);
            if (SealedChunk.TryParse(Convert.FromBase64String(chunk.Sealed)) is not { } sealedChunk || charters.Sealing(sealedChunk.Charter.ToHex(), chunk.Program, day) is not { Keep: var promised }
                || (IsOver(day, promised, disclosure, now) && !held))
            {
                unreadable++; // also what a later charter would keep for longer than the one under which it was collected
                continue;
            }

            var info = new SealInfo(1, ask.Subject, chunk.Program, chunk.Kind, chunk.Stream, chunk.Day, sealedChunk.Charter.ToHex(), sealedChunk.Epoch);
            if (TryOpen(sealedChunk, info, held) is not { } plain)
            {
                unreadable++;
            }
            else if (!IsSignedByDeviceOf(ask.Subject, plain, info))
            {
                unsigned++;
            }
            else
            {
                opened.Add((chunk, plain.Payload));
            }
        }

        var (records, damaged) = KindOf(disclosure) == IndividualKind.Records ? Records(opened, disclosure, ask) : Submissions(opened, disclosure, ask);
        return new KeyholderResponse.Opened(records, unreadable + damaged, unsigned);
    }

    private (IReadOnlyList<ShownRecord> Records, int Damaged) Records(IReadOnlyList<(StoredChunk Chunk, byte[] Payload)> opened, Disclosure disclosure, Ask ask)
    {
        var read = opened.Select(o => (o.Chunk, Records: Read(o.Payload, ProtocolJson.Default.IReadOnlyListPayloadRecord) is { } list && AreWhole(list) ? list : null)).ToList();
        var records = read.Where(r => r.Records is not null && r.Chunk.Kind != Corrections).SelectMany(r => Project(r.Records!, charters.InForce(r.Chunk.Program).Charter!, disclosure, ask, r.Chunk)).ToList();
        var corrections = read.Where(r => r.Records is not null && r.Chunk.Kind == Corrections).SelectMany(r => r.Records!.Select(c => new ShownRecord(r.Chunk.Program, "correction", c.Start, 0, c.Data)));
        return ([.. Merge(records, (program, stream) => charters.InForce(program).Charter!.Stream(stream)), .. corrections.OrderBy(c => c.Start)], read.Count(r => r.Records is null));
    }

    /// <summary>Of each stream and day what was handed in last, to whom it was handed in: the person, holders of a role that the charter names, or whom the person named.</summary>
    private (IReadOnlyList<ShownRecord> Records, int Damaged) Submissions(IReadOnlyList<(StoredChunk Chunk, byte[] Payload)> opened, Disclosure disclosure, Ask ask)
    {
        var read = opened.Select(o => (o.Chunk, Submission: Read(o.Payload, ProtocolJson.Default.SubmissionPayload) is { } handedIn && AreWhole(handedIn.Entries) ? handedIn : null)).ToList();
        var records = read
            .Where(r => r.Submission is not null)
            .GroupBy(r => (r.Chunk.Program, r.Chunk.Stream, r.Chunk.Day))
            .Select(day => day.MaxBy(r => r.Submission!.Submitted))
            .Where(r => !GoesByRelation(Rule(charters.InForce(r.Chunk.Program).Charter!, disclosure, ask)!) || r.Submission!.To.Contains(ask.Asker, StringComparer.Ordinal))
            .SelectMany(r => Project(r.Submission!.Entries, charters.InForce(r.Chunk.Program).Charter!, disclosure, ask, r.Chunk))
            .OrderBy(r => r.Start).ThenBy(r => r.Program, StringComparer.Ordinal).ThenBy(r => r.Stream, StringComparer.Ordinal);
        return ([.. records], read.Count(r => r.Submission is null));
    }

    // JSON may have nothing where a record, or a field of one, belongs.
    private static bool AreWhole(IReadOnlyList<PayloadRecord> records) => records.All(r => r is not null && r.Data.Values.All(v => v is not null));

    private static T? Read<T>(byte[] payload, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(payload, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private OpenedChunk? TryOpen(SealedChunk chunk, SealInfo info, bool held)
    {
        using var key = vault.PrivateKey(info.Subject, info.Program, info.Epoch, held);
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

    private static IEnumerable<ShownRecord> Project(IReadOnlyList<PayloadRecord> records, Charter charter, Disclosure disclosure, Ask ask, StoredChunk chunk)
    {
        // A stream that the charter in force no longer collects shows nothing but the rule's own list.
        var (rule, stream) = (Rule(charter, disclosure, ask)!, charter.Stream(chunk.Stream));
        var fields = (stream is null ? rule.Fields ?? [] : rule.FieldsOf(stream)).ToHashSet(StringComparer.Ordinal);
        var withTime = fields.Contains("time");
        var day = new DateTimeOffset(DateOnly.ParseExact(chunk.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return records.Select(record => new ShownRecord(
            chunk.Program,
            chunk.Stream,
            withTime ? record.Start : day,
            withTime ? record.Duration : 0,
            record.Data.Where(d => fields.Contains(d.Key) || (withTime && d.Key == MinimizedRecord.Events)).ToDictionary(StringComparer.Ordinal)));
    }

    // A growing event is sent in pieces, and a time step holds many events: what reads the same is one line.
    private static List<ShownRecord> Merge(List<ShownRecord> records, Func<string, string, CollectedStream?> find) => [.. records
        .GroupBy(r => (r.Program, r.Stream))
        .SelectMany(s => MinimizedRecord.Merge(find(s.Key.Program, s.Key.Stream), s, r => (r.Start, r.Data), (same, data) => same[0] with { Duration = same.Sum(r => r.Duration), Data = data }))
        .OrderBy(r => r.Start).ThenBy(r => r.Program, StringComparer.Ordinal).ThenBy(r => r.Stream, StringComparer.Ordinal)];

    private static ShowRule.Individual? Rule(Charter charter, Disclosure disclosure, Ask ask) =>
        ask.RuleFor(disclosure.What) is { } name ? charter.IndividualRules.FirstOrDefault(r => r.Name == name && r.What == KindOf(disclosure)) : null;

    private static IndividualKind? KindOf(Disclosure disclosure) => disclosure.What switch
    {
        "records" => IndividualKind.Records,
        "submissions" => IndividualKind.Submissions,
        _ => null,
    };

    private static bool GoesByRelation(ShowRule.Individual rule) => rule.To is Audience.Manager or Audience.ManagerChain or Audience.TeamMember;

    private IEnumerable<string> RolesOf(Ask ask) => log.Authority.RolesOf(ask.Asker, DateOnly.FromDateTime(clock.Now.UtcDateTime));

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

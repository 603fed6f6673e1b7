using System.Text.Json.Nodes;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Transparency;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>What people decide about programs: consent, objection, acknowledgment. A person sees their own; others see counts, and who answers objections sees those.</summary>
internal sealed class Choices(TransparencyLog log, LogStore store, OpeningStore openings, ProgramCatalog programs, DirectoryStore directory, Callers callers, TimeProvider time)
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

    /// <summary>
    /// What was agreed to, and when, as a consent record in the shape of ISO/IEC TS 27560, in the words of the Data Privacy Vocabulary (JSON-LD), with what proves it from the
    /// log. Null when this person said nothing about that program.
    /// </summary>
    public JsonObject? Receipt(string person, string program)
    {
        var (said, issuer, url) = log.Read(a => (a.Consents.GetValueOrDefault((person, program)), a.Root?.Company ?? string.Empty, a.RootHash));
        if (said is null)
        {
            return null;
        }

        var events = Events(person, program).ToList();
        var hash = events.Select(e => e.Charter).LastOrDefault(c => c is { Length: > 0 });
        var charter = hash is null ? programs.Find(program)?.Charter : programs.EverInForce(program, hash);
        var record = new JsonObject
        {
            ["@context"] = new JsonObject
            {
                ["dpv"] = "https://w3id.org/dpv#",
                ["eu-gdpr"] = "https://w3id.org/dpv/legal/eu/gdpr#",
                ["dct"] = "http://purl.org/dc/terms/",
                ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
                ["daylight"] = "urn:daylight:",
            },
            ["@type"] = new JsonArray("dpv:ConsentRecord", "dpv:ConsentReceipt"),
            ["@id"] = $"urn:daylight:consent:{url[..16]}:{said.Entry}",
            ["dct:conformsTo"] = "ISO/IEC TS 27560:2023",
            ["dct:issued"] = Instant(time.GetUtcNow()),
            ["dct:identifier"] = $"{program}/{said.Entry}",
            ["dpv:hasDataSubject"] = person,
            ["dpv:hasDataController"] = new JsonObject { ["@type"] = "dpv:DataController", ["dpv:hasName"] = issuer },
            ["dpv:hasConsentStatus"] = "dpv:" + StatusOf(said.Standing),
            ["dct:hasPart"] = new JsonArray([.. events.Select(e => (JsonNode)Event(e, person))]),
        };
        if (charter is not null)
        {
            record["dpv:hasProcess"] = Process(charter, hash);
        }

        record["daylight:evidence"] = new JsonArray([.. events.Select(e => Evidence(e.Entry)).OfType<JsonNode>()]);
        return record;
    }

    /// <summary>How many people said what about a program; numbers that are few, or whose rest is few, are not said.</summary>
    public ConsentCounts? Counts(string program)
    {
        if (programs.Find(program) is not { } found)
        {
            return null;
        }

        var said = log.Read(a => a.Consents.Where(c => c.Key.Program == program).ToDictionary(c => c.Key.Person, c => c.Value, StringComparer.Ordinal));
        var covered = Covered(found.Charter).ToList();
        var yes = covered.Count(p => said.TryGetValue(p.Id, out var s) ? s.Given && (found.Charter.Consent is not Consent.OptIn || s.Charter == found.Hash) : found.Charter.Consent is not Consent.OptIn);
        var fewest = found.Charter.GroupRules.Select(r => r.MinimumGroup).Append(Fewest).Max();
        var isSaid = yes >= fewest && covered.Count - yes >= fewest;
        return new ConsentCounts(program, WordOf(found.Charter.Consent), covered.Count, fewest, isSaid ? yes : null, isSaid ? covered.Count - yes : null);
    }

    /// <summary>Everybody who is here and whom a charter covers.</summary>
    public IEnumerable<Core.Directory.Person> Covered(Charter charter) =>
        directory.Current is var people ? people.People.Where(p => (p.Left is null || p.Left > Today) && people.IsCovered(charter.Covers, p, callers.RolesOf(p.Id))) : [];

    /// <summary>Objections, those that wait first.</summary>
    public IReadOnlyList<ObjectionView> Objections() => [.. log.Read(a => a.Objections.ToList())
        .Select(o => new ObjectionView(
            o.Key, o.Value.Person, directory.Current.Person(o.Value.Person)?.Name ?? "somebody who left", o.Value.Program, o.Value.Grounds, o.Value.Due,
            o.Value.TakenBack ? "taken back" : o.Value.Answer is not null ? o.Value.Upheld ? "upheld" : "rejected" : o.Value.Due < Today ? "overdue" : "waiting"))
        .OrderBy(o => o.State is "upheld" or "rejected" or "taken back").ThenBy(o => o.Due)];

    private ChoiceView View(string person, ProgramInForce program)
    {
        var (said, noticed, objection, activated) = log.Read(a => (
            a.Consents.GetValueOrDefault((person, program.Program)),
            a.Acknowledged(person, program.Program, program.Hash),
            a.Objections.Values.FirstOrDefault(o => o.Answer is null && o.Person == person && o.Program == program.Program),
            a.Charters[program.Hash].ActivatedOn!.Value));
        var charter = program.Charter;
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
            _ when charter.Begins(activated) is var begins && begins > Today => $"people have notice of it until {Storage.Sql.Day(begins)}",
            _ => null,
        };
        return new ChoiceView(
            program.Program, program.Hash, program.Paused ? "paused" : charter.Until < Today ? "ended" : "active", charter.Explain.In(Language.English), WordOf(charter.Consent), charter.TakesObjections && objection is null,
            said?.Standing.ToString().ToLowerInvariant(), said?.Entry, why is null, why, charter.Begins(activated), charter.Notice.Acknowledged, noticed, objection?.Due);
    }

    private static string WordOf(Consent consent) => consent switch { Consent.OptIn => "opt-in", Consent.OptOut => "opt-out", _ => "none" };

    private static string StatusOf(Standing standing) => standing switch
    {
        Standing.Given => "ConsentGiven",
        Standing.Withdrawn => "ConsentWithdrawn",
        Standing.Rejected => "ConsentUnknown", // an objection that was answered is no consent
        Standing.Objected or Standing.Upheld or _ => "ConsentRefused",
    };

    private IEnumerable<(ulong Entry, LogEvent Happened, string? Charter, DateTimeOffset Time)> Events(string person, string program) => openings.Concerning(person, "subject", DateOnly.MaxValue, int.MaxValue)
        .Select(o => (o.Index, Happened: o.Openings.ReadEvent()))
        .Select(o => o.Happened switch
        {
            ConsentGiven { Signed: var s } when Statement.TryRead(s.Bytes) is GiveConsent g && g.Program == program => (o.Index, o.Happened, g.Charter, g.Time),
            ConsentWithdrawn { Signed: var s } when Statement.TryRead(s.Bytes) is WithdrawConsent w && w.Program == program => (o.Index, o.Happened, (string?)null, w.Time),
            ObjectionRaised { Signed: var s } when Statement.TryRead(s.Bytes) is RaiseObjection r && r.Program == program => (o.Index, o.Happened, null, r.Time),
            ObjectionAnswered { Signed: var s } when Statement.TryRead(s.Bytes) is AnswerObjection r && r.Program == program => (o.Index, o.Happened, null, r.Time),
            _ => ((ulong, LogEvent, string?, DateTimeOffset)?)null,
        })
        .Where(e => e is not null).Select(e => e!.Value).OrderBy(e => e.Item1);

    private static JsonObject Event((ulong Entry, LogEvent Happened, string? Charter, DateTimeOffset Time) e, string person) => new()
    {
        ["@type"] = e.Happened switch
        {
            ConsentGiven => new JsonArray("dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"),
            ConsentWithdrawn => new JsonArray("dpv:ConsentWithdrawn"),
            ObjectionRaised => new JsonArray("dpv:ConsentRefused", "eu-gdpr:A21"),
            _ => new JsonArray("daylight:objection-answered"),
        },
        ["dct:date"] = Instant(e.Time),
        ["dpv:isIndicatedBy"] = e.Happened is ObjectionAnswered ? "the privacy officer" : person,
        ["daylight:entry"] = e.Entry,
    };

    private static JsonObject Process(Charter charter, string? hash) => new()
    {
        ["@type"] = "dpv:Process",
        ["dct:title"] = charter.Program,
        ["dct:hasVersion"] = charter.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["dct:description"] = charter.Explain.In(Language.English),
        ["dpv:hasPurpose"] = new JsonObject { ["@type"] = Purposes.All[charter.Purpose].Dpv, ["dct:title"] = charter.Purpose, ["dct:description"] = Purposes.All[charter.Purpose].Says.English },
        ["dpv:hasLegalBasis"] = charter.LawfulBasis == "consent" ? "eu-gdpr:A6-1-a-explicit-consent" : charter.LawfulBasis,
        ["dpv:hasPersonalData"] = new JsonArray([.. charter.Collect.SelectMany(s => charter.LeavingFields(s).Select(f => (JsonNode)new JsonObject { ["@type"] = "dpv:PersonalData", ["dct:title"] = $"{s.Stream}/{f}" }))]),
        ["dpv:hasProcessing"] = new JsonArray("dpv:Collect", "dpv:Store", "dpv:Aggregate"),
        ["dpv:hasRecipient"] = new JsonArray([.. charter.Show.Select(r => (JsonNode)r.Name)]),
        ["dpv:hasStorageCondition"] = new JsonArray([.. charter.Keep.Kinds.Select(k => (JsonNode)new JsonObject { ["dct:title"] = k.Kind, ["dpv:hasDuration"] = $"P{k.Days}D" })]),
        ["dpv:hasDuration"] = new JsonObject { ["dct:from"] = Storage.Sql.Day(charter.From), ["dct:until"] = Storage.Sql.Day(charter.Until) },
        ["dpv:hasNotice"] = $"urn:daylight:charter:{hash}",
        ["dpv:hasRight"] = new JsonArray("eu-gdpr:A7-3", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A18", "eu-gdpr:A21", "eu-gdpr:A77"),
        ["dpv:hasWithdrawalMethod"] = "the page My choices, the agent's own page, or: daylight consent withdraw " + charter.Program,
    };

    private JsonObject? Evidence(ulong entry) => store.Entry(entry) is { } bytes && openings.Find(entry) is { } opened && log.Prove(entry) is { } proof
        ? new JsonObject
        {
            ["entry"] = Convert.ToBase64String(bytes),
            ["opening"] = new JsonObject { ["salt"] = opened.Subject.Salt, ["json"] = opened.Subject.Json },
            ["proof"] = new TlogProof(entry, proof.Proof, proof.Checkpoint).ToString(),
        }
        : null;

    private static JsonObject Instant(DateTimeOffset time) => new() { ["@type"] = "xsd:dateTime", ["@value"] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) };
}

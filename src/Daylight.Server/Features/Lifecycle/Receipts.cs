using System.Globalization;
using System.Text.Json.Nodes;
using Daylight.Core.Charters;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Hosting;
using Daylight.Transparency;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Consent receipts: what somebody agreed to and when, as ISO/IEC TS 27560 shapes it, in the words of the W3C Data Privacy Vocabulary 2.3 (JSON-LD, schema <c>dpv-27560</c>), with the log's
/// proofs beside it.
/// </summary>
internal sealed class Receipts(TransparencyLog log, LogStore store, OpeningStore openings, ProgramCatalog programs, DirectoryStore directory, ServerOptions options, TimeProvider time)
{
    private const string Schema = "https://w3id.org/dpv/schema/dpv-27560#";

    /// <summary>Where a choice is made and taken back.</summary>
    private const string Where = "the page My choices, the agent's own page, or: daylight consent give|withdraw ";

    // Members that are names of things, or instants: a reader of JSON-LD must not take them for text.
    private static readonly string[] Names =
        ["dct:conformsTo", "dct:publisher", "dpv:hasLegalBasis", "dpv:hasProcessing", "dpv:hasDataSource", "dpv:hasJurisdiction", "dpv:hasApplicableLaw", "dpv:hasLocation", "dpv:isIndicatedBy", "daylight:charter"];

    // Member states of the EU, and of the EEA.
    private static readonly string[] UnderGdpr = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"];

    /// <summary>A person's receipt for a program. Null when this person said nothing about it.</summary>
    public JsonObject? Of(string person, string program)
    {
        var (said, company, root) = log.Read(a => (a.Consents.GetValueOrDefault((person, program)), a.Root?.Company ?? string.Empty, a.RootHash));
        if (said is null)
        {
            return null;
        }

        var events = Events(person, program).ToList();
        var hash = events.Select(e => e.Charter).LastOrDefault(c => c is { Length: > 0 });
        var charter = hash is null ? programs.Find(program)?.Charter : programs.EverInForce(program, hash);
        hash ??= programs.Find(program)?.Hash;
        var (id, controller) = ($"{root[..16]}:{said.Entry.ToString(CultureInfo.InvariantCulture)}", "urn:daylight:controller:" + root[..16]);
        var record = new JsonObject
        {
            ["@id"] = "urn:daylight:consent:" + id,
            ["@type"] = "dpv:ConsentRecord",
            ["dct:identifier"] = $"{program}/{said.Entry}",
            ["dct:conformsTo"] = Schema + "record",
            ["dpv:hasDataSubject"] = new JsonObject { ["@id"] = "urn:daylight:person:" + person, ["@type"] = new JsonArray("dpv:DataSubject", "dpv:Employee"), ["dct:identifier"] = person },
            ["dpv:hasDataController"] = Controller(controller, company),
        };
        if (Countries(person) is { Count: > 0 } countries)
        {
            record["dpv:hasJurisdiction"] = new JsonArray([.. countries.Select(c => (JsonNode)("loc:" + c))]);
            if (countries.Any(UnderGdpr.Contains))
            {
                record["dpv:hasApplicableLaw"] = "legal-eu:law-GDPR";
            }
        }

        if (charter is not null && hash is not null)
        {
            record["dpv:hasNotice"] = Notice(charter, hash);
            record["dpv:hasProcess"] = Process(charter);
        }

        record["dpv:hasConsentControl"] = new JsonObject { ["@type"] = new JsonArray("dpv:ProvideConsent", "dpv:WithdrawConsent"), ["dpv:isExercisedAt"] = Where + program };
        record["dpv:hasRight"] = new JsonArray([.. new[] { "A7-3", "A15", "A16", "A17", "A18", "A21", "A77" }.Select(a => (JsonNode)new JsonObject { ["@type"] = new JsonArray("dpv:DataSubjectRight", "eu-gdpr:" + a) })]);
        record["dpv:hasConsentStatus"] = new JsonArray([.. events.Select(e => (JsonNode)Status(e, charter, controller))]);
        return new JsonObject
        {
            ["@context"] = Context(),
            ["@id"] = "urn:daylight:receipt:" + id,
            ["@type"] = "dpv:ConsentReceipt",
            ["dct:identifier"] = $"{program}/{said.Entry}/receipt",
            ["dct:conformsTo"] = Schema + "receipt",
            ["dct:created"] = Instant(time.GetUtcNow()),
            ["dct:publisher"] = controller,
            ["dpv:hasRecordOfActivity"] = record,
            ["daylight:standing"] = said.Standing.ToString().ToLowerInvariant(),
            ["daylight:evidence"] = new JsonArray([.. events.Select(e => Evidence(e.Entry)).OfType<JsonNode>()]),
        };
    }

    private static JsonObject Context()
    {
        var context = new JsonObject
        {
            ["dpv"] = "https://w3id.org/dpv#",
            ["eu-gdpr"] = "https://w3id.org/dpv/legal/eu/gdpr#",
            ["legal-eu"] = "https://w3id.org/dpv/legal/eu#",
            ["loc"] = "https://w3id.org/dpv/loc#",
            ["dct"] = "http://purl.org/dc/terms/",
            ["rdf"] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
            ["daylight"] = "urn:daylight:",
        };
        foreach (var (member, type) in Names.Select(n => (n, "@id")).Concat([("dct:created", "xsd:dateTime"), ("dpv:isIndicatedAtTime", "xsd:dateTime"), ("dct:date", "xsd:date")]))
        {
            context[member] = new JsonObject { ["@type"] = type };
        }

        return context;
    }

    private JsonObject Controller(string id, string company)
    {
        var controller = new JsonObject { ["@id"] = id, ["@type"] = "dpv:DataController", ["dpv:hasName"] = company };
        if (options.Contact is { } contact)
        {
            controller["dpv:hasContact"] = contact;
        }

        return controller;
    }

    // Where the person works decides whose law it is; where the directory does not say, the countries in which the company keeps its data.
    private List<string> Countries(string person) => directory.Current.Person(person) is { Country: { Length: 2 } country } ? [country.ToUpperInvariant()] : [.. options.StoredIn];

    private JsonObject Notice(Charter charter, string hash) => new()
    {
        ["@id"] = "urn:daylight:charter:" + hash,
        ["@type"] = "dpv:ConsentNotice",
        ["dct:title"] = charter.Program,
        ["dct:hasVersion"] = charter.Version.ToString(CultureInfo.InvariantCulture),
        ["dct:description"] = new JsonArray([.. charter.Explain.Written.Select(t => (JsonNode)new JsonObject { ["@language"] = Code(t.Language), ["@value"] = t.Text })]),
        ["dct:language"] = new JsonArray([.. charter.Explain.Written.Select(t => (JsonNode)Code(t.Language))]),
        ["dct:date"] = Storage.Sql.Day(log.Read(a => a.Charters[hash].ActivatedOn!.Value)),
        ["dct:coverage"] = $"{Storage.Sql.Day(charter.From)}/{Storage.Sql.Day(charter.Until)}",
    };

    private JsonObject Process(Charter charter) => new()
    {
        ["@type"] = "dpv:Process",
        ["dct:title"] = charter.Program,
        ["dpv:hasPurpose"] = new JsonObject { ["@type"] = new JsonArray("dpv:Purpose", Purposes.All[charter.Purpose].Dpv), ["dct:title"] = charter.Purpose, ["dct:description"] = Purposes.All[charter.Purpose].Says.English },
        ["dpv:hasLegalBasis"] = BasisOf(charter.LawfulBasis),
        ["dpv:hasPersonalData"] = new JsonArray([.. charter.Collect.SelectMany(s => charter.LeavingFields(s).Select(f => (JsonNode)new JsonObject { ["@type"] = "dpv:PersonalData", ["dct:title"] = $"{s.Stream}/{f}" }))]),
        ["dpv:hasProcessing"] = new JsonArray("dpv:Collect", "dpv:Store", "dpv:Aggregate"),
        ["dpv:hasDataSource"] = "dpv:DataSubjectDataSource",
        ["dpv:hasRecipient"] = new JsonArray([.. charter.Show.Select(r => (JsonNode)new JsonObject { ["@type"] = "dpv:Recipient", ["dct:title"] = r.Name })]),
        ["dpv:hasStorageCondition"] = new JsonArray([Location(), .. charter.Keep.Kinds.Select(k => (JsonNode)new JsonObject
        {
            ["@type"] = "dpv:StorageDuration",
            ["dct:title"] = k.Kind,
            ["dpv:hasDuration"] = new JsonObject { ["@type"] = "xsd:duration", ["@value"] = string.Create(CultureInfo.InvariantCulture, $"P{k.Days}D") },
        })]),
    };

    private JsonObject Location() => options.StoredIn.Count > 0
        ? new JsonObject { ["@type"] = "dpv:StorageLocation", ["dpv:hasLocation"] = new JsonArray([.. options.StoredIn.Select(c => (JsonNode)("loc:" + c))]) }
        : new JsonObject { ["@type"] = "dpv:StorageLocation", ["dct:description"] = "servers that the controller operates itself; it has not said in which country" };

    private static string BasisOf(string basis) => basis switch
    {
        "consent" => "eu-gdpr:A6-1-a-explicit-consent",
        "contract" => "eu-gdpr:A6-1-b",
        "legal-obligation" => "eu-gdpr:A6-1-c",
        "legitimate-interests" => "eu-gdpr:A6-1-f",
        _ => "daylight:" + basis, // a works agreement (Art. 88): the vocabulary has no term for it
    };

    private static JsonObject Status((ulong Entry, LogEvent Happened, string? Charter, DateTimeOffset Time) e, Charter? charter, string controller)
    {
        var status = new JsonObject
        {
            ["@type"] = e.Happened switch
            {
                ConsentGiven => new JsonArray("dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"),
                ConsentWithdrawn => new JsonArray("dpv:ConsentWithdrawn"),
                ObjectionRaised => new JsonArray("dpv:ConsentRefused", "eu-gdpr:A21"),
                _ => new JsonArray("daylight:objection-answered"),
            },
            ["dpv:isIndicatedBy"] = e.Happened is ObjectionAnswered ? controller : "dpv:DataSubject",
            ["dpv:hasIndicationMethod"] = "a signature with a key of theirs, recorded in the transparency log",
            ["dpv:isIndicatedAtTime"] = Instant(e.Time),
            ["daylight:entry"] = e.Entry,
        };
        if (e.Charter is { Length: > 0 } hash)
        {
            status["daylight:charter"] = "urn:daylight:charter:" + hash;
        }

        if (e.Happened is ConsentGiven && charter is not null)
        {
            status["dpv:hasDuration"] = new JsonObject { ["@type"] = "dpv:UntilTimeDuration", ["rdf:value"] = Storage.Sql.Day(charter.Until) };
        }

        return status;
    }

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

    private JsonObject? Evidence(ulong entry) => store.Entry(entry) is { } bytes && openings.Find(entry) is { } opened && log.Prove(entry) is { } proof
        ? new JsonObject
        {
            ["daylight:entry"] = Convert.ToBase64String(bytes),
            ["daylight:salt"] = opened.Subject.Salt,
            ["daylight:opening"] = opened.Subject.Json,
            ["daylight:proof"] = new TlogProof(entry, proof.Proof, proof.Checkpoint).ToString(),
        }
        : null;

    private static string Code(Language language) => language switch { Language.German => "de", Language.French => "fr", Language.English or _ => "en" };

    private static string Instant(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

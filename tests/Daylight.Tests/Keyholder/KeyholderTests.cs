using System.Text.Json;
using Dapper;
using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>A company whose server has gone bad: it holds the log's key and the sealed chunks, and sends the keyholder what it likes.</summary>
public abstract class KeyholderTests : IAsyncLifetime
{
    private protected const string CaseRule = "role:investigator/records";

    private protected static readonly DateOnly Day = new(2026, 11, 2);

    private protected TestCompany Company { get; private set; } = null!;

    private protected CredentialKey Device { get; private set; } = null!;

    private protected VerifiedProgram Program { get; set; } = null!;

    /// <summary>A charter of the test's own; null takes everybody's.</summary>
    private protected virtual string? Charter => null;

    public async ValueTask InitializeAsync()
    {
        Company = Charter is { } charter ? await TestCompany.StartAsync(charter: charter) : await TestCompany.StartCopyAsync();
        Device = await Company.EnrollDeviceAsync("anna");
        Program = (await Company.BundleAsync("anna", Device)).Programs[0];
    }

    public async ValueTask DisposeAsync()
    {
        await Company.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected DateTimeOffset Now => Company.Clock.Now;

    private protected DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    private protected TransparencyLog Log => Company.Part<TransparencyLog>();

    private protected string Root => Company.Root.Fingerprint;

    private protected Ask Ask() => AskBy("anna");

    private protected Ask AskBy(string name) => new(
        Root, Now, Guid.CreateVersion7().ToString("N"), Company.Id(name), Company.Id("anna"),
        ["focus-time"], ["records"], Day, Day.AddDays(20), "self/records", Now.AddMinutes(name == "anna" ? 60 : 10), Company.KeyOf(name).Credential.Id.Value);

    private protected Disclosure Look(Ask ask, CredentialKey? key = null) =>
        new(SignedStatement.Sign(ask, key ?? Company.KeyOf("anna")), "self", ["workload-management"], ask.Kinds[0], ["focus-time"], Day, Day, Now, Today, Today.AddDays(730));

    private protected async Task<KeyholderRequest.Open> RecordAsync(
        Ask ask, Func<SignedStatement, SignedStatement>? sign = null, CredentialKey? key = null, Func<Disclosure, Disclosure>? disclosure = null)
    {
        var happened = Look(ask, key);
        happened = happened with { Signed = sign?.Invoke(happened.Signed) ?? happened.Signed };
        var (entry, openings) = await Log.AppendAsync(disclosure?.Invoke(happened) ?? happened);
        return Message(entry, openings);
    }

    /// <summary>A look of an investigator, told in 30 days, that rests on a case.</summary>
    private protected Task<KeyholderRequest.Open> RecordCaseAsync(string? digest, string asker = "snoop", Func<Ask, Ask>? ask = null, Func<Disclosure, Disclosure>? disclosure = null)
    {
        var wanted = AskBy(asker) with { Rule = CaseRule };
        return RecordAsync(ask?.Invoke(wanted) ?? wanted, key: Company.KeyOf(asker), disclosure: d =>
        {
            var look = d with { Relation = "investigator", Tell = Today.AddDays(30), Case = digest };
            return disclosure?.Invoke(look) ?? look;
        });
    }

    /// <summary>Opens a case about anna; returns its digest.</summary>
    private protected async Task<string> OpenCaseAsync(Func<OpenCase, OpenCase>? change = null, string asker = "snoop", bool bad = false, params IReadOnlyList<string> approvers)
    {
        var wanted = new OpenCase(
            Root, Now, Guid.CreateVersion7().ToString("N"), Company.Id(asker), Company.Id("anna"), ["focus-time"], CaseRule, Day, Day.AddDays(20), Today.AddDays(60), Today.AddDays(30), "a test");
        var signed = SignedStatement.Sign(change?.Invoke(wanted) ?? wanted, Company.KeyOf(asker));
        if (bad)
        {
            await Log.AppendAsync(new CaseOpened(signed));
        }
        else
        {
            await Company.SubmitAsync(asker, new CaseOpened(signed));
        }

        var digest = signed.Digest().ToHex();
        foreach (var approver in approvers.Count > 0 ? approvers : ["officer", "council"])
        {
            await Company.SubmitAsync(approver, new CaseApproved(SignedStatement.Sign(
                new ApproveCase(Root, Now, digest, approver == "officer" ? "privacy-officer" : "works-council"), Company.KeyOf(approver))));
        }

        return digest;
    }

    private protected KeyholderRequest.Open Message(AppendedEntry entry, Openings openings) => new(entry.Index, openings, entry.Checkpoint, entry.Proof, [Chunk()]);

    /// <summary>The same for an entry of a log that was written by hand.</summary>
    private protected KeyholderRequest.Open Message(HandLog log, Openings openings) => new(log.Size - 1, openings, log.Checkpoint(log.Size), log.Proof(log.Size - 1), [Chunk()]);

    private protected async Task<KeyholderRequest.Open> RecordByHandAsync(HandLog log, Ask ask)
    {
        var openings = log.Add(Look(ask));
        Assert.IsType<KeyholderResponse.Followed>(await log.FollowAsync());
        return Message(log, openings!);
    }

    private protected StoredChunk Chunk() => Stored(ChunkSealer.Records(Program, Company.Id("anna"), Device, "window", "2026-11-02", Records()));

    private protected static PayloadRecord[] Records() =>
        [new(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero), 300, new Dictionary<string, string> { ["app"] = "Editor", ["secret"] = "not in the rule's fields" })];

    private protected static StoredChunk Stored(UploadedChunk chunk) => new(chunk.Program, chunk.Kind, chunk.Stream, chunk.Day, chunk.Sealed);

    private protected NoteSigner LogSigner()
    {
        using var connection = Company.Database.Open();
        var keys = Company.Part<Daylight.Server.Hosting.ServerKeys>();
        var box = connection.QuerySingle<byte[]>("SELECT sealed FROM settings WHERE name = 'log-key'");
        var stored = JsonSerializer.Deserialize(keys.Box.Open(box, "setting log-key"), Daylight.Server.Hosting.LogKeyJson.Default.LogKey)!;
        return new NoteSigner(stored.Origin, NoteKeyType.Ed25519, Convert.FromBase64String(stored.Seed));
    }

    private protected async Task RefusedAsync(string code, KeyholderRequest.Open message) => AssertRefused(code, await ExchangeAsync(message));

    private protected static void AssertRefused(string code, KeyholderResponse answer) => Assert.Equal(code, Assert.IsType<KeyholderResponse.Refused>(answer).Code);

    private protected async Task<ShownRecord> OpenedAsync(KeyholderRequest.Open message) => Assert.Single(Assert.IsType<KeyholderResponse.Opened>(await ExchangeAsync(message)).Records);

    private protected Task<KeyholderResponse> SendAsync(KeyholderRequest.Open message) => ExchangeAsync(message);

    private protected Task<KeyholderResponse> ExchangeAsync(KeyholderRequest message) => HandLog.ExchangeAsync(Company.Keyholder, message);

    private protected async Task<KeyholderResponse.Identity> HelloAsync() => Assert.IsType<KeyholderResponse.Identity>(await ExchangeAsync(new KeyholderRequest.Hello()));

    private protected Task<HandLog> GoOnByHandAsync() => HandLog.ContinueAsync(Company.Keyholder, Company.Keyholder, LogSigner(), Company.Clock);

    /// <summary>The keyholder's signed count of anna's openings, checked.</summary>
    private protected async Task<(CountOfOpenings Signed, KeyholderResponse.OpeningsMade Made)> CountAsync(string name = "anna", IKeyholderChannel? keyholder = null)
    {
        var nonce = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var made = Assert.IsType<KeyholderResponse.OpeningsMade>(await HandLog.ExchangeAsync(keyholder ?? Company.Keyholder, new KeyholderRequest.OpeningsOf(Company.Id(name), nonce)));
        var signed = Assert.IsType<CountOfOpenings>(KeyholderStatement.TryOpen(made.Note, NoteVerifier.Parse(Company.Keyholder.StatementKey)));
        Assert.Equal((nonce, Company.Id(name), Root), (signed.Nonce, signed.Person, signed.Root));
        return (signed, made);
    }

    /// <summary>Copies the keyholder's database as it is now.</summary>
    private protected string CopyKeyholder(string name)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Company.Folder, name)).FullName, "keyholder.db");
        using var connection = new SqliteDatabase(Company.KeyholderFile, readOnly: true).Open();
        connection.Execute("VACUUM INTO @file", new { file });
        return file;
    }

    /// <summary>Another keyholder on a copy, in front of a log that is written by hand. Its start is in the log.</summary>
    private protected async Task<Twin> StartTwinAsync(IDatabase database, bool hear = true)
    {
        var twin = await KeyholderService.OpenAsync(database, Company.OpenKek(), Company.Clock);
        var log = await HandLog.ContinueAsync(Company.Keyholder, twin, LogSigner(), Company.Clock);
        if (hear)
        {
            await log.HearAsync();
        }

        return new Twin(twin, log);
    }
}

/// <summary>A second keyholder, and the log in front of it.</summary>
internal sealed record Twin(KeyholderService Keyholder, HandLog Log) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Keyholder.DisposeAsync();
}

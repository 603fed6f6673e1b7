using System.Security.Cryptography;
using System.Text;
using Daylight.Agent;
using Daylight.Agent.Trust;
using Daylight.Core.Directory;
using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Daylight.Tests.Company;

/// <summary>A small real company: server, log, keyholder and their databases, in one process, with a clock that the test sets.</summary>
internal sealed class TestCompany : IAsyncDisposable
{
    public const string Program = "focus-time";

    private const string Kek = "DAYLIGHT_TEST_KEK";

    private static readonly Lock TemplateLock = new();
    private static Task<TestCompany>? template;

    private byte[] serverKey = RandomNumberGenerator.GetBytes(32);
    private Dictionary<string, CredentialKey> keys = [];
    private readonly string folder = Directory.CreateTempSubdirectory("daylight-test-").FullName;
    private readonly IDatabase database;
    private IReadOnlyDictionary<string, EnrollmentCode> deviceCodes = new Dictionary<string, EnrollmentCode>();
    private IReadOnlyDictionary<string, EnrollmentCode> personCodes = new Dictionary<string, EnrollmentCode>();

    static TestCompany() => Environment.SetEnvironmentVariable(Kek, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    private TestCompany(DatabaseKind kind) => database = TestDatabases.Create(kind, folder);

    public TestClock Clock { get; } = new(new DateTimeOffset(2026, 11, 2, 9, 0, 0, TimeSpan.Zero));

    /// <summary>Whether employees see the looker's name; counts from the next start on.</summary>
    public bool ShowNames { get; set; }

    /// <summary>Days of the access review of each quarter, which opens by itself; counts from the next start on.</summary>
    public int? AccessReviewDays { get; set; }

    /// <summary>How mail is sent; counts from the next start on.</summary>
    public Daylight.Server.Features.Notices.MailOptions? Mail { get; set; }

    /// <summary>Whether passwords sign in; the next start takes it.</summary>
    public bool Passwords { get; set; }

    /// <summary>The identity provider; the next start takes it.</summary>
    public Daylight.Server.Features.SignIn.Oidc.OidcOptions? Oidc { get; set; }

    /// <summary>Where it listens beside its socket; the next start takes it.</summary>
    public string? Listen { get; set; }

    public KeyholderService Keyholder { get; private set; } = null!;

    public SwitchableChannel Channel { get; private set; } = null!;

    public DaylightServer Server { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>How much a change of the directory may widen before it waits; from the next start on.</summary>
    public long? HoldAbove { get; set; }

    public TrustRoot Root => Server.Founding().Root!;

    public IDatabase Database => database;

    public string Folder => folder;

    public string KeysFolder => Path.Combine(folder, "keys");

    public string KeyholderFile => Path.Combine(folder, "keyholder", "keyholder.db");

    /// <summary>Everybody: manager "boss" of team "crew" with anna, ben, cleo, dora, emil; owner, officer, council; "snoop" is an investigator.</summary>
    public IReadOnlyList<Person> People { get; private set; } = [];

    /// <summary>A company; on SQLite, where nothing else is asked for, the same as everybody's.</summary>
    public static Task<TestCompany> StartAsync(DatabaseKind kind = DatabaseKind.Sqlite, bool found = true, string? charter = null) =>
        kind == DatabaseKind.Sqlite && found && charter is null ? StartCopyAsync() : StartAnotherAsync(kind, found, charter);

    /// <summary>A company of its own, which has nothing in common with any other.</summary>
    public static async Task<TestCompany> StartAnotherAsync(DatabaseKind kind = DatabaseKind.Sqlite, bool found = true, string? charter = null)
    {
        var company = new TestCompany(kind);
        await company.OpenAsync();
        if (found)
        {
            await company.FoundAsync();
            await company.ActivateAsync(charter ?? Charter());
        }

        return company;
    }

    /// <summary>The same company as everybody's, from copies of its files: a founding costs more than most tests.</summary>
    /// <param name="before">Sets how it starts.</param>
    public static async Task<TestCompany> StartCopyAsync(Action<TestCompany>? before = null)
    {
        Task<TestCompany> founding;
        lock (TemplateLock)
        {
            founding = template ??= FoundTemplateAsync();
        }

        var founded = await founding;
        var company = new TestCompany(DatabaseKind.Sqlite)
        {
            serverKey = founded.serverKey,
            keys = new Dictionary<string, CredentialKey>(founded.keys),
            People = founded.People,
            deviceCodes = founded.deviceCodes,
            personCodes = founded.personCodes,
        };
        foreach (var file in (string[])["server/server.db", "keyholder/keyholder.db", "keys/keyholder.epoch"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(company.folder, file))!);
            File.Copy(Path.Combine(founded.folder, file), Path.Combine(company.folder, file), overwrite: true);
        }

        before?.Invoke(company);
        await company.OpenAsync();
        return company;
    }

    private static async Task<TestCompany> FoundTemplateAsync()
    {
        var company = await StartAnotherAsync();
        await company.StopAsync();
        company.database.Scrub();
        new SqliteDatabase(company.KeyholderFile).Scrub();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(company.folder, recursive: true);
        return company;
    }

    /// <summary>The test's charter: records kept 14 days, any hour.</summary>
    public static string Charter(string show = "", string program = Program) => $$"""
        program: {{program}}
        version: 1
        explain: We measure focus time per team; nobody sees your own day but you, or an investigator in an approved case.
        purpose: workload-management
        lawful-basis: legitimate-interests
        necessity: A test needs this and nothing more.
        owner: role:program-owner
        covers: everyone
        from: 2026-11-02
        until: 2027-05-31
        hours: { when: always, because: tests run at any hour }
        collect:
          window: { app: category, title: drop, time: round 5m }
          afk: { status: keep }
          input: { presses: count 1d }
        measures:
          focus-minutes: { from: window, sum: duration, where: { app: [Editor] }, while: { afk: not-afk }, per: day, clamp: 0..600, unit: min }
        keep: { records: 14d, contributions: 35d, releases: 2y, looks: 2y }
        show:
          - { to: self, what: records, fields: [app, presses, time] }
          - { to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }
          - { to: role:investigator, what: records, fields: [app], needs: { case: true, approvals: [privacy-officer, works-council] }, tell: within 30d }
        {{show}}
        consent: none, by agreement
        ai-training: never
        review: { every: 3 months, by: [privacy-officer] }
        """;

    public string Id(string name) => People.First(p => p.Name == name).Id;

    /// <summary>The credential that a person signs with.</summary>
    public CredentialKey KeyOf(string name) => keys[name];

    public ApiClient As(string name) => ApiClient.WithCredential(Http, keys[name], Root.Fingerprint, Clock);

    public T Part<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();

    /// <summary>Enrolls a device of a person.</summary>
    public async Task<CredentialKey> EnrollDeviceAsync(string name) =>
        (await Enrollment.RegisterAsync(Http, deviceCodes[Id(name)].ToString(), "device", null, Clock, CancellationToken.None)).Key;

    public string PersonCode(string name) => personCodes[Id(name)].ToString();

    public string DeviceCode(string name) => deviceCodes[Id(name)].ToString();

    /// <summary>Registers a person's own key.</summary>
    public async Task<CredentialKey> EnrollPersonAsync(string name) =>
        keys[name] = (await Enrollment.RegisterAsync(Http, personCodes[Id(name)].ToString(), "person", null, Clock, CancellationToken.None)).Key;

    /// <summary>Proposes, approves and activates a charter.</summary>
    public async Task ActivateAsync(string yaml, string owner = "owner")
    {
        var (program, hash, now) = (yaml.Split('\n').First(l => l.StartsWith("program:", StringComparison.Ordinal))[9..].Trim(), Authority.CharterHash(yaml), Clock.Now);
        await SubmitAsync(owner, new CharterProposed(SignedStatement.Sign(new ProposeCharter(Root.Fingerprint, now, program, hash), keys[owner]), yaml));
        await SubmitAsync("officer", new CharterApproved(SignedStatement.Sign(new ApproveCharter(Root.Fingerprint, now, program, hash, "privacy-officer", await ReadAsync("officer", new ChangeWanted(Charter: hash))), keys["officer"])));
        await SubmitAsync("council", new CharterApproved(SignedStatement.Sign(new ApproveCharter(Root.Fingerprint, now, program, hash, "works-council", await ReadAsync("council", new ChangeWanted(Charter: hash))), keys["council"])));
        await SubmitAsync(owner, new CharterActivated(SignedStatement.Sign(new ActivateCharter(Root.Fingerprint, now, program, hash), keys[owner])));
    }

    /// <summary>A report with one finding, its fix and its test.</summary>
    public static ReviewReport Report { get; } = new(
        "A backup could be read by too many; now it cannot.", [new ReviewFinding("The folder was readable for everybody.", "It belongs to the service alone.", new NegativeTest("reading it as somebody else", "Permission denied", "cat: Permission denied"))]);

    /// <summary>Lets a paused program go on, the whole way: review, report, sign-offs, resume.</summary>
    public async Task<ulong> ResumeAsync(ulong pause, string program = Program)
    {
        var (root, charter) = (Root.Fingerprint, Part<Daylight.Server.Features.Log.TransparencyLog>().Read(a => a.Program(program).Active!));
        var review = await SubmitAsync("officer", new ReviewOpened(program, charter, DateOnly.FromDateTime(Clock.Now.UtcDateTime).AddDays(30), pause));
        await SubmitAsync("owner", new ReviewReported(SignedStatement.Sign(new ReportReview(root, Clock.Now, program, review, Report.Digest(), "program-owner"), keys["owner"]), Report));
        foreach (var (name, role) in new[] { ("officer", "privacy-officer"), ("council", "works-council") })
        {
            await SubmitAsync(name, new ReviewSigned(SignedStatement.Sign(new SignReview(root, Clock.Now, program, review, Report.Digest(), role), keys[name])));
        }

        return await SubmitAsync("owner", new ProgramResumed(SignedStatement.Sign(new ResumeProgram(root, Clock.Now, program, pause, review, "program-owner"), keys["owner"])));
    }

    public async Task<ulong> SubmitAsync(string name, LogEvent happened) =>
        (await As(name).PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, CancellationToken.None)).OrThrow().Entry;

    /// <summary>Seals and uploads records of a day as a person's device would.</summary>
    public async Task<UploadResult> UploadAsync(string name, CredentialKey device, params IReadOnlyList<UploadedChunk> chunks) =>
        (await ApiClient.WithCredential(Http, device, Root.Fingerprint, Clock).PostAsync("/api/v1/agent/chunks", new Upload(chunks), ProtocolJson.Default.Upload, ProtocolJson.Default.UploadResult, CancellationToken.None)).OrThrow();

    /// <summary>What a device of this person verified.</summary>
    public async Task<VerifiedBundle> BundleAsync(string name, CredentialKey device)
    {
        var bundle = (await ApiClient.WithCredential(Http, device, Root.Fingerprint, Clock).GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, CancellationToken.None)).OrThrow();
        return BundleVerifier.Verify(bundle, Root, Id(name), KnownLog.Nothing, Clock.Now);
    }

    /// <summary>Makes and signs an ask, as a person's program does.</summary>
    public async Task<string> SignAskAsync(string name, AskWanted? wanted = null)
    {
        var api = As(name);
        var ask = (await api.PostAsync("/api/v1/asks", wanted ?? new AskWanted(keys[name].Credential.Id.Value), ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, CancellationToken.None)).OrThrow();
        var signature = new AskSignature("device", Convert.ToBase64String(keys[name].Sign(Convert.FromBase64String(ask.Bytes))));
        (await api.PutAsync($"/api/v1/asks/{ask.Id}/signature", signature, ProtocolJson.Default.AskSignature, CancellationToken.None)).OrThrow();
        return ask.Id;
    }

    /// <summary>Starts an agent of a person, driven by hand.</summary>
    /// <param name="name">The person.</param>
    /// <param name="port">Its port.</param>
    /// <param name="background">Whether it works by itself.</param>
    /// <param name="between">Stands between the agent and the server.</param>
    public async Task<AgentHost> StartAgentAsync(string name, int port, bool background = false, Func<HttpClient, HttpClient>? between = null)
    {
        var data = Path.Combine(folder, "agent-" + name);
        if (!new Enrollment(data).Exists)
        {
            await new Enrollment(data).EnrollAsync(Http, "http://daylight", DeviceCode(name), new RootProof.Known(Root.Fingerprint), Clock, CancellationToken.None);
        }

        var server = DaylightServer.ControlClient(ServerOptions.ControlSocketOf(Path.Combine(folder, "server")));
        return await AgentHost.StartAsync(
            new AgentOptions { Data = data, Port = port, UploadEvery = TimeSpan.FromSeconds(5), RunInBackground = background },
            between?.Invoke(server) ?? server,
            Clock,
            CancellationToken.None);
    }

    /// <summary>Stops server and keyholder, and starts them again on the same files, or on what was put in their place meanwhile.</summary>
    public async Task RestartAsync(Action? meanwhile = null)
    {
        await StopAsync();
        meanwhile?.Invoke();
        await OpenAsync();
    }

    /// <summary>Waits until something that happens in the background has happened.</summary>
    public async Task EventuallyAsync(Func<bool> holds)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "it did not happen");
            await Task.Delay(10);
        }
    }

    /// <summary>The key-encryption key, as the keyholder opens it.</summary>
    public KeyEncryptionKey OpenKek() => KeyEncryptionKey.Open(KeysFolder, new KekSource.FromEnvironment(Kek), Clock);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        (database as IDisposable)?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task StopAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await Keyholder.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        Keyholder = await KeyholderService.OpenAsync(new SqliteDatabase(KeyholderFile), OpenKek(), Clock);
        Channel = new SwitchableChannel(Keyholder);
        var options = new ServerOptions { Data = Path.Combine(folder, "server"), Key = serverKey, Listen = Listen, RunJobs = false, HoldAbove = HoldAbove, ShowNames = ShowNames, Mail = Mail, Oidc = Oidc, Passwords = Passwords, PasswordIterations = 1_000, AccessReviewDays = AccessReviewDays };
        Server = await DaylightServer.StartAsync(options, database, Channel, Clock, CancellationToken.None);
        Http = DaylightServer.ControlClient(options.ControlSocket);
    }

    private async Task FoundAsync()
    {
        var names = new[] { "boss", "anna", "ben", "cleo", "dora", "emil", "owner", "officer", "council", "snoop", "other" };
        await FoundAsync(
            [.. names.Select((n, i) => new Person($"p{i:x20}", n + "@test.example", n, n is "owner" or "officer" or "council" or "snoop" or "other" ? "office" : "crew", ManagerLink.To(n is "anna" or "ben" or "cleo" or "dora" or "emil" ? $"p{0:x20}" : ""), "Berlin", "Europe/Berlin"))],
            [new Team("company", "Company", ""), new Team("crew", "Crew", "company"), new Team("office", "Office", "company")]);
        deviceCodes = await Server.Founding().EnrollAsync(People.Select(p => p.Id), "device", keys["officer"]);
        foreach (var name in (string[])["boss", "anna", "ben", "snoop", "other"])
        {
            await EnrollPersonAsync(name);
        }

        await GrantAsync("snoop", "investigator");
        await GrantAsync("other", "auditor");
    }

    /// <summary>Founds the company with another directory, which has owner, officer and council; everybody may register a key of their own.</summary>
    public async Task FoundAsync(IReadOnlyList<Person> people, IReadOnlyList<Team> teams)
    {
        People = people;
        foreach (var name in (string[])["owner", "officer", "council"])
        {
            keys[name] = CredentialKey.Create();
        }

        var founding = Server.Founding();
        await founding.FoundAsync(
            "Test",
            [
                new RootApprover(Id("owner"), keys["owner"].Credential.Text, ["program-owner"]),
                new RootApprover(Id("officer"), keys["officer"].Credential.Text, ["privacy-officer"]),
                new RootApprover(Id("council"), keys["council"].Credential.Text, ["works-council"]),
            ],
            2,
            CancellationToken.None);
        await founding.SetDirectoryAsync([.. People], [.. teams]);
        personCodes = await founding.EnrollAsync(People.Select(p => p.Id), "person", keys["officer"]);
    }

    /// <summary>What an approver reads of a change before signing.</summary>
    public async Task<ExposureRead> ReadAsync(string name, ChangeWanted change) => change.Charter is { } hash ? await ReadDraftAsync(name, hash) :
        (await As(name).PostAsync("/api/v1/exposure/diff", change, ProtocolJson.Default.ChangeWanted, ProtocolJson.Default.ChangeExposure, CancellationToken.None)).OrThrow().Read;

    private async Task<ExposureRead> ReadDraftAsync(string name, string hash)
    {
        var program = Part<Daylight.Server.Features.Log.TransparencyLog>().Read(a => a.Charters[hash].Program);
        var draft = (await As(name).GetAsync($"/api/v1/programs/{program}/draft?charter={hash}", ProtocolJson.Default.DraftView, CancellationToken.None)).OrThrow();
        return System.Text.Json.JsonSerializer.Deserialize(Convert.FromBase64String(draft.Read), ProtocolJson.Default.ExposureRead)!;
    }

    public async Task GrantAsync(string name, string role, string? scope = null)
    {
        var until = DateOnly.FromDateTime(Clock.Now.UtcDateTime).AddDays(GrantRole.MostDays);
        var read = await ReadAsync("officer", new ChangeWanted(Grant: new RoleWanted(Id(name), role, scope, until)));
        var grant = SignedStatement.Sign(new GrantRole(Root.Fingerprint, Clock.Now, Id(name), role, until, scope, read), keys["officer"], keys["council"]);
        (await As("officer").PostAsync("/api/v1/events", new SubmitEvent(new RoleGranted(grant)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, CancellationToken.None)).OrThrow();
    }

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}

/// <summary>A keyholder that a test can take away.</summary>
internal sealed class SwitchableChannel(IKeyholderChannel inner) : IKeyholderChannel
{
    public bool Down { get; set; }

    /// <summary>How many more messages about a count get an answer before the line breaks: after the keyholder did what was asked. Null never breaks.</summary>
    public int? CountsLeft { get; set; }

    public async Task<byte[]> ExchangeAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var answer = Down ? throw new IOException("down") : await inner.ExchangeAsync(message, cancel);
        if (CountsLeft is { } left && message.Span.StartsWith("{\"verb\":\"count"u8))
        {
            CountsLeft = left - 1;
            return left > 0 ? answer : throw new IOException("cut off");
        }

        return answer;
    }
}

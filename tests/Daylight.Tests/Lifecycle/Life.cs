using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;
using Daylight.Tests.Server;
using Dapper;

namespace Daylight.Tests.Lifecycle;

/// <summary>What people do in the life of a program, in a word.</summary>
internal static class Life
{
    public const string Investigation = "role:investigator/records";

    /// <summary>The test's charter with another clause in the place of one of its lines.</summary>
    public static string Charter(string program, params (string Line, string Instead)[] changes)
    {
        var text = TestCompany.Charter(program: program);
        foreach (var (line, instead) in changes)
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
            text = text.Replace(line, instead, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>A charter that collects of nobody who has not said yes.</summary>
    public static string OptIn(string program = "lent", int version = 1) => Charter(
        program, ("consent: none, by agreement", "consent: opt-in"), ("lawful-basis: legitimate-interests", "lawful-basis: consent"), ("version: 1", $"version: {version}"));

    public static async Task<string> RefusedAsync(this TestCompany company, string name, LogEvent happened) =>
        (await Assert.ThrowsAsync<ApiException>(() => company.SubmitAsync(name, happened))).Problem.Detail;

    public static SignedStatement Sign(this TestCompany company, string name, Statement statement) => SignedStatement.Sign(statement, company.KeyOf(name));

    public static string Active(this TestCompany company, string program) => company.Part<TransparencyLog>().Read(a => a.Program(program).Active!);

    public static Task<ulong> AgreeAsync(this TestCompany company, string name, string program) =>
        company.SubmitAsync(name, new ConsentGiven(company.Sign(name, new GiveConsent(company.Root.Fingerprint, company.Clock.Now, company.Id(name), program, company.Active(program)))));

    public static Task<ulong> WithdrawAsync(this TestCompany company, string name, string program) =>
        company.SubmitAsync(name, new ConsentWithdrawn(company.Sign(name, new WithdrawConsent(company.Root.Fingerprint, company.Clock.Now, company.Id(name), program))));

    public static Task<ulong> ObjectAsync(this TestCompany company, string name, string program, string grounds = "my work is confidential") =>
        company.SubmitAsync(name, new ObjectionRaised(company.Sign(name, new RaiseObjection(company.Root.Fingerprint, company.Clock.Now, company.Id(name), program, grounds))));

    public static ObjectionAnswered Answer(this TestCompany company, string by, ulong objection, string of, string program, bool upheld) =>
        new(company.Sign(by, new AnswerObjection(company.Root.Fingerprint, company.Clock.Now, objection, upheld, "for these reasons", company.Id(of), program)));

    public static KeysDestroyed Erasure(this TestCompany company, string name, params string[] programs) =>
        new(company.Sign(name, new DestroyKeys(company.Root.Fingerprint, company.Clock.Now, company.Id(name), programs, "self", "mine")));

    /// <summary>A legal hold about somebody, asked for by the investigator and approved by both.</summary>
    public static async Task<string> HoldAsync(this TestCompany company, string subject, DateOnly until, DateOnly tell, bool approved = true)
    {
        var (root, now, today) = (company.Root.Fingerprint, company.Clock.Now, DateOnly.FromDateTime(company.Clock.Now.UtcDateTime));
        var wish = new OpenCase(root, now, "hold", company.Id("snoop"), company.Id(subject), ["focus-time"], Investigation, new DateOnly(2026, 11, 1), today, until, tell, "a lawsuit", Hold: true);
        var signed = company.Sign("snoop", wish);
        await company.SubmitAsync("snoop", new CaseOpened(signed));
        var digest = signed.Digest().ToHex();
        foreach (var (name, role) in approved ? [("officer", "privacy-officer"), ("council", "works-council")] : Array.Empty<(string, string)>())
        {
            await company.SubmitAsync(name, new CaseApproved(company.Sign(name, new ApproveCase(root, now, digest, role))));
        }

        return digest;
    }

    /// <summary>The case's asker looks, under the case.</summary>
    public static async Task<ApiResult<IReadOnlyList<ShownRecord>>> LookUnderAsync(this TestCompany company, string digest, string subject, string day = "2026-11-02")
    {
        var date = DateOnly.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var ask = await company.SignAskAsync("snoop", new AskWanted(company.KeyOf("snoop").Credential.Id.Value, company.Id(subject), ["focus-time"], ["records"], date, date, Investigation));
        return await company.As("snoop").GetAsync($"/api/v1/people/{company.Id(subject)}/records?program=focus-time&from={day}&to={day}&case={digest}", ProtocolJson.Default.IReadOnlyListShownRecord, default, ask);
    }

    /// <summary>Seals five minutes of a day as a machine would.</summary>
    public static UploadedChunk Day(this TestCompany company, string name, CredentialKey device, VerifiedProgram program, string day) => ChunkSealer.Records(
        program, company.Id(name), device, "window", day, [new PayloadRecord(DateTimeOffset.Parse(day + "T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture), 300, new Dictionary<string, string> { ["app"] = "Editor" })]);

    /// <summary>A week's numbers of a person's machine, of no day.</summary>
    public static UploadedChunk Week(this TestCompany company, string name, CredentialKey device, VerifiedProgram program, string week) => ChunkSealer.Contribution(
        program, company.Id(name), device, new ContributionPayload(week, new Dictionary<string, IReadOnlyDictionary<string, int>>()));

    public static async Task<IReadOnlyList<ChoiceView>> ChoicesAsync(this TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/me/choices", ProtocolJson.Default.IReadOnlyListChoiceView, default)).OrThrow();

    public static long Count(this TestCompany company, string sql)
    {
        using var connection = company.Database.Open();
        return connection.QuerySingle<long>(sql);
    }

    public static IEnumerable<T> Logged<T>(this TestCompany company)
        where T : LogEvent => company.Part<LogStore>().Entries(0, 100_000).Select(e => LogEntry.TryRead(e)?.Event).OfType<T>();
}

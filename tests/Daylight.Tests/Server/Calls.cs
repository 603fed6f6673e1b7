using Daylight.Core.Directory;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>What several tests ask a company.</summary>
internal static class Calls
{
    /// <summary>Somebody brings what people signed, and the server takes none of it; what it says.</summary>
    public static async Task<string> RefusesAsync(this TestCompany company, string name, LogEvent happened)
    {
        var answer = await company.As(name).PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, default);
        Assert.NotNull(answer.Problem);
        Assert.Equal(409, answer.Problem.Status);
        return answer.Problem.Detail;
    }

    public static async Task<IReadOnlyList<CaseView>> CasesAsync(this TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/cases", ProtocolJson.Default.IReadOnlyListCaseView, default)).OrThrow();

    /// <summary>What somebody is told, of these kinds.</summary>
    public static async Task<IReadOnlyList<NoticeView>> NoticesAsync(this TestCompany company, string name, params IReadOnlyList<string> kinds) =>
        [.. (await company.As(name).GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Where(n => kinds.Contains(n.Kind))];

    public static async Task<IReadOnlyList<LookAtMe>> LooksAsync(this TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, default)).OrThrow();

    /// <summary>An ask that is signed for this very look, and the look.</summary>
    public static async Task<ApiResult<IReadOnlyList<ShownRecord>>> LookAsync(
        this TestCompany company, string asker, string subject, string digest, string rule = "role:investigator/records", string program = TestCompany.Program)
    {
        var (from, to) = (new DateOnly(2026, 11, 2), new DateOnly(2026, 11, 22));
        var ask = await company.SignAskAsync(asker, new AskWanted(company.KeyOf(asker).Credential.Id.Value, company.Id(subject), [program], null, from, to, rule));
        return await company.As(asker).GetAsync(
            $"/api/v1/people/{company.Id(subject)}/records?program={program}&from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}&case={digest}", ProtocolJson.Default.IReadOnlyListShownRecord, default, ask);
    }

    /// <summary>Changes one person of the directory, as its console does.</summary>
    public static Task<DirectoryOutcome> EditAsync(this TestCompany company, string name, bool leaves = false, string? team = null, IReadOnlyList<string>? managers = null) =>
        company.Part<DirectoryEditor>().EditAsync(new PersonEdit(Email(name), leaves, Team: team, Managers: managers is null ? null : [.. managers.Select(Email)]));

    /// <summary>So many more people whom the boss leads.</summary>
    public static Task<Settled> HireAsync(this TestCompany company, int people) => company.Part<DirectoryStore>().ReplaceAsync(
        [.. company.People, .. Enumerable.Range(0, people).Select(i => new Person($"new{i:x20}", $"new{i}@test.example", $"New {i}", "crew", ManagerLink.To(company.Id("boss")), "Berlin", "Europe/Berlin"))],
        [new Team("company", "Company", ""), new Team("crew", "Crew", "company"), new Team("office", "Office", "company")]);

    private static string Email(string name) => name + "@test.example";
}

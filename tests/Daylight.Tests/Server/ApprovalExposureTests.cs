using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>Nobody approves what they did not read: charters, roles and held directories carry the exposure that this server computed of the very change.</summary>
public sealed class ApprovalExposureTests : IAsyncLifetime
{
    private TestCompany company = null!;

    public async ValueTask InitializeAsync() => company = await TestCompany.StartCopyAsync();

    public ValueTask DisposeAsync() => company.DisposeAsync();

    private DateTimeOffset Now => company.Clock.Now;

    private DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    private string Root => company.Root.Fingerprint;

    [Fact]
    public async Task a_charter_is_approved_with_what_this_server_said_of_it_within_a_week_and_with_nothing_else()
    {
        var hash = await ProposeAsync(TestCompany.Charter(program: "second"));
        var other = await ProposeAsync(TestCompany.Charter(program: "third"));
        var read = await company.ReadAsync("officer", new ChangeWanted(Charter: hash));
        Assert.True(read.Appear > 0);
        Assert.Contains("carries the exposure that was read", await RefusedAsync(hash, null));
        Assert.Contains("not what this server said", await RefusedAsync(hash, read with { Seal = string.Empty }));
        Assert.Contains("not what this server said", await RefusedAsync(hash, read with { Seal = new string('0', read.Seal.Length) }));
        Assert.Contains("not what this server said", await RefusedAsync(hash, await company.ReadAsync("officer", new ChangeWanted(Charter: other))));
        Assert.Contains("not what this server said", await RefusedAsync(hash, read with { Appear = read.Appear - 1 }));
        Assert.Contains("not what this server said", await RefusedAsync(hash, read with { Disappear = 1 }));
        Assert.Contains("not what this server said", await RefusedAsync(hash, read with { People = 1 }));
        Assert.Contains("not what this server said", await RefusedAsync(hash, read with { Time = Now.AddDays(-1) }));
        company.Clock.Now += TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1);
        Assert.Contains("older than a week", await RefusedAsync(hash, read));
        await company.SubmitAsync("officer", Approval(hash, "officer", "privacy-officer", await company.ReadAsync("officer", new ChangeWanted(Charter: hash))));
    }

    [Fact]
    public async Task the_log_itself_takes_no_approval_without_one_whatever_a_bad_server_records()
    {
        var hash = await ProposeAsync(TestCompany.Charter(program: "second"));
        var log = company.Part<TransparencyLog>();
        await log.AppendAsync(Approval(hash, "officer", "privacy-officer", null));
        Assert.Empty(log.Read(a => a.Charters[hash].Approvals));
        var grant = new GrantRole(Root, Now, company.Id("ben"), "security", Today.AddDays(10));
        await log.AppendAsync(new RoleGranted(SignedStatement.Sign(grant, company.KeyOf("officer"), company.KeyOf("council"))));
        Assert.Empty(log.Read(a => a.RolesOf(company.Id("ben"), Today).ToList()));
        var read = await company.ReadAsync("officer", new ChangeWanted(Grant: new RoleWanted(company.Id("ben"), "security", null, grant.Until)));
        await log.AppendAsync(new RoleGranted(SignedStatement.Sign(grant with { Exposure = read with { Appear = -1 } }, company.KeyOf("officer"), company.KeyOf("council"))));
        Assert.Empty(log.Read(a => a.RolesOf(company.Id("ben"), Today).ToList()));
    }

    [Fact]
    public async Task who_could_look_at_others_by_a_charter_does_not_approve_it()
    {
        await company.EditAsync("emil", managers: ["officer"]);
        foreach (var yaml in (string[])[TestCompany.Charter(program: "second"), AskingPeople("third")])
        {
            var hash = await ProposeAsync(yaml);
            var read = await company.ReadAsync("officer", new ChangeWanted(Charter: hash));
            Assert.True(read.Appear > 0); // of a charter that asks people, too: as if all of them agreed
            Assert.Contains("could look at others by a charter", await RefusedAsync(hash, read));
            await company.SubmitAsync("council", Approval(hash, "council", "works-council", await company.ReadAsync("council", new ChangeWanted(Charter: hash))));
        }
    }

    [Fact]
    public async Task a_charter_under_which_much_more_could_be_seen_by_now_is_approved_anew()
    {
        var hash = await ProposeAsync(TestCompany.Charter(program: "second"));
        await company.SubmitAsync("officer", Approval(hash, "officer", "privacy-officer", await company.ReadAsync("officer", new ChangeWanted(Charter: hash))));
        await company.SubmitAsync("council", Approval(hash, "council", "works-council", await company.ReadAsync("council", new ChangeWanted(Charter: hash))));
        Assert.IsType<Settled.Held>(await company.HireAsync(60));
        await company.SubmitAsync("officer", DirectoryApproval("officer", await company.ReadAsync("officer", new ChangeWanted(Held: true))));
        var activation = new CharterActivated(SignedStatement.Sign(new ActivateCharter(Root, Now, "second", hash), company.KeyOf("owner")));
        Assert.Contains("it is approved anew", await company.RefusesAsync("owner", activation));
        await company.SubmitAsync("officer", Approval(hash, "officer", "privacy-officer", await company.ReadAsync("officer", new ChangeWanted(Charter: hash))));
        await company.SubmitAsync("owner", activation);
    }

    [Fact]
    public async Task a_directory_that_waits_is_approved_by_who_read_this_very_change_and_gains_nothing()
    {
        Assert.Contains("no change of the directory waits", await company.RefusesAsync("officer", DirectoryApproval("officer", new ExposureRead(Now, 11, 0, 0, string.Empty))));
        Assert.IsType<Settled.Held>(await company.HireAsync(60));
        var read = await company.ReadAsync("officer", new ChangeWanted(Held: true));
        Assert.True(read.Appear > 50);
        Assert.Contains("not what this server said", await company.RefusesAsync("officer", DirectoryApproval("officer", read with { Appear = 1 })));
        Assert.Contains("by a privacy officer", await company.RefusesAsync("council", DirectoryApproval("council", read)));

        await company.HireAsync(70); // another change takes its place
        Assert.Contains("not what this server said", await company.RefusesAsync("officer", DirectoryApproval("officer", read)));
        read = await company.ReadAsync("officer", new ChangeWanted(Held: true));
        await company.SubmitAsync("officer", DirectoryApproval("officer", read));
        Assert.Null(company.Part<DirectoryStore>().Held);
        Assert.Equal(81, company.Part<DirectoryStore>().Current.Count);
    }

    [Fact]
    public async Task an_officer_who_would_lead_others_by_a_change_does_not_approve_it()
    {
        await company.GrantAsync("ben", "privacy-officer"); // the officer approved the charter, and so sees nothing by it
        await company.HireAsync(60);
        await company.EditAsync("cleo", managers: ["ben"]); // waits with the rest
        Assert.NotNull(company.Part<DirectoryStore>().Held);
        Assert.Contains("could look at others by a change", await company.RefusesAsync("ben", DirectoryApproval("ben", await company.ReadAsync("ben", new ChangeWanted(Held: true)))));
    }

    [Fact]
    public async Task a_role_is_granted_as_it_was_read_for_a_year_at_most_to_whom_it_does_not_clash_and_of_whom_there_are()
    {
        var until = Today.AddDays(200);
        var read = await company.ReadAsync("officer", new ChangeWanted(Grant: new RoleWanted(company.Id("ben"), "investigator", "team:crew", until)));
        Assert.Contains("carries the exposure", await company.RefusesAsync("officer", Grant("ben", "investigator", until, "team:crew", null)));
        Assert.Contains("not what this server said", await company.RefusesAsync("officer", Grant("ben", "investigator", until, null, read)));
        Assert.Contains("not what this server said", await company.RefusesAsync("officer", Grant("ben", "investigator", until.AddDays(1), "team:crew", read)));
        Assert.Contains("not what this server said", await company.RefusesAsync("officer", Grant("boss", "investigator", until, "team:crew", read)));
        Assert.Contains("not what this server said", await company.RefusesAsync("officer", Grant("ben", "security", until, "team:crew", read)));
        Assert.Contains("366 days", await company.RefusesAsync("officer", Grant("ben", "investigator", Today.AddDays(367), "team:crew", read)));
        foreach (var scope in (string[])["galaxy:milky-way", "crew", "", "role:security", "team:"])
        {
            Assert.Contains("a scope is", await company.RefusesAsync("officer", Grant("ben", "investigator", until, scope, read)));
        }

        Assert.Contains("do not meet in one person", await company.RefusesAsync("officer", Grant("snoop", "privacy-officer", until, null, read)));
        Assert.Contains("do not meet in one person", await company.RefusesAsync("officer", Grant("snoop", "operator", until, null, read)));
        Assert.Contains("to themselves", await company.RefusesAsync("officer", Grant("officer", "auditor", until, null, read)));
        await company.SubmitAsync("officer", Grant("ben", "investigator", until, "team:crew", read));
        Assert.Equal(["investigator"], company.Part<TransparencyLog>().Read(a => a.RolesOf(company.Id("ben"), Today).ToList()));
    }

    private static string AskingPeople(string program) => TestCompany.Charter(program: program).Replace("consent: none, by agreement", "consent: opt-in", StringComparison.Ordinal)
        .Replace("lawful-basis: legitimate-interests", "lawful-basis: consent", StringComparison.Ordinal);

    private async Task<string> ProposeAsync(string yaml)
    {
        var (hash, program) = (Authority.CharterHash(yaml), yaml.Split('\n')[0]["program: ".Length..]);
        await company.SubmitAsync("owner", new CharterProposed(SignedStatement.Sign(new ProposeCharter(Root, Now, program, hash), company.KeyOf("owner")), yaml));
        return hash;
    }

    private Task<string> RefusedAsync(string hash, ExposureRead? read) => company.RefusesAsync("officer", Approval(hash, "officer", "privacy-officer", read));

    private CharterApproved Approval(string hash, string name, string role, ExposureRead? read) =>
        new(SignedStatement.Sign(new ApproveCharter(Root, Now, company.Part<TransparencyLog>().Read(a => a.Charters[hash].Program), hash, role, read), company.KeyOf(name)));

    private DirectoryApproved DirectoryApproval(string name, ExposureRead read) => new(SignedStatement.Sign(new ApproveDirectory(Root, Now, read), company.KeyOf(name)));

    private RoleGranted Grant(string name, string role, DateOnly until, string? scope, ExposureRead? read) =>
        new(SignedStatement.Sign(new GrantRole(Root, Now, company.Id(name), role, until, scope, read), company.KeyOf("officer"), company.KeyOf("council")));
}

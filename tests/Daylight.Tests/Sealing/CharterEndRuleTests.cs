using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class CharterEndRuleTests
{
    private const string NotInForce = "not about a charter in force";
    private const string ByWhom = "a charter is ended by a program-owner or an approver";

    private readonly Company company = new();
    private readonly CredentialKey otto;

    public CharterEndRuleTests() => otto = company.Activate();

    private EndCharter Statement => new(company.Root.Fingerprint, Company.Now, Company.Program, Company.Charter, Company.Owner, "over");

    [Fact]
    public void the_owner_alone_ends_it() => Ends(Statement, otto);

    [Fact]
    public void the_privacy_officer_alone_ends_it() => Ends(Statement with { Role = Company.PrivacyOfficer }, company.Anna);

    [Fact]
    public void the_works_council_alone_ends_it() => Ends(Statement with { Role = Company.WorksCouncil }, company.Bert);

    [Fact]
    public void nobody_else_ends_it()
    {
        company.Refuses(ByWhom, End(Statement with { Role = "auditor" }, company.Appoint("aud", "auditor")));
        company.Refuses(ByWhom, End(Statement, company.Anna));
        company.Refuses(ByWhom, End(Statement, company.Cleo));
        company.Refuses(ByWhom, End(Statement, company.Enroll("otto", "device")));
        company.Refuses(ByWhom, End(Statement, CredentialKey.Create()));
        company.Refuses(ByWhom, End(Statement));
        company.Refuses(ByWhom, End(Statement with { Time = Company.Now.AddDays(-31) }, otto));
        company.Refuses(ByWhom, End(Statement with { Time = Company.Now.AddDays(31) }, otto));
    }

    [Fact]
    public void what_is_not_in_force_does_not_end()
    {
        company.Refuses(NotInForce, End(Statement with { Charter = "00" }, otto));
        company.Refuses(NotInForce, End(Statement with { Program = "other" }, otto));
        company.Refuses(NotInForce, End(Statement with { Root = new Company("Other").Root.Fingerprint }, otto));
        company.Refuses(NotInForce, new CharterEnded(company.Activation(otto).Signed));
        Ends(Statement, otto);
        company.Refuses(NotInForce, End(Statement, otto));
    }

    [Fact]
    public void an_ended_charter_does_not_come_back()
    {
        Ends(Statement, otto);
        company.Refuses("it was put in force before", company.Activation(otto));
        company.Refuses("this charter was proposed before", company.Proposal(otto));
    }

    [Fact]
    public void a_pause_outlives_the_charter()
    {
        company.Takes(new ProgramPaused(Company.Program, "why", Company.Now));
        var pause = company.Last;
        company.Takes(End(Statement, otto));
        Assert.Equal(new ProgramRecord(null, pause), company.Authority.Program(Company.Program));
    }

    private CharterEnded End(EndCharter statement, params CredentialKey[] by) => new(company.Sign(statement, by));

    private void Ends(EndCharter statement, CredentialKey by)
    {
        company.Takes(End(statement, by));
        Assert.Equal(new ProgramRecord(null, null), company.Authority.Program(Company.Program));
    }
}

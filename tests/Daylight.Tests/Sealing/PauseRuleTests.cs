using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class PauseRuleTests
{
    private readonly Company company = new();
    private readonly ulong pause;

    public PauseRuleTests()
    {
        company.Activate();
        Assert.Null(company.Happens(Pause()));
        pause = company.Last;
    }

    private static ProgramPaused Pause() => new(Company.Program, "something is wrong", Company.Now);

    private bool IsPaused => company.Authority.Program(Company.Program).PausedBy is not null;

    [Fact]
    public void stopping_takes_no_signature_and_a_second_pause_keeps_the_first()
    {
        Assert.Equal(pause, company.Authority.Program(Company.Program).PausedBy);
        Assert.Equal("it is paused already", company.Happens(Pause()));
        Assert.Equal(pause, company.Authority.Program(Company.Program).PausedBy);
        Assert.NotNull(company.Happens(Pause() with { Program = "unknown" }));
    }

    [Fact]
    public void privacy_officer_and_works_council_together_let_it_go_on()
    {
        Assert.Null(Resume(company.Resume(company.Anna, Company.PrivacyOfficer, pause), company.Resume(company.Bert, Company.WorksCouncil, pause)));
        Assert.False(IsPaused);
        Assert.Equal("the program is not paused", Resume());
    }

    [Fact]
    public void one_of_them_is_not_enough() => Stays(company.Resume(company.Anna, Company.PrivacyOfficer, pause));

    [Fact]
    public void one_person_in_both_roles_is_not_enough()
    {
        Assert.Null(company.Happens(company.Grant("anna", Company.WorksCouncil, company.Bert, company.Cleo)));
        Stays(company.Resume(company.Anna, Company.PrivacyOfficer, pause), company.Resume(company.Anna, Company.WorksCouncil, pause));
        var both = company.Appoint("erik", Company.PrivacyOfficer);
        Assert.Null(company.Happens(company.Grant("erik", Company.WorksCouncil, company.Bert, company.Cleo)));
        Stays(company.Resume(both, Company.PrivacyOfficer, pause), company.Resume(company.Enroll("erik"), Company.WorksCouncil, pause));
    }

    [Fact]
    public void signatures_for_another_pause_or_program_do_not_end_this_one()
    {
        var anna = company.Resume(company.Anna, Company.PrivacyOfficer, pause);
        Stays(anna, company.Resume(company.Bert, Company.WorksCouncil, pause - 1));
        Stays(anna, company.Resume(company.Bert, Company.WorksCouncil, pause, "other"));
    }

    [Fact]
    public void signatures_that_ended_a_pause_do_not_end_the_next()
    {
        SignedStatement[] old = [company.Resume(company.Anna, Company.PrivacyOfficer, pause), company.Resume(company.Bert, Company.WorksCouncil, pause)];
        Assert.Null(Resume(old));
        Assert.Null(company.Happens(Pause()));
        Stays(old);
    }

    [Fact]
    public void devices_and_people_without_the_role_do_not_end_it()
    {
        var anna = company.Resume(company.Anna, Company.PrivacyOfficer, pause);
        Stays(anna, company.Resume(company.Enroll("bert", "device"), Company.WorksCouncil, pause));
        Stays(anna, company.Resume(company.Cleo, Company.WorksCouncil, pause));
    }

    [Fact]
    public void a_paused_program_stays_paused_when_another_charter_comes_into_force()
    {
        const string Next = Company.Text + "version: 2\n";
        var olga = company.Appoint("olga", Company.Owner);
        Assert.Null(company.Happens(company.Proposal(olga, Next)));
        var (root, hash) = (company.Root.Fingerprint, Authority.CharterHash(Next));
        Assert.Null(company.Happens(new CharterApproved(SignedStatement.Sign(new ApproveCharter(root, Company.Now, Company.Program, hash, Company.PrivacyOfficer, Company.Read), company.Anna))));
        Assert.Null(company.Happens(new CharterApproved(SignedStatement.Sign(new ApproveCharter(root, Company.Now, Company.Program, hash, Company.WorksCouncil, Company.Read), company.Bert))));
        Assert.Null(company.Happens(new CharterActivated(SignedStatement.Sign(new ActivateCharter(root, Company.Now, Company.Program, hash), olga))));
        Assert.Equal(new ProgramRecord(hash, pause), company.Authority.Program(Company.Program));
    }

    private string? Resume(params SignedStatement[] signed) => company.Happens(new ProgramResumed(Company.Program, signed));

    private void Stays(params SignedStatement[] signed)
    {
        Assert.NotNull(Resume(signed));
        Assert.True(IsPaused);
    }
}

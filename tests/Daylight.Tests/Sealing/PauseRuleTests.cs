using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class PauseRuleTests
{
    private const string NotOn = "not about a pause that is on";
    private const string OpenOne = "a paused program goes on through a review of this very pause: open one first";

    private readonly Company company = new();
    private readonly CredentialKey otto;
    private readonly ulong pause;

    public PauseRuleTests()
    {
        otto = company.Activate();
        company.Takes(Pause());
        pause = company.Last;
    }

    private static ProgramPaused Pause(string program = Company.Program) => new(program, "something is wrong", Company.Now);

    private bool IsPaused => company.Authority.Program(Company.Program).PausedBy is not null;

    [Fact]
    public void an_older_report_and_its_sign_offs_do_not_come_back_in_the_place_of_the_newer_one()
    {
        var review = Review();
        var (older, signed) = (company.Reported(otto, Company.Owner, review), company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(older);
        company.Takes(signed);
        company.Refuses("this very statement took effect before", older); // nor does it wipe the sign-offs
        var newer = Company.Report with { Summary = "It was worse." };
        company.Takes(company.Reported(otto, Company.Owner, review, newer));
        company.Refuses("this very statement took effect before", older);
        company.Takes(company.Reported(company.Anna, Company.PrivacyOfficer, review)); // reported anew, it is signed off anew
        company.Refuses("this very statement took effect before", signed);
        company.Refuses("the review is not signed off by a privacy-officer", company.Resume(otto, Company.Owner, pause, review));
    }

    [Fact]
    public void a_program_goes_on_from_the_day_of_its_resume_and_from_no_day_before()
    {
        var review = Review();
        company.Takes(company.Reported(otto, Company.Owner, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Bert, Company.WorksCouncil, review));
        var early = new ResumeProgram(company.Root.Fingerprint, Company.Now.AddDays(-1), Company.Program, pause, review, Company.Owner);
        company.Refuses("a program goes on from the moment of the signature, and this one is of another day", new ProgramResumed(company.Sign(early, otto)));
        company.Takes(company.Resume(otto, Company.Owner, pause, review));
    }

    [Fact]
    public void stopping_takes_no_signature_and_a_second_pause_keeps_the_first()
    {
        Assert.Equal(pause, company.Authority.Program(Company.Program).PausedBy);
        company.Refuses("it is paused already", Pause());
        company.Refuses("it is paused already", Pause(PauseProgram.Everything));
        company.Refuses("there is no such program in force", Pause("unknown"));
    }

    [Fact]
    public void one_entry_stops_everything_that_is_in_force()
    {
        var other = new Company();
        other.Refuses("there is no such program in force", Pause(PauseProgram.Everything));
        other.Activate();
        other.Takes(Pause(PauseProgram.Everything));
        Assert.Equal(other.Last, other.Authority.Program(Company.Program).PausedBy);
    }

    [Fact]
    public void a_reviewed_pause_ends_at_the_word_of_the_owner()
    {
        var review = Review();
        company.Takes(company.Reported(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Bert, Company.WorksCouncil, review));
        company.Takes(company.Resume(otto, Company.Owner, pause, review));
        Assert.False(IsPaused);
        Assert.Equal(company.Last, company.Authority.Reviews[review].Closed);
        company.Refuses(NotOn, company.Resume(otto, Company.Owner, pause, review));
    }

    [Fact]
    public void without_a_review_a_report_and_both_sign_offs_it_stays_paused()
    {
        company.Refuses(OpenOne, company.Resume(otto, Company.Owner, pause, 0));
        var review = Review();
        company.Refuses("the review has no report yet", company.Resume(otto, Company.Owner, pause, review));
        company.Takes(company.Reported(company.Anna, Company.PrivacyOfficer, review));
        company.Refuses("the review is not signed off by a privacy-officer", company.Resume(otto, Company.Owner, pause, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Refuses("the review is not signed off by a works-council", company.Resume(otto, Company.Owner, pause, review));
        company.Takes(company.SignOff(company.Bert, Company.WorksCouncil, review));
        company.Refuses($"a program goes on at the word of its {Company.Owner} or of an approver", company.Resume(company.Cleo, Company.Owner, pause, review));
        company.Refuses($"a program goes on at the word of its {Company.Owner} or of an approver", company.Resume(company.Enroll("otto", "device"), Company.Owner, pause, review));
        company.Takes(company.Resume(company.Anna, Company.PrivacyOfficer, pause, review));
    }

    [Fact]
    public void one_person_does_not_sign_off_in_two_roles()
    {
        company.Takes(company.Grant("anna", Company.WorksCouncil, company.Bert, company.Cleo));
        var review = Review();
        company.Takes(company.Reported(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Refuses("each sign-off is by another person", company.SignOff(company.Anna, Company.WorksCouncil, review));
        company.Refuses("the signer does not hold that role", company.SignOff(company.Bert, Company.PrivacyOfficer, review));
        company.Refuses("the signer does not hold that role", company.SignOff(company.Enroll("bert", "device"), Company.WorksCouncil, review));
    }

    [Fact]
    public void what_ended_one_pause_does_not_end_the_next()
    {
        var review = Review();
        company.Takes(company.Reported(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Bert, Company.WorksCouncil, review));
        var resume = company.Resume(otto, Company.Owner, pause, review);
        company.Takes(resume);
        company.Takes(Pause());
        company.Refuses(NotOn, resume);
        company.Refuses(OpenOne, company.Resume(otto, Company.Owner, company.Last - 1, review));
    }

    [Fact]
    public void a_fix_counts_with_a_test_that_was_refused_and_another_report_is_signed_off_anew()
    {
        var review = Review();
        var untested = Company.Report with { Findings = [Company.Report.Findings[0] with { Test = new NegativeTest("the same again", " ", "") }] };
        company.Refuses("finding 1 lacks how that was refused: a fix counts when a test that should fail does", company.Reported(company.Anna, Company.PrivacyOfficer, review, untested));
        company.Refuses("a report has 1 to 20 findings", company.Reported(company.Anna, Company.PrivacyOfficer, review, Company.Report with { Findings = [] }));
        company.Refuses("not a signed report of this very text", company.Reported(company.Anna, Company.PrivacyOfficer, review) with { Report = Company.Report with { Summary = "nothing happened" } });
        company.Refuses($"a report is signed by one of {string.Join(", ", Authority.PausingRoles)}", company.Reported(company.Cleo, "security", review));
        company.Takes(company.Reported(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        var again = Company.Report with { Summary = "More was found." };
        company.Takes(company.Reported(company.Bert, Company.WorksCouncil, review, again));
        Assert.Empty(company.Authority.Reviews[review].SignedOff);
        company.Refuses("another report took its place: read that one", company.SignOff(company.Anna, Company.PrivacyOfficer, review));
        company.Takes(company.SignOff(company.Anna, Company.PrivacyOfficer, review, again));
    }

    [Fact]
    public void a_review_of_a_pause_is_closed_by_nobody_and_is_beside_the_one_that_the_charter_asks_for()
    {
        var review = Review();
        company.Refuses("a review of this program is open already", new ReviewOpened(Company.Program, Company.Charter, company.Today, pause));
        company.Refuses("not about a pause that is on", new ReviewOpened(Company.Program, Company.Charter, company.Today, pause - 1));
        company.Refuses("a review of a pause ends with the resume that rests on it", new ReviewClosed(company.Sign(new CloseReview(company.Root.Fingerprint, Company.Now, Company.Program, review, Company.PrivacyOfficer, "continue", "x"), company.Anna)));
        company.Takes(new ReviewOpened(Company.Program, Company.Charter, company.Today));
    }

    [Fact]
    public void a_paused_program_stays_paused_when_another_charter_comes_into_force()
    {
        const string Next = Company.Text + "version: 2\n";
        var olga = company.Appoint("olga", Company.Owner);
        company.Takes(company.Proposal(olga, Next));
        var (root, hash) = (company.Root.Fingerprint, Authority.CharterHash(Next));
        company.Takes(new CharterApproved(SignedStatement.Sign(new ApproveCharter(root, Company.Now, Company.Program, hash, Company.PrivacyOfficer, Company.Read), company.Anna)));
        company.Takes(new CharterApproved(SignedStatement.Sign(new ApproveCharter(root, Company.Now, Company.Program, hash, Company.WorksCouncil, Company.Read), company.Bert)));
        company.Takes(new CharterActivated(SignedStatement.Sign(new ActivateCharter(root, Company.Now, Company.Program, hash), olga)));
        Assert.Equal(new ProgramRecord(hash, pause), company.Authority.Program(Company.Program));
    }

    private ulong Review()
    {
        company.Takes(new ReviewOpened(Company.Program, Company.Charter, company.Today.AddDays(30), pause));
        return company.Last;
    }
}

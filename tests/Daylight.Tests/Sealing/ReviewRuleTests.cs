using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class ReviewRuleTests
{
    private const string NotOpen = "not about an open review of that program";
    private const string WrongRole = "the signer does not hold that role";

    private readonly Company company = new();
    private readonly CredentialKey otto;

    public ReviewRuleTests() => otto = company.Activate();

    private ReviewOpened Opened => new(Company.Program, Company.Charter, company.Today.AddDays(30));

    [Theory]
    [InlineData("continue")]
    [InlineData("change")]
    [InlineData("end")]
    public void an_approver_closes_a_review_with_an_outcome(string outcome)
    {
        var review = Open();
        Assert.Equal((Company.Program, company.Today.AddDays(30), (ulong?)null, Company.Charter, company.Today), (company.Authority.Reviews[review].Program, company.Authority.Reviews[review].Due, company.Authority.Reviews[review].Closed, company.Authority.Reviews[review].Charter, company.Authority.Reviews[review].Opened));
        company.Takes(Closed(Statement(review) with { Outcome = outcome }, company.Anna));
        Assert.Equal(company.Last, company.Authority.Reviews[review].Closed);
    }

    [Fact]
    public void a_review_opens_for_the_charter_in_force_one_at_a_time()
    {
        company.Refuses("not about a charter in force", Opened with { Charter = "00" });
        company.Refuses("not about a charter in force", Opened with { Program = "other" });
        var review = Open();
        company.Refuses("a review of this program is open already", Opened);
        company.Takes(Closed(Statement(review), company.Anna));
        Assert.NotEqual(review, Open());
    }

    [Fact]
    public void only_who_holds_an_approving_role_closes_it()
    {
        var review = Open();
        company.Refuses(WrongRole, Closed(Statement(review) with { Role = Company.Owner }, otto));
        company.Refuses(WrongRole, Closed(Statement(review), company.Bert));
        company.Refuses(WrongRole, Closed(Statement(review), company.Enroll("anna", "device")));
        company.Refuses(WrongRole, Closed(Statement(review), CredentialKey.Create()));
        company.Refuses(WrongRole, Closed(Statement(review)));
        company.Refuses(WrongRole, Closed(Statement(review) with { Time = Company.Now.AddDays(-31) }, company.Anna));
        company.Takes(Closed(Statement(review) with { Role = Company.WorksCouncil }, company.Bert));
    }

    [Fact]
    public void only_an_open_review_of_that_program_is_closed()
    {
        var review = Open();
        company.Refuses(NotOpen, Closed(Statement(review) with { Outcome = "maybe" }, company.Anna));
        company.Refuses(NotOpen, Closed(Statement(review) with { Program = "other" }, company.Anna));
        company.Refuses(NotOpen, Closed(Statement(review + 1), company.Anna));
        company.Refuses(NotOpen, Closed(Statement(review) with { Root = new Company("Other").Root.Fingerprint }, company.Anna));
        company.Takes(Closed(Statement(review), company.Anna));
        company.Refuses(NotOpen, Closed(Statement(review), company.Anna));
    }

    private ulong Open()
    {
        company.Takes(Opened);
        return company.Last;
    }

    private CloseReview Statement(ulong review) => new(company.Root.Fingerprint, Company.Now, Company.Program, review, Company.PrivacyOfficer, "continue", "all well");

    private ReviewClosed Closed(CloseReview statement, params CredentialKey[] by) => new(company.Sign(statement, by));
}

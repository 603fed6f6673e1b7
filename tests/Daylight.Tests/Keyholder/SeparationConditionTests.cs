using Daylight.Sealing;
using Daylight.Tests.Company;

namespace Daylight.Tests.Keyholder;

/// <summary>Who approved a charter looks at nobody under it, and who is asked must have agreed: the keyholder holds both against a server gone bad.</summary>
public sealed class SeparationConditionTests : KeyholderTests
{
    private static string Asking => TestCompany.Charter().Replace("consent: none, by agreement", "consent: opt-in", StringComparison.Ordinal)
        .Replace("lawful-basis: legitimate-interests", "lawful-basis: consent", StringComparison.Ordinal);

    [Fact]
    public async Task who_approved_the_charter_looks_at_nobody_under_it()
    {
        // The officer lays down what they approved with, and becomes an investigator.
        await Company.SubmitAsync("officer", new RoleRevoked(SignedStatement.Sign(new RevokeRole(Root, Now, Company.Id("officer"), "privacy-officer", "another job"), Company.KeyOf("officer"))));
        var read = await Company.ReadAsync("council", new Daylight.Protocol.ChangeWanted(Grant: new Daylight.Protocol.RoleWanted(Company.Id("officer"), "investigator", null, Today.AddDays(100))));
        await Company.SubmitAsync("owner", new RoleGranted(SignedStatement.Sign(
            new GrantRole(Root, Now, Company.Id("officer"), "investigator", Today.AddDays(100), null, read), Company.KeyOf("owner"), Company.KeyOf("council"))));
        await RefusedAsync("separation", await RecordCaseAsync(await OpenCaseAsync(asker: "officer", bad: true, approvers: "council"), "officer"));
    }

    [Fact]
    public async Task who_did_not_agree_or_agreed_to_another_charter_is_looked_at_by_nobody_else()
    {
        await Company.ActivateAsync(Asking.Replace("version: 1", "version: 2", StringComparison.Ordinal));
        var digest = await OpenCaseAsync(bad: true);
        await RefusedAsync("consent", await RecordCaseAsync(digest));
        await AgreeAsync();
        await OpenedAsync(await RecordCaseAsync(digest));
        await Company.SubmitAsync("anna", new ConsentWithdrawn(SignedStatement.Sign(new WithdrawConsent(Root, Now, Company.Id("anna"), "focus-time"), Company.KeyOf("anna"))));
        await RefusedAsync("consent", await RecordCaseAsync(digest));
        Company.Clock.Now += TimeSpan.FromSeconds(1); // the same words at the same time would be the same statement
        await AgreeAsync();
        await Company.ActivateAsync(Asking.Replace("version: 1", "version: 3", StringComparison.Ordinal));
        await RefusedAsync("consent", await RecordCaseAsync(digest));
        await OpenedAsync(await RecordAsync(Ask())); // oneself needs nobody's leave, one's own the least
    }

    private Task AgreeAsync() => Company.SubmitAsync("anna", new ConsentGiven(SignedStatement.Sign(
        new GiveConsent(Root, Now, Company.Id("anna"), "focus-time", Log.Read(a => a.Program("focus-time").Active!)), Company.KeyOf("anna"))));
}

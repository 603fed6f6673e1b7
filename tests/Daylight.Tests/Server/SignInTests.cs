using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>Who holds a role and comes in leaves a record.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task a_token_of_somebody_with_a_role_stands_on_their_own_list_and_one_of_anybody_else_does_not()
    {
        await using var company = await TestCompany.StartAsync();
        await MakeTokenAsync(company, "snoop");
        await MakeTokenAsync(company, "anna");
        var signIn = Assert.Single(await ListAsync(company, "snoop"), l => l.Happened == "sign-in");
        Assert.Equal(["token", "investigator"], signIn.Why);
        Assert.DoesNotContain(await ListAsync(company, "anna"), l => l.Happened == "sign-in");
    }

    private static async Task MakeTokenAsync(TestCompany company, string name) =>
        (await company.As(name).PostAsync("/api/v1/tokens", new TokenWanted("test", 1), ProtocolJson.Default.TokenWanted, ProtocolJson.Default.TokenMade, default)).OrThrow();

    private static async Task<IReadOnlyList<LookAtMe>> ListAsync(TestCompany company, string name) =>
        (await company.As(name).GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, default)).OrThrow();
}

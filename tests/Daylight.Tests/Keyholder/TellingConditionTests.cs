using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Tests.Keyholder;

/// <summary>What the subject is told, and when; and what ended meanwhile. One condition is broken at a time.</summary>
public sealed class TellingConditionTests : KeyholderTests
{
    [Fact]
    public async Task the_subject_is_told_by_the_charters_date_and_the_openings_are_kept_as_long_as_it_says()
    {
        var digest = await OpenCaseAsync();
        async Task ExpectAsync(string? code, Func<Disclosure, Disclosure> change, bool self = false)
        {
            var open = self ? await RecordAsync(Ask(), disclosure: change) : await RecordCaseAsync(digest, disclosure: change);
            if (code is null)
            {
                await OpenedAsync(open);
            }
            else
            {
                await RefusedAsync(code, open);
            }
        }

        await ExpectAsync("tell", d => d with { Tell = Today.AddDays(31) });
        await ExpectAsync("tell", d => d with { Tell = Today.AddDays(-1) });
        await ExpectAsync(null, d => d with { Tell = Today });
        await ExpectAsync("tell", d => d with { Tell = Today.AddDays(1) }, self: true);
        await ExpectAsync("tell", d => d with { Tell = Today.AddDays(-1) }, self: true);
        await ExpectAsync("until", d => d with { Until = Today.AddDays(729) }, self: true);
        await ExpectAsync("until", d => d with { Until = Today.AddDays(732) }, self: true);
        await ExpectAsync(null, d => d with { Until = Today.AddDays(731) }, self: true);
    }

    [Fact]
    public async Task a_subject_who_would_be_told_that_it_was_another_role() =>
        await RefusedAsync("relation", await RecordCaseAsync(await OpenCaseAsync(), disclosure: d => d with { Relation = "self" }));

    [Fact]
    public async Task an_entry_of_today_that_is_dated_long_ago_and_would_be_forgotten_before_it_is_told()
    {
        var log = await GoOnByHandAsync();
        Company.Clock.Now += TimeSpan.FromDays(10);
        var recorded = Today.AddDays(-10);
        var openings = log.Add(Look(Ask()) with { Tell = recorded, Until = recorded.AddDays(730) }, recorded);
        Assert.IsType<KeyholderResponse.Followed>(await log.FollowAsync());
        await RefusedAsync("stale", Message(log, openings!));
    }

    [Fact]
    public async Task a_credential_that_was_revoked()
    {
        var revoked = SignedStatement.Sign(new RevokeCredential(Root, Now, Company.Id("anna"), Company.KeyOf("anna").Credential.Id.Value, "lost"), Company.KeyOf("officer"));
        await Company.SubmitAsync("officer", new CredentialRevoked(revoked));
        await RefusedAsync("credential", await RecordAsync(Ask()));
    }

    [Fact]
    public async Task a_role_that_was_taken_back_after_the_case_was_approved()
    {
        var digest = await OpenCaseAsync();
        await OpenedAsync(await RecordCaseAsync(digest));
        var revoked = SignedStatement.Sign(new RevokeRole(Root, Now, Company.Id("snoop"), "investigator", "done"), Company.KeyOf("officer"), Company.KeyOf("council"));
        await Company.SubmitAsync("officer", new RoleRevoked(revoked));
        await RefusedAsync("role", await RecordCaseAsync(digest));
    }

    [Fact]
    public async Task a_charter_that_was_ended()
    {
        await Company.SubmitAsync("owner", new CharterEnded(SignedStatement.Sign(
            new EndCharter(Root, Now, "focus-time", Program.Hash, "program-owner", "over"), Company.KeyOf("owner"))));
        await RefusedAsync("charter", await RecordAsync(Ask()));
    }
}

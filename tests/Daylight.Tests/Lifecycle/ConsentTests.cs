using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Server;
using Daylight.Transparency;

namespace Daylight.Tests.Lifecycle;

public sealed class ConsentTests
{
    [Fact]
    public async Task only_who_said_yes_is_collected_and_a_no_stops_machine_and_server_at_once()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        var device = await company.EnrollDeviceAsync("anna");
        Assert.DoesNotContain((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "lent");
        var before = Assert.Single(await company.ChoicesAsync("anna"), c => c.Program == "lent");
        Assert.Equal(("opt-in", null, false, "you have not said yes"), (before.Asks, before.Said, before.IsCollected, before.Why));

        await company.AgreeAsync("anna", "lent");
        var program = Assert.Single((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "lent");
        Assert.Equal("stored", Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"))).Outcomes).State);
        Assert.True(Assert.Single(await company.ChoicesAsync("anna"), c => c.Program == "lent").IsCollected);

        await company.WithdrawAsync("anna", "lent");
        Assert.DoesNotContain((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "lent");
        var refused = Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"))).Outcomes);
        Assert.Equal("refused", refused.State);
        Assert.Contains("consent", refused.Reason);
    }

    [Fact]
    public async Task another_version_asks_anew()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        await company.AgreeAsync("anna", "lent");
        await company.ActivateAsync(Life.OptIn(version: 2));
        var device = await company.EnrollDeviceAsync("anna");
        Assert.DoesNotContain((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "lent");
        Assert.Contains("former version", Assert.Single(await company.ChoicesAsync("anna"), c => c.Program == "lent").Why);
    }

    [Fact]
    public async Task a_machine_does_not_believe_a_server_that_shows_it_an_old_yes()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        await company.AgreeAsync("anna", "lent");
        var device = await company.EnrollDeviceAsync("anna");
        var api = ApiClient.WithCredential(company.Http, device, company.Root.Fingerprint, company.Clock);
        var old = (await api.GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, default)).OrThrow();
        await company.WithdrawAsync("anna", "lent");
        company.Clock.Now += StatusStatement.Freshness + TimeSpan.FromMinutes(1);
        var now = (await api.GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, default)).OrThrow();
        var lie = now with { Keys = old.Keys };
        var why = Assert.Throws<Daylight.Agent.Trust.UnverifiableException>(() => Daylight.Agent.Trust.BundleVerifier.Verify(lie, company.Root, company.Id("anna"), Daylight.Agent.Trust.KnownLog.Nothing, company.Clock.Now));
        Assert.Contains("fresh key statement", why.Message);
    }

    [Fact]
    public async Task a_receipt_is_a_consent_record_with_proofs_that_hold()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        Assert.Equal(404, (await company.As("anna").GetTextAsync("/api/v1/me/consents/lent/receipt", default)).Problem!.Status);
        var given = await company.AgreeAsync("anna", "lent");
        await company.WithdrawAsync("anna", "lent");
        using var receipt = JsonDocument.Parse((await company.As("anna").GetTextAsync("/api/v1/me/consents/lent/receipt", default)).OrThrow());
        var root = receipt.RootElement;
        var record = root.GetProperty("dpv:hasRecordOfActivity");
        Assert.Equal(("https://w3id.org/dpv/schema/dpv-27560#receipt", "https://w3id.org/dpv/schema/dpv-27560#record"), (root.GetProperty("dct:conformsTo").GetString(), record.GetProperty("dct:conformsTo").GetString()));
        Assert.Equal(company.Id("anna"), record.GetProperty("dpv:hasDataSubject").GetProperty("dct:identifier").GetString());
        Assert.Equal(["dpv:ConsentGiven", "dpv:ConsentWithdrawn"], record.GetProperty("dpv:hasConsentStatus").EnumerateArray().Select(e => e.GetProperty("@type")[0].GetString()));
        Assert.Equal("2027-05-31", record.GetProperty("dpv:hasConsentStatus")[0].GetProperty("dpv:hasDuration").GetProperty("rdf:value").GetString());

        // Every field that ISO/IEC TS 27560 makes mandatory (clause 6.3) has its place.
        foreach (var field in (string[])["dct:identifier", "dpv:hasDataController", "dpv:hasNotice", "dpv:hasProcess", "dpv:hasConsentControl", "dpv:hasRight"])
        {
            Assert.True(record.TryGetProperty(field, out _), field);
        }

        Assert.Equal("en", record.GetProperty("dpv:hasNotice").GetProperty("dct:language")[0].GetString());
        var process = record.GetProperty("dpv:hasProcess");
        foreach (var field in (string[])["dpv:hasPurpose", "dpv:hasLegalBasis", "dpv:hasPersonalData", "dpv:hasRecipient", "dpv:hasStorageCondition"])
        {
            Assert.True(process.TryGetProperty(field, out _), field);
        }

        Assert.Equal(["dpv:StorageLocation", "dpv:StorageDuration"], process.GetProperty("dpv:hasStorageCondition").EnumerateArray().Select(c => c.GetProperty("@type").GetString()).Distinct());

        // No prefix that the context does not say, or a reader of JSON-LD would not know what the word means.
        var prefixes = root.GetProperty("@context").EnumerateObject().Select(c => c.Name).Where(n => !n.Contains(':', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        Assert.All(MembersOf(root), m => Assert.True(m.StartsWith('@') || prefixes.Contains(m.Split(':')[0]), m));
        var first = root.GetProperty("daylight:evidence")[0];
        var bytes = Convert.FromBase64String(first.GetProperty("daylight:entry").GetString()!);
        var opening = new Opening(first.GetProperty("daylight:salt").GetString()!, first.GetProperty("daylight:opening").GetString()!);
        Assert.True(opening.Opens(LogEntry.TryRead(bytes)!.Commitments!.Subject));
        Assert.True(TlogProof.TryParse(first.GetProperty("daylight:proof").GetString()!, out var proof));
        Assert.Equal(given, proof!.Index);
        Assert.Equal(404, (await company.As("ben").GetTextAsync("/api/v1/me/consents/lent/receipt", default)).Problem!.Status);
    }

    private static IEnumerable<string> MembersOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().SelectMany(p => p.Name == "@context" ? [] : MembersOf(p.Value).Prepend(p.Name))
        : element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(MembersOf) : [];

    [Fact]
    public async Task consents_are_counted_above_the_smallest_group_and_nobodys_manager_is_told()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        foreach (var name in (string[])["anna", "ben", "boss", "snoop", "other"])
        {
            await company.AgreeAsync(name, "lent");
        }

        var counts = (await company.As("officer").GetAsync("/api/v1/programs/lent/consents", ProtocolJson.Default.ConsentCounts, default)).OrThrow();
        Assert.Equal((11, 5, 5, 6), (counts.Covered, counts.Fewest, counts.Yes, counts.No));
        await company.WithdrawAsync("boss", "lent");
        counts = (await company.As("council").GetAsync("/api/v1/programs/lent/consents", ProtocolJson.Default.ConsentCounts, default)).OrThrow();
        Assert.Equal((null, null), (counts.Yes, counts.No));
        foreach (var name in (string[])["boss", "owner", "snoop", "anna"])
        {
            Assert.Equal(403, (await company.As(name).GetAsync("/api/v1/programs/lent/consents", ProtocolJson.Default.ConsentCounts, default)).Problem!.Status);
        }
    }

    [Theory]
    [InlineData("people")]
    [InlineData("viewers")]
    [InlineData("summary")]
    public async Task who_reads_exposure_learns_nothing_of_who_said_what(string what)
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        async Task<string> ReadAsync() => what switch
        {
            "people" => JsonSerializer.Serialize((await company.As("officer").GetAsync("/api/v1/exposure/people/" + company.Id("anna"), ProtocolJson.Default.IReadOnlyListSightView, default)).OrThrow()),
            "viewers" => JsonSerializer.Serialize((await company.As("officer").GetAsync($"/api/v1/exposure/viewers/{company.Id("snoop")}?list=true", ProtocolJson.Default.ExposureOfViewer, default)).OrThrow()),
            _ => JsonSerializer.Serialize((await company.As("officer").GetAsync("/api/v1/exposure/summary", ProtocolJson.Default.ExposureSummary, default)).OrThrow()),
        };

        var nobody = await ReadAsync();
        Assert.Contains("lent", nobody, StringComparison.Ordinal);
        await company.AgreeAsync("anna", "lent");
        Assert.Equal(nobody, await ReadAsync());
        await company.ObjectAsync("anna", "focus-time");
        Assert.Equal(nobody, await ReadAsync());
    }

    [Fact]
    public async Task an_objection_stops_collection_goes_to_the_officer_with_a_day_and_is_answered_by_somebody_else()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        Assert.Single((await company.BundleAsync("anna", device)).Programs);
        var objection = await company.ObjectAsync("anna", "focus-time");
        Assert.Empty((await company.BundleAsync("anna", device)).Programs);
        Assert.Equal(new DateOnly(2026, 12, 2), Assert.Single(await company.ChoicesAsync("anna")).Due);
        Assert.Contains("waits for its answer already", await company.RefusedAsync("anna", new ObjectionRaised(company.Sign("anna", new RaiseObjection(company.Root.Fingerprint, company.Clock.Now.AddSeconds(1), company.Id("anna"), "focus-time", "again")))));

        var seen = Assert.Single((await company.As("officer").GetAsync("/api/v1/objections", ProtocolJson.Default.IReadOnlyListObjectionView, default)).OrThrow());
        Assert.Equal(("anna", "waiting", objection), (seen.Name, seen.State, seen.Entry));
        Assert.Contains((await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow(), n => n.Kind == "objection-waiting" && n.Text.Contains("2026-12-02", StringComparison.Ordinal));
        Assert.Equal(403, (await company.As("boss").GetAsync("/api/v1/objections", ProtocolJson.Default.IReadOnlyListObjectionView, default)).Problem!.Status);
        Assert.Contains("answered by a privacy-officer", await company.RefusedAsync("council", company.Answer("council", objection, "anna", "focus-time", upheld: false)));

        // Taken back, it needs no answer any more; and it can be raised again.
        await company.AgreeAsync("anna", "focus-time");
        Assert.Equal("taken back", Assert.Single((await company.As("officer").GetAsync("/api/v1/objections", ProtocolJson.Default.IReadOnlyListObjectionView, default)).OrThrow()).State);
        Assert.Contains("waits for its answer", await company.RefusedAsync("officer", company.Answer("officer", objection, "anna", "focus-time", upheld: true)));
        company.Clock.Now += TimeSpan.FromMinutes(1);
        objection = await company.ObjectAsync("anna", "focus-time");
        await company.SubmitAsync("officer", company.Answer("officer", objection, "anna", "focus-time", upheld: false));
        Assert.Single((await company.BundleAsync("anna", device)).Programs);
        Assert.Contains((await company.As("anna").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow(), n => n.Kind == "objection" && n.Text.Contains("rejected", StringComparison.Ordinal));
        company.Clock.Now += TimeSpan.FromMinutes(1);
        var again = await company.ObjectAsync("anna", "focus-time", "something new");
        await company.SubmitAsync("officer", company.Answer("officer", again, "anna", "focus-time", upheld: true));
        Assert.Empty((await company.BundleAsync("anna", device)).Programs);
        Assert.Contains("were right", Assert.Single(await company.ChoicesAsync("anna")).Why);
    }

    [Fact]
    public async Task what_makes_no_sense_is_refused_with_the_way_that_does()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.OptIn());
        await company.ActivateAsync(Life.Charter("law", ("lawful-basis: legitimate-interests", "lawful-basis: legal-obligation")));
        Assert.Contains("you can object to it", (await Assert.ThrowsAsync<ApiException>(() => company.WithdrawAsync("anna", "focus-time"))).Problem.Detail);
        Assert.Contains("nothing to say yes to", (await Assert.ThrowsAsync<ApiException>(() => company.AgreeAsync("anna", "focus-time"))).Problem.Detail);
        Assert.Contains("asks people", (await Assert.ThrowsAsync<ApiException>(() => company.ObjectAsync("anna", "lent"))).Problem.Detail);
        Assert.Contains("no objection", (await Assert.ThrowsAsync<ApiException>(() => company.ObjectAsync("anna", "law"))).Problem.Detail);
        Assert.Contains("no such program", (await Assert.ThrowsAsync<ApiException>(() => company.ObjectAsync("anna", "unknown"))).Problem.Detail);
        Assert.Contains("on which grounds", (await Assert.ThrowsAsync<ApiException>(() => company.ObjectAsync("anna", "focus-time", " "))).Problem.Detail);
    }

    [Fact]
    public async Task nothing_is_collected_before_the_notice_is_over_nor_of_who_has_not_acknowledged_it()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.Charter("noted", ("consent: none, by agreement", "consent: none, by agreement\nnotice: { before: 14d, acknowledged: true }")));
        var device = await company.EnrollDeviceAsync("anna");
        Assert.DoesNotContain((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "noted");
        var choice = Assert.Single(await company.ChoicesAsync("anna"), c => c.Program == "noted");
        Assert.Equal((new DateOnly(2026, 11, 16), true, false, "you have not acknowledged the notice"), (choice.Begins, choice.AsksNotice, choice.Noticed, choice.Why));
        await company.SubmitAsync("anna", new NoticeAcknowledged(company.Sign("anna", new AcknowledgeNotice(company.Root.Fingerprint, company.Clock.Now, company.Id("anna"), "noted", company.Active("noted")))));
        var program = Assert.Single((await company.BundleAsync("anna", device)).Programs, p => p.Charter.Program == "noted");
        Assert.Equal(new DateOnly(2026, 11, 2), program.Choice.Noticing);
        var early = Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-03"))).Outcomes);
        Assert.Contains("notice", early.Reason);
        company.Clock.Now = new DateTimeOffset(2026, 11, 17, 9, 0, 0, TimeSpan.Zero);
        Assert.Equal("stored", Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-16"))).Outcomes).State);
    }

    [Fact]
    public async Task everybody_whom_a_charter_covers_is_told_at_once_and_once_however_often_the_job_runs()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var before = company.Count("SELECT COUNT(*) FROM notices");
        await company.Server.RunJobsAsync(default);
        Assert.Equal(before, company.Count("SELECT COUNT(*) FROM notices"));
        await company.Server.RunJobsAsync(default);
        Assert.Equal(before, company.Count("SELECT COUNT(*) FROM notices"));
        var told = (await company.As("anna").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Where(n => n.Kind == "charter");
        Assert.Contains("collects from 2026-11-02 on", Assert.Single(told).Text);
    }

    [Fact]
    public async Task who_comes_under_a_charter_later_is_told_and_has_its_notice_from_that_day()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ActivateAsync(Life.Charter("noted", ("covers: everyone", "covers: team:crew"), ("consent: none, by agreement", "consent: none, by agreement\nnotice: 14d")));
        var device = await company.EnrollDeviceAsync("other");
        Assert.DoesNotContain((await company.BundleAsync("other", device)).Programs, p => p.Charter.Program == "noted");
        Assert.Empty(await ToldAsync());
        company.Clock.Now = new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);
        await company.EditAsync("other", team: "crew");
        var program = Assert.Single((await company.BundleAsync("other", device)).Programs, p => p.Charter.Program == "noted");
        Assert.Equal(new DateOnly(2026, 11, 20), program.Choice.Noticing);
        await company.Server.RunJobsAsync(default);
        await company.Server.RunJobsAsync(default);
        Assert.Contains("collects from 2026-12-04 on", Assert.Single(await ToldAsync()));
        Assert.Equal("you have notice of it until 2026-12-04", (await company.ChoicesAsync("other")).Single(c => c.Program == "noted").Why);
        Assert.Null((await company.ChoicesAsync("anna")).Single(c => c.Program == "noted").Why); // it covers her from the beginning
        var reference = company.Part<Daylight.Server.Hosting.ServerKeys>().SubjectRef(company.Id("other"), "noted");
        Assert.Equal(1, company.Count($"SELECT COUNT(*) FROM covered WHERE subject_ref = '{reference}'"));

        company.Clock.Now = new DateTimeOffset(2026, 12, 5, 9, 0, 0, TimeSpan.Zero);
        program = Assert.Single((await company.BundleAsync("other", device)).Programs, p => p.Charter.Program == "noted");
        var sent = (await company.UploadAsync("other", device, company.Day("other", device, program, "2026-12-03"), company.Day("other", device, program, "2026-12-04"))).Outcomes;
        Assert.Equal(["refused", "stored"], sent.Select(o => o.State));
        Assert.Contains("notice", sent[0].Reason);
        Assert.Equal("refused", Assert.Single((await company.UploadAsync("other", device, company.Week("other", device, program, "2026-W48"))).Outcomes).State); // a week that was over before the notice was

        // Forgotten by a file for a day, nothing begins anew; away for longer, it does, and is told anew.
        await MoveAsync("office", days: 0);
        await MoveAsync("crew", days: 1);
        Assert.Equal(new DateOnly(2026, 11, 20), Since());
        await MoveAsync("office", days: 0);
        await MoveAsync("office", days: 3);
        company.Clock.Now += TimeSpan.FromDays(10);
        await company.EditAsync("other", team: "crew");
        Assert.Equal(new DateOnly(2026, 12, 19), Assert.Single((await company.BundleAsync("other", device)).Programs, p => p.Charter.Program == "noted").Choice.Noticing); // before any job
        await company.Server.RunJobsAsync(default);
        Assert.Equal(new DateOnly(2026, 12, 19), Since());
        Assert.Contains(await ToldAsync(), t => t.Contains("collects from 2027-01-02 on", StringComparison.Ordinal));

        async Task MoveAsync(string team, int days)
        {
            company.Clock.Now += TimeSpan.FromDays(days);
            await company.EditAsync("other", team: team);
            await company.Server.RunJobsAsync(default);
        }

        DateOnly? Since() => company.Part<Daylight.Server.Features.Lifecycle.Coverage>().Since(company.Id("other"), ["noted"]).GetValueOrDefault("noted");

        async Task<List<string>> ToldAsync() => [.. (await company.As("other").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Where(n => n.Text.StartsWith("noted", StringComparison.Ordinal)).Select(n => n.Text)];
    }

    [Theory, InlineData("records: 14d", "records: 20d", "2026-11-24"), InlineData("time: round 5m", "time: round 10m", "2026-11-03")]
    public async Task a_version_that_widens_waits_for_its_own_notice_and_one_that_does_not_goes_on(string line, string instead, string begins)
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var first = (await company.BundleAsync("anna", device)).Programs[0];
        company.Clock.Now = new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
        await company.ActivateAsync(Life.Charter("focus-time", ("version: 1", "version: 2"), (line, instead), ("consent: none, by agreement", "consent: none, by agreement\nnotice: 14d")));
        var second = (await company.BundleAsync("anna", device)).Programs[0];
        var choice = Assert.Single(await company.ChoicesAsync("anna"));
        Assert.True(choice.IsCollected); // under the former until then, or under this one at once
        var told = (await company.As("anna").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Select(n => n.Text).ToList();
        Assert.Contains(told, t => t.Contains(begins == "2026-11-24" ? "collects from 2026-11-24 on; until then version 1 goes on" : "takes the place of the one before at once, and widens nothing", StringComparison.Ordinal));
        Assert.Equal(begins == "2026-11-24" ? 1 : null, choice.Former);
        company.Clock.Now = new DateTimeOffset(2026, 11, 25, 9, 0, 0, TimeSpan.Zero);
        async Task<string> SentAsync(Daylight.Agent.Trust.VerifiedProgram under, DateOnly day) =>
            (await company.UploadAsync("anna", device, company.Day("anna", device, under with { Key = second.Key }, Storage.Sql.Day(day)))).Outcomes[0] is var o ? o.State + o.Reason : string.Empty;

        var day = DateOnly.ParseExact(begins, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("stored", await SentAsync(second, day < new DateOnly(2026, 11, 12) ? new DateOnly(2026, 11, 12) : day));
        if (day.Day == 24)
        {
            Assert.Contains("notice", await SentAsync(second, day.AddDays(-1)));
            Assert.Equal("stored", await SentAsync(first, day.AddDays(-1))); // until then the former goes on
        }
    }

    [Fact]
    public async Task a_widening_that_is_taken_back_before_it_began_costs_no_day()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        company.Clock.Now = new DateTimeOffset(2026, 11, 10, 9, 0, 0, TimeSpan.Zero);
        (string, string) notice = ("consent: none, by agreement", "consent: none, by agreement\nnotice: 14d");
        await company.ActivateAsync(Life.Charter("focus-time", ("version: 1", "version: 2"), ("records: 14d", "records: 20d"), notice));
        company.Clock.Now = new DateTimeOffset(2026, 11, 13, 9, 0, 0, TimeSpan.Zero);
        await company.ActivateAsync(Life.Charter("focus-time", ("version: 1", "version: 3"), notice));
        var third = (await company.BundleAsync("anna", device)).Programs[0];
        company.Clock.Now = new DateTimeOffset(2026, 11, 15, 9, 0, 0, TimeSpan.Zero);
        Assert.Equal("stored", Assert.Single((await company.UploadAsync("anna", device, company.Day("anna", device, third, "2026-11-14"))).Outcomes).State);
    }

    [Fact]
    public async Task an_answer_that_is_owed_is_reminded_of_before_its_day_and_after_it()
    {
        await using var company = await TestCompany.StartCopyAsync();
        await company.ObjectAsync("anna", "focus-time");
        foreach (var (day, told) in new[] { (new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero), Array.Empty<string>()), (new DateTimeOffset(2026, 11, 26, 9, 0, 0, TimeSpan.Zero), ["objection-due"]), (new DateTimeOffset(2026, 12, 3, 9, 0, 0, TimeSpan.Zero), ["objection-due", "objection-overdue"]) })
        {
            company.Clock.Now = day;
            await company.Server.RunJobsAsync(default);
            await company.Server.RunJobsAsync(default);
            Assert.Equal(told, (await company.As("officer").GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow().Select(n => n.Kind).Where(k => k is "objection-due" or "objection-overdue").Order());
        }
    }
}

using Dapper;
using Daylight.Agent.Sending;
using Daylight.Core.Releases;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>What a server that has gone bad can have counted: what the run in the log committed to, once, of people whose devices signed, and within the year's noise.</summary>
public sealed class ReleaseRunTests : KeyholderTests
{
    private static readonly string[] Crew = ["anna", "ben", "cleo", "dora", "emil"];
    private static readonly string[] Office = ["owner", "officer", "council", "snoop", "boss"];
    private static readonly CountedGroup[] Groups = [new("team", "crew", "", 5), new("team", "office", "", 5), new("company", "company", "", 10)];

    private static readonly DateTimeOffset Closed = new(2026, 12, 4, 9, 0, 0, TimeSpan.Zero); // W45 to W48, and the block of the four

    private readonly Dictionary<string, CredentialKey> devices = [];

    private protected override string? Charter => TestCompany.Charter("  - { to: role:investigator, what: key-presses, by: company, per: 4 weeks, minimum-group: 5, noise: { epsilon: 10 } }")
        .Replace("unit: min }\n", "unit: min }\n  key-presses: { from: input, sum: presses, per: day, clamp: 0..100, unit: presses }\n", StringComparison.Ordinal);

    [Fact]
    public async Task a_figure_is_of_those_the_run_committed_to()
    {
        var (cells, _) = await ReleaseAsync("2026-W45");
        var cell = Assert.Single(cells, c => c is { Level: "team", Group: "crew" });
        Assert.Equal(("focus-minutes", 300, 5), (cell.Measure, cell.Value, cell.People)); // two days of 150
    }

    [Fact]
    public async Task what_the_run_did_not_commit_to_is_not_counted()
    {
        var run = await RunAsync("2026-W45");
        var (groups, people) = (run.Groups, run.People);
        AssertRefused("groups", await ExchangeAsync(run with { People = [.. people.Skip(1)] }));
        AssertRefused("groups", await ExchangeAsync(run with { People = [people[1], people[0], .. people.Skip(2)] }));
        AssertRefused("groups", await ExchangeAsync(run with { Groups = [.. groups, Opened(new CountedGroup("site", "Bonn", "", 5))] }));
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
    }

    [Fact]
    public async Task a_group_that_says_another_size_than_it_has_is_not_counted() =>
        AssertRefused("groups", await ExchangeAsync(await RunAsync("2026-W45", groups: [Groups[0] with { People = 9 }, .. Groups.Skip(1)])));

    [Fact]
    public async Task nobody_is_counted_twice()
    {
        AssertRefused("groups", await ExchangeAsync(await RunAsync(
            "2026-W45", people: [.. Crew, .. Office, "anna"], groups: [Groups[0] with { People = 6 }, Groups[1], Groups[2] with { People = 11 }])));
        var run = await RunAsync("2026-W45");
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        var all = await ContributionsAsync("2026-W45");
        await CountedAsync(run.Index, [.. all, .. all]); // the same again in one part
        var more = new KeyholderRequest.CountMore(run.Index, [await ContributionAsync("anna", "2026-W45", 600)]);
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(more)); // and another of the same person in the next
        Assert.Equal(300, Cell(await EndAsync(run.Index)).Value);
    }

    [Fact]
    public async Task what_no_device_of_the_person_signed_for_this_week_counts_for_nothing()
    {
        var run = await RunAsync("2026-W45");
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        var good = await ContributionsAsync("2026-W45");
        var other = await ContributionAsync("emil", "2026-W46", 150);
        await CountedAsync(run.Index, [.. good.Take(3), good[0] with { Person = Company.Id("dora") }, other with { Week = "2026-W45" }]);
        Assert.Equal("fewer than 5 people contributed", Cell(await EndAsync(run.Index)).Reason);
    }

    [Fact]
    public async Task a_day_of_another_week_spoils_the_contribution_and_one_day_alone_is_leave()
    {
        var run = await RunAsync("2026-W45");
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        var good = await ContributionsAsync("2026-W45");
        var device = await DeviceAsync("emil");
        var program = (await Company.BundleAsync("emil", device)).Programs[0];
        var one = ChunkSealer.Contribution(program, Company.Id("emil"), device, new ContributionPayload("2026-W45", new Dictionary<string, IReadOnlyDictionary<string, int>> { ["2026-11-03"] = new Dictionary<string, int> { ["focus-minutes"] = 300 } }));
        await CountedAsync(run.Index, [.. good.Take(4), new PersonChunk(Company.Id("emil"), "2026-W45", one.Sealed)]);
        Assert.Equal("fewer than 5 people contributed", Cell(await EndAsync(run.Index)).Reason);
    }

    [Theory]
    [InlineData("""{"week":"2026-W45","days":{"2026-11-03":null,"2026-11-04":null}}""")]
    [InlineData("""{"week":"2026-W45","days":null}""")]
    [InlineData("""{"week":"2026-W45","days":{"2026-11-03":{"focus-minutes":150},"2026-11-09":{"focus-minutes":150}}}""")]
    [InlineData("""{"week":"2026-W45","days":{"the third":{"focus-minutes":150}}}""")]
    [InlineData("[]")]
    public async Task what_one_machine_makes_up_stops_nobodys_figure(string payload)
    {
        var run = await RunAsync("2026-W45");
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        var good = await ContributionsAsync("2026-W45");
        await DeviceAsync("emil");
        var info = new SealInfo(1, Company.Id("emil"), "focus-time", "contribution", string.Empty, "2026-W45", Program.Hash, Program.Epoch);
        var made = Sealer.Seal(Program.Key, info, devices["emil"], System.Text.Encoding.UTF8.GetBytes(payload), atLeast: 0);
        await CountedAsync(run.Index, [.. good.Take(4), new PersonChunk(Company.Id("emil"), "2026-W45", Convert.ToBase64String(made.ToArray()))]);
        Assert.Equal("fewer than 5 people contributed", Cell(await EndAsync(run.Index)).Reason);
    }

    [Fact]
    public async Task a_run_under_another_charter_than_the_periods_is_not_counted()
    {
        var run = await RunAsync("2026-W45");
        var other = await Log.AppendAsync(new ReleaseRun("focus-time", new string('0', 64), "2026-W45", run.Groups.Count, ReleaseProof.Root(run.Groups), run.People.Count, ReleaseProof.Root(run.People)));
        AssertRefused("charter", await ExchangeAsync(run with { Index = other.Index, Checkpoint = other.Checkpoint, Proof = other.Proof }));
        AssertRefused("charter", await ExchangeAsync(await RunAsync("2026-W44"))); // before its first day
    }

    [Fact]
    public async Task a_period_is_computed_once_and_answered_the_same_to_any_run()
    {
        var (cells, _) = await ReleaseAsync("2026-W45");
        var again = await RunAsync("2026-W45");
        Assert.Equal(cells, Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(again)).Cells);
        await Company.RestartAsync();
        Assert.Equal(cells, Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(again)).Cells);
    }

    [Fact]
    public async Task periods_are_released_in_their_order()
    {
        await ReleaseAsync("2026-W46");
        AssertRefused("order", await ExchangeAsync(await RunAsync("2026-W45")));
    }

    [Fact]
    public async Task a_period_that_is_open_is_not_counted()
    {
        var run = await RunAsync("2026-W45");
        Company.Clock.Now = Closed;
        AssertRefused("period-open", await ExchangeAsync(await RunAsync("2026-W49")));
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
    }

    [Fact]
    public async Task a_count_that_did_not_begin_here_does_not_go_on()
    {
        var run = await RunAsync("2026-W45");
        AssertRefused("not-counting", await ExchangeAsync(new KeyholderRequest.CountEnd(run.Index)));
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        AssertRefused("not-counting", await ExchangeAsync(new KeyholderRequest.CountMore(run.Index + 1, [])));
        await Company.RestartAsync();
        AssertRefused("not-counting", await ExchangeAsync(new KeyholderRequest.CountEnd(run.Index)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task who_says_no_or_is_erased_in_the_middle_is_not_counted(bool erased)
    {
        var run = await RunAsync("2026-W45");
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        await CountedAsync(run.Index, await ContributionsAsync("2026-W45"));
        await Company.SubmitAsync("anna", erased
            ? new KeysDestroyed(SignedStatement.Sign(new DestroyKeys(Root, Now, Company.Id("anna"), ["focus-time"], "self", "mine"), Company.KeyOf("anna")))
            : new ObjectionRaised(SignedStatement.Sign(new RaiseObjection(Root, Now, Company.Id("anna"), "focus-time", "not me"), Company.KeyOf("anna"))));
        Assert.Equal("fewer than 5 people contributed", Cell(await EndAsync(run.Index)).Reason);
    }

    [Fact]
    public async Task a_pause_in_the_middle_stops_the_count()
    {
        var run = await RunAsync("2026-W45");
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        var pause = SignedStatement.Sign(new PauseProgram(Root, Now, "focus-time", "stop"), Company.KeyOf("officer"));
        Assert.IsType<KeyholderResponse.Paused>(await ExchangeAsync(new KeyholderRequest.Pause(pause)));
        AssertRefused("paused", await ExchangeAsync(new KeyholderRequest.CountEnd(run.Index)));
    }

    [Fact]
    public async Task noise_is_paid_once_and_no_more_is_drawn_when_the_years_is_used_up()
    {
        const string Block = "2026-W45/P4W";
        var (cells, noise) = await ReleaseAsync(Block);
        var cell = Assert.Single(cells, c => c.Measure == "key-presses");
        Assert.True(cell is { Value: >= 0 and <= 2800, People: 10 } && cell.Low < cell.High, $"{cell}");
        Assert.InRange(noise!.Used, 1, 4); // of ε = 10, a fourteenth in zCDP
        Assert.Equal((10.0, 1e-6, 2026), (Math.Round(noise.Budget, 3), noise.Delta, noise.Year));
        Assert.Equal(cells, Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(await RunAsync(Block))).Cells); // asked again, and averaged: nothing new
        var database = new SqliteDatabase(Company.KeyholderFile);
        using var connection = database.Open();
        Assert.Equal(1, connection.QuerySingle<long>("SELECT COUNT(*) FROM noise_spent"));
        connection.Execute("UPDATE noise_spent SET cost = cost * 14");
        Company.Clock.Now = new DateTimeOffset(2027, 1, 4, 9, 0, 0, TimeSpan.Zero);
        var (next, _) = await ReleaseAsync("2026-W49/P4W");
        Assert.Contains("used up", Assert.Single(next, c => c.Measure == "key-presses").Reason);
        Assert.Equal(1, connection.QuerySingle<long>("SELECT COUNT(*) FROM noise_spent"));
    }

    [Fact]
    public async Task a_keyholder_restored_from_an_older_copy_computes_nothing_twice()
    {
        Company.Clock.Now = Closed;
        await HelloAsync();
        var copy = CopyKeyholder("older");
        var (_, _) = await ReleaseAsync("2026-W45");
        var first = await PublishedAsync("2026-W45");
        await using var twin = await StartTwinAsync(new SqliteDatabase(copy));
        KeyholderRequest.Count At(KeyholderRequest.Count run) => run with { Checkpoint = twin.Log.Checkpoint(twin.Log.Size), Proof = twin.Log.Proof(run.Index) };
        AssertRefused("released-before", await HandLog.ExchangeAsync(twin.Keyholder, At(first)));
    }

    [Fact]
    public async Task what_is_not_known_of_the_period_before_hides_everything_exact_for_one_period()
    {
        await ReleaseAsync("2026-W45");
        using (var connection = new SqliteDatabase(Company.KeyholderFile).Open())
        {
            connection.Execute("DELETE FROM release_memory");
        }

        var (lost, _) = await ReleaseAsync("2026-W46");
        Assert.Contains("the change would be theirs", Assert.Single(lost, c => c is { Level: "team", Group: "crew" }).Reason);
        var (after, _) = await ReleaseAsync("2026-W47");
        Assert.Equal(300, Cell(after).Value);
    }

    private static ReleaseCell Cell(IReadOnlyList<ReleaseCell> cells) => Assert.Single(cells, c => c is { Level: "team", Group: "crew" });

    private async Task<(IReadOnlyList<ReleaseCell> Cells, NoiseUse? Noise)> ReleaseAsync(string period)
    {
        var run = await RunAsync(period);
        Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(run));
        Assert.True(ReleasePeriod.TryParse(period, out var parsed));
        foreach (var name in Crew)
        {
            List<PersonChunk> chunks = [];
            foreach (var week in parsed.AllWeeks)
            {
                chunks.Add(await ContributionAsync(name, week.ToString(), 150));
            }

            await CountedAsync(run.Index, chunks);
        }

        var counted = Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(new KeyholderRequest.CountEnd(run.Index)));
        return (counted.Cells, counted.Noise);
    }

    private async Task<KeyholderRequest.Count> PublishedAsync(string period)
    {
        var run = await RunAsync(period);
        await Log.AppendAsync(new ReleasePublished(run.Index, "cells", 1, 0));
        return run;
    }

    private async Task<KeyholderRequest.Count> RunAsync(string period, IReadOnlyList<string>? people = null, IReadOnlyList<CountedGroup>? groups = null)
    {
        Company.Clock.Now = Company.Clock.Now < Closed ? Closed : Company.Clock.Now;
        IReadOnlyList<Opening> of = [.. (groups ?? Groups).Select(Opened)];
        IReadOnlyList<Opening> who = [.. (people ?? [.. Crew, .. Office]).Select(n => Opening.Of(CanonicalJson.Write(new CountedPerson(Company.Id(n), Office.Contains(n) ? "office" : "crew", "", false, true), ProtocolJson.Default.CountedPerson)))];
        var run = await Log.AppendAsync(new ReleaseRun("focus-time", Program.Hash, period, of.Count, ReleaseProof.Root(of), who.Count, ReleaseProof.Root(who)));
        return new KeyholderRequest.Count(run.Index, run.Checkpoint, run.Proof, of, who);
    }

    private static Opening Opened(CountedGroup group) => Opening.Of(CanonicalJson.Write(group, ProtocolJson.Default.CountedGroup));

    private async Task<IReadOnlyList<PersonChunk>> ContributionsAsync(string week)
    {
        List<PersonChunk> all = [];
        foreach (var name in Crew)
        {
            all.Add(await ContributionAsync(name, week, 150));
        }

        return all;
    }

    private async Task<PersonChunk> ContributionAsync(string name, string week, int each)
    {
        Assert.True(ReleaseWeek.TryParse(week, out var of));
        var device = await DeviceAsync(name);
        var values = new Dictionary<string, int> { ["focus-minutes"] = each, ["key-presses"] = 50 };
        var days = Enumerable.Range(1, 2).ToDictionary(d => of.First.AddDays(d).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), IReadOnlyDictionary<string, int> (_) => values);
        var chunk = ChunkSealer.Contribution(Program with { }, Company.Id(name), device, new ContributionPayload(week, days));
        return new PersonChunk(Company.Id(name), week, chunk.Sealed);
    }

    private async Task<CredentialKey> DeviceAsync(string name)
    {
        if (!devices.TryGetValue(name, out var device))
        {
            devices[name] = device = name == "anna" ? Device : await Company.EnrollDeviceAsync(name);
        }

        Program = (await Company.BundleAsync(name, device)).Programs[0];
        return device;
    }

    private async Task CountedAsync(ulong index, IReadOnlyList<PersonChunk> chunks) => Assert.IsType<KeyholderResponse.Counting>(await ExchangeAsync(new KeyholderRequest.CountMore(index, chunks)));

    private async Task<IReadOnlyList<ReleaseCell>> EndAsync(ulong index) => Assert.IsType<KeyholderResponse.Counted>(await ExchangeAsync(new KeyholderRequest.CountEnd(index))).Cells;
}

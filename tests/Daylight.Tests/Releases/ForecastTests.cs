using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Core.Releases;
using Daylight.Tests.Core;

namespace Daylight.Tests.Releases;

/// <summary>What a charter would publish, said before anything is collected.</summary>
public sealed class ForecastTests
{
    private static readonly OrgSnapshot Company = new(
        [.. Enumerable.Range(0, 4).SelectMany(t => Enumerable.Range(0, t == 3 ? 3 : 12).Select(i => new Person($"p{t}-{i}", $"p{t}-{i}@example.com", "P", $"t{t}", ManagerLink.To(i == 0 ? "" : $"p{t}-0"), i % 2 == 0 ? "Bonn" : "Kiel", "Europe/Berlin")))],
        [new Team("top", "Top", ""), new Team("d", "D", "top"), .. Enumerable.Range(0, 4).Select(t => new Team($"t{t}", "T", "d"))],
        new DateOnly(2026, 12, 7));

    [Fact]
    public void groups_that_are_too_small_are_never_shown_and_the_others_nearly_always()
    {
        var team = Of("{ to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }").Single();
        Assert.Equal((4, 1), (team.Groups, team.TooSmall)); // the team of three
        Assert.InRange(team.Shown, 2.5, 3);
        Assert.Null(team.Noise);
    }

    [Fact]
    public void a_level_without_groups_says_so_and_nothing_breaks()
    {
        var flat = new OrgSnapshot([.. Company.People.Select(p => p with { Team = "t0", Site = "" })], [new Team("t0", "T", "")], Company.Day);
        var charter = Excerpt.Charter(Show("{ to: role:analyst, what: focus-minutes, by: department, per: week, minimum-group: 5 }", "{ to: role:analyst, what: focus-minutes, by: site, per: week, minimum-group: 5 }"));
        Assert.All(Forecast.Of(charter, flat, _ => []), l => Assert.Equal((0, 0.0, 0), (l.Groups, l.Shown, l.TooSmall)));
        Assert.All(Forecast.Of(charter, new OrgSnapshot([], [], Company.Day), _ => []), l => Assert.Equal(0, l.Groups));
    }

    [Fact]
    public void noise_that_leaves_nothing_to_read_is_called_so()
    {
        var company = Of("{ to: role:analyst, what: focus-minutes, by: company, per: week, minimum-group: 5, noise: { epsilon: 1 } }").Single();
        Assert.True(company.Noise is { Swamps: true, Swamped: 1 });
        Assert.Equal(0, company.Shown);
        Assert.Contains("Noise would swamp it", ForecastWords.Say(company), StringComparison.Ordinal);
    }

    [Fact]
    public void the_same_directory_gives_the_same_answer() => Assert.Equal(
        Of("{ to: manager, what: focus-minutes, by: team, per: week, minimum-group: 11 }"), Of("{ to: manager, what: focus-minutes, by: team, per: week, minimum-group: 11 }"));

    private static IReadOnlyList<LevelForecast> Of(params string[] rules) => Forecast.Of(Excerpt.Charter(Show(rules)), Company, _ => []);

    private static string Show(params string[] rules) => "show:\n  - { to: self, what: records, fields: [app, time] }\n" + string.Concat(rules.Select(r => $"  - {r}\n"));
}

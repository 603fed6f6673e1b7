using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Exposure;

namespace Daylight.Tests.Core;

/// <summary>The gate and the exposure engine answer the corpus as it says. What the API answers is in <c>AccessCorpusApiTests</c>.</summary>
public sealed class AccessCorpusTests
{
    /// <summary>What somebody who could look still lacks: with it there the same rule would open.</summary>
    private static readonly string[] MissingNeeds = ["case", "case-over", "approvals", "step-up", "hours", "network", "paused", "before-relation"];

    public static TheoryData<string, string> Looks() => [.. AccessCorpus.Looks.Select(l => (l.Company.Name, l.Look.Name))];

    private static (CorpusCompany Company, CorpusLook Look) Find(string company, string name) => AccessCorpus.Company(company) is var found ? (found, found.Looks.First(l => l.Name == name)) : default;

    [Theory]
    [MemberData(nameof(Looks))]
    public void the_gate_gives_the_expected_rule_or_exactly_the_expected_reasons(string company, string name)
    {
        var (found, look) = Find(company, name);
        switch (Gate.Decide(look.Look, found.At(look.Now), look.Now))
        {
            case Decision.Allowed allowed:
                Assert.Equal((look.Allowed, string.Empty), (allowed.Rule.Name, string.Join(", ", look.Refused)));
                Assert.Equal(look.IsWithheld, look.Counted < allowed.AtLeast);
                break;
            case Decision.Refused refused:
                Assert.Equal(look.Allowed ?? string.Join(", ", look.Refused.Order(StringComparer.Ordinal)), string.Join(", ", AccessWords.Codes(refused.Obstacles).Order(StringComparer.Ordinal)));
                break;
            default:
                Assert.Fail("Decision is closed.");
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public void the_exposure_engine_says_that_somebody_could_see_just_what_the_gate_opens_or_keeps_for_a_missing_need(string company, string name)
    {
        var (found, look) = Find(company, name);
        var exposure = new ExposureOf(found.At(look.Now));
        var could = look.Refused.All(MissingNeeds.Contains) && !look.IsWithheld && (look.AtPerson is not { } own || own.Asker != own.Subject || IsKnown(exposure, own));
        var sights = exposure.Of(look.Look.Asker).Where(s => IsOf(s, look.Look)).ToList();
        Assert.Equal(could, sights.Count > 0);
        Assert.Equal(sights, sights.Select(s => s.Person).Distinct().SelectMany(exposure.Who).Where(s => s.Viewer == look.Look.Asker && IsOf(s, look.Look)));
        Assert.True(!could || look.Allowed is not { } rule || sights.Exists(s => s.Rule == rule), $"not by {look.Allowed}");
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public void a_figure_counts_as_many_people_as_the_corpus_says(string company, string name)
    {
        var (found, look) = Find(company, name);
        if (look is { Look: Look.AtGroup g, Counted: { } counted })
        {
            var world = found.At(look.Now);
            var line = new ExposureOf(world).Programs.First(p => p.Gated.Charter.Program == g.Program).Lines.OfType<GroupLine>().First(l => l.Rule.Name == look.Allowed && l.Level == g.Level);
            Assert.Equal(counted, line.SizeOf(world.People.Group(g.Level, g.Group)!.Value));
        }
    }

    [Fact]
    public void there_are_enough_looks_each_with_a_sentence_of_its_own()
    {
        var names = AccessCorpus.Looks.Select(l => l.Look.Name).ToList();
        Assert.True(names.Count >= 150, $"{names.Count} looks");
        Assert.Equal(names, names.Distinct());
        Assert.All(names, n => Assert.True(n.Contains(' ', StringComparison.Ordinal) && char.IsLower(n[0]), n));
    }

    [Fact]
    public void every_reason_to_refuse_occurs_and_most_of_them_alone()
    {
        var all = AccessWords.Codes((Obstacles)((1 << 15) - 1));
        Assert.Equal(all.Order(), AccessCorpus.Looks.SelectMany(l => l.Look.Refused).Distinct().Order());
        // Of whom the directory does not know there is no rule either.
        Assert.Equal(all.Except(["unknown"]).Order(), AccessCorpus.Looks.Where(l => l.Look.Refused.Count == 1).Select(l => l.Look.Refused[0]).Distinct().Order());
    }

    [Fact]
    public void nobody_and_no_group_is_named_by_mistake()
    {
        foreach (var (company, look) in AccessCorpus.Looks.Where(l => !l.Look.Refused.Contains("unknown")))
        {
            var people = company.At(look.Now).People;
            Assert.True(look.Look switch
            {
                Look.AtPerson l => people.Find(l.Subject) >= 0 && (l.Case is null || look.Refused.Contains("case") || look.Refused.Contains("no-rule") || company.Cases.Any(c => c.Facts.Digest == l.Case)),
                Look.AtGroup l => people.Group(l.Level, l.Group) is not null,
                _ => false,
            }, $"{company.Name}: {look.Name}");
            Assert.True(look.Refused.Contains("left") || people.Find(look.Look.Asker) >= 0, $"{company.Name}: {look.Name}");
        }
    }

    private static bool IsKnown(ExposureOf exposure, Look.AtPerson look) => exposure.Programs.First(p => p.Gated.Charter.Program == look.Program).Knows(exposure.World.People.Find(look.Subject));

    /// <summary>Whether a sight is of what a look is at: the person, or somebody in the group's figure.</summary>
    private static bool IsOf(Sight sight, Look look) => sight.Program == look.Program && look switch
    {
        Look.AtPerson l => sight.Person == l.Subject && sight.Granularity == "person" && sight.What.StartsWith(l.What == IndividualKind.Records ? "records" : "submissions", StringComparison.Ordinal),
        Look.AtGroup l => sight.Granularity == (l.Level == GroupLevel.Company ? "company" : $"{l.Level.ToString().ToLowerInvariant()}:{l.Group}") && sight.What.StartsWith(l.Measure + " ", StringComparison.Ordinal),
        _ => false,
    };
}

using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Exposure;
using FsCheck;
using FsCheck.Fluent;

namespace Daylight.Tests.Core;

/// <summary>The engine and the gate agree: whoever could see something is somebody to whom the gate would open, were everything there that the rule needs.</summary>
public sealed class ExposureTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(400);

    private static Arbitrary<int> Seeds { get; } = ArbMap.Default.ArbFor<int>();

    /// <summary>Every pair of people, through the gate itself.</summary>
    private static HashSet<Sight> BruteForce(World world)
    {
        var sights = new HashSet<Sight>();
        var approvers = Vocabulary.Approvers.Select((_, i) => new Daylight.Core.Directory.Person($"approver{i}", $"a{i}@example.com", "A", string.Empty, [], string.Empty, "Etc/UTC"));
        var withApprovers = new Daylight.Core.Directory.OrgSnapshot(world.People.People.Concat(approvers), world.People.AllTeams, world.People.Day);
        foreach (var program in world.Programs)
        {
            foreach (var viewer in world.People.People)
            {
                foreach (var rule in program.Charter.Show)
                {
                    sights.UnionWith(rule switch
                    {
                        ShowRule.Individual i => world.People.People.Select(p => p.Id).Where(p => Opens(world, withApprovers, program, i, viewer.Id, p)).Select(p => Sight(program, rule, viewer.Id, p, "person")),
                        ShowRule.Group g => Groups(world, program, g, viewer.Id),
                        _ => [],
                    });
                }
            }
        }

        return sights;
    }

    private static Sight Sight(ProgramFacts program, ShowRule rule, string viewer, string person, string granularity)
    {
        var terms = Terms.Of(program.Charter, rule);
        return new Sight(viewer, person, terms.Program, rule.Name, terms.What, granularity, terms.Needs);
    }

    /// <summary>One rule alone, with a case that everybody approved, a fresh signature, and days that are allowed.</summary>
    private static bool Opens(World world, Daylight.Core.Directory.OrgSnapshot people, ProgramFacts program, ShowRule.Individual rule, string viewer, string person)
    {
        var only = program with { Charter = program.Charter with { Show = [rule] } };
        var day = world.People.Day;
        var found = new CaseFacts(
            "c", viewer, person, rule.Name, [program.Charter.Program], day, day, day, RandomCompany.Now, false, [.. Vocabulary.Approvers.Select((r, i) => (r, $"approver{i}"))]);
        var full = new World(people, [only], world.HeldRoles, [found], Consents(world));
        var look = new Look.AtPerson(viewer, person, program.Charter.Program, rule.What, day, day, "c") { Signed = RandomCompany.Now };
        // A person may always look at what there is of themselves; there is something where the charter covers them.
        return Gate.Decide(look, full, RandomCompany.Now) is Decision.Allowed && (viewer != person || new ExposureOf(world).Programs[0].Knows(world.People.Find(person)));
    }

    private static IEnumerable<ConsentFacts> Consents(World world) => world.SaidByPeople;

    private static IEnumerable<Sight> Groups(World world, ProgramFacts program, ShowRule.Group rule, string viewer)
    {
        var only = world.With(otherPrograms: [program with { Charter = program.Charter with { Show = [rule] } }]);
        var view = new ExposureOf(world).Programs[0];
        foreach (var group in world.People.Groups(rule.Level))
        {
            var counted = world.People.People.Where(p => world.People.IsCounted(world.People.Find(p.Id), group) && view.Contributes(world.People.Find(p.Id))).Select(p => p.Id).ToList();
            var prefix = rule.Level == GroupLevel.Company ? "company" : $"{rule.Level.ToString().ToLowerInvariant()}:{world.People.KeyOf(group)}";
            if (Gate.Decide(new Look.AtGroup(viewer, program.Charter.Program, rule.Measure, rule.Level, world.People.KeyOf(group)), only, RandomCompany.Now) is Decision.Allowed allowed && counted.Count >= allowed.AtLeast)
            {
                foreach (var person in counted.Where(p => p != viewer))
                {
                    yield return Sight(program, rule, viewer, person, prefix);
                }
            }
        }
    }

    private static (string, string, string, string, string, string) Key(Sight s) => (s.Viewer, s.Person, s.Program, s.What, s.Granularity, s.Needs);

    [Fact]
    public void enumeration_and_the_gates_own_answers_are_the_same() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Seeds, seed =>
    {
        var world = new RandomCompany(seed).Make();
        var (expected, exposure) = (BruteForce(world), new ExposureOf(world));
        Assert.Equal(expected.OrderBy(s => s.ToString(), StringComparer.Ordinal), world.People.People.SelectMany(p => exposure.Who(p.Id)).OrderBy(s => s.ToString(), StringComparer.Ordinal));
        Assert.Equal(expected.OrderBy(s => s.ToString(), StringComparer.Ordinal), world.People.People.SelectMany(p => exposure.Of(p.Id)).OrderBy(s => s.ToString(), StringComparer.Ordinal));
    }));

    [Fact]
    public void the_sums_are_those_of_the_enumeration() => Check.One(Runs, Prop.ForAll(Seeds, seed =>
    {
        var world = new RandomCompany(seed).Make();
        var exposure = new ExposureOf(world);
        var all = world.People.People.SelectMany(p => exposure.Who(p.Id)).Where(s => s.Viewer != s.Person).ToList();
        var summary = Assert.Single(new ExposureOf(world).Summary());
        Assert.Equal(all.Count, summary.Sights);
        Assert.Equal(all.Where(s => s.Granularity == "person").Select(s => s.Viewer).Distinct().Count(), summary.Individual);
        Assert.Equal(all.Where(s => s.Granularity != "person").Select(s => s.Viewer).Distinct().Count(), summary.Group);
        Assert.Equal(all.GroupBy(s => s.Viewer).Select(g => g.Select(s => s.Person).Distinct().Count()).DefaultIfEmpty().Max(), summary.WidestCount);
        foreach (var rule in summary.Rules)
        {
            var sights = all.Where(s => s.Rule == rule.Rule).ToList();
            Assert.Equal((sights.Select(s => s.Viewer).Distinct().Count(), sights.Select(s => s.Person).Distinct().Count(), sights.Count), (rule.Viewers, rule.People, rule.Sights));
        }
    }));

    [Fact]
    public void a_diff_is_the_difference_of_the_two_enumerations() => Check.One(Runs, Prop.ForAll(Seeds, seed =>
    {
        var company = new RandomCompany(seed);
        var before = company.Make();
        var after = company.Change(before);
        HashSet<(string, string, string, string, string, string)> Sights(World world) => [.. world.People.People.SelectMany(p => new ExposureOf(world).Who(p.Id)).Where(s => s.Viewer != s.Person).Select(Key)];
        var (was, becomes, diff) = (Sights(before), Sights(after), new ExposureDiff(before, after));
        Assert.Equal(becomes.Except(was).Order(), diff.Appearing.Select(Key).Order());
        Assert.Equal(was.Except(becomes).Order(), diff.Disappearing.Select(Key).Order());
        Assert.Equal((diff.Appearing.LongCount(), diff.Disappearing.LongCount()), (diff.Appear, diff.Disappear));
        Assert.Empty(new ExposureDiff(after, after.With()).Changes);
    }));
}

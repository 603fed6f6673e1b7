using System.Collections.Immutable;
using System.Net;

namespace Daylight.Core.Charters.Grammar;

/// <summary>How <c>show</c> is written: rules about one person, and rules about groups.</summary>
internal static class ShowGrammar
{
    private static readonly Key<Audience> To = new("to", "Who is shown it", Terms.Audience, new Audience.Self());

    private static readonly Key<IndividualKind> Kind =
        new("what", "Records, or what people handed in", new ChoiceForm<IndividualKind>([("records", IndividualKind.Records), ("submissions", IndividualKind.Submissions)], IndividualKind.Records), IndividualKind.Records);

    private static readonly Key<ImmutableArray<string>?> Fields = new(
        "fields", "Fields that are shown; without it everything that is collected is, and none of it is justified by this rule",
        new ListForm<string>(Terms.Text("[a-zA-Z][a-zA-Z-]{0,30}", "the name of a field")).Select(f => (ImmutableArray<string>?)f), null, required: false);

    private static readonly Key<bool> Case = new("case", "An approved case", new BoolForm(), false, required: false);

    private static readonly Key<int> Any = new("any", "How many must approve", new WholeForm(1, 5), 1);

    private static readonly Key<ImmutableArray<string>> Of = new("of", "Roles that may approve, each another person", new ListForm<string>(Terms.Role), []);

    private static readonly Key<(int Enough, ImmutableArray<string> Of)> Approvals = new(
        "approvals", "Roles that approve, each another person: all of a list, or so many of one",
        new ShapeForm<(int Enough, ImmutableArray<string> Of)>(
            null, new ListForm<string>(Terms.Role).Select(r => (r.Length, r)), new MapForm<(int, ImmutableArray<string>)>("'approvals'", [Any, Of], (0, []), m => (m.Get(Any), m.Get(Of)))),
        (0, []), required: false);

    private static readonly Key<ImmutableArray<IPNetwork>> Network = new("network", "Networks from which one may look", new ListForm<IPNetwork>(Terms.Network, alone: true), [], required: false);

    private static readonly Key<bool> BreakGlass = new("break-glass", "For an emergency: one approval, one hour, and the person is told at once", new BoolForm(), false, required: false);

    private static readonly Key<TimeSpan?> StepUp = new("step-up", "How fresh the asker's signature is", Terms.Minutes.Select(m => (TimeSpan?)m), null, required: false);

    private static readonly Key<LookHours?> Hours = new("hours", "Hours in which one may look, with their time zone", Terms.LookHours.Select(t => (LookHours?)t), null, required: false);

    private static readonly Key<Needs> Needs = new(
        "needs", "What it needs",
        new MapForm<Needs>("'needs'", [Case, Approvals, StepUp, Hours, Network, BreakGlass], Charters.Needs.Nothing, m => new Needs
        {
            Case = m.Get(Case),
            Approvals = m.Get(Approvals).Of,
            Enough = m.Get(Approvals).Enough,
            StepUp = m.Get(StepUp),
            Hours = m.Get(Hours),
            Networks = m.Get(Network),
            BreakGlass = m.Get(BreakGlass),
        }),
        Charters.Needs.Nothing, required: false);

    private static readonly Key<int> Tell = new("tell", "When the person is told, at the latest", Terms.Tell, 0, required: false);

    private static readonly Key<string> Measure = new("what", "Which measure", Terms.ProgramName, string.Empty);

    private static readonly Key<GroupLevel> By = new(
        "by", "Level of the cells",
        new ChoiceForm<GroupLevel>([("team", GroupLevel.Team), ("department", GroupLevel.Department), ("site", GroupLevel.Site), ("company", GroupLevel.Company)], GroupLevel.Team, NeverPerson), GroupLevel.Team);

    private static readonly Key<int> Per = new("per", "Length of the release period", Terms.Weeks, 1);

    private static readonly Key<int> MinimumGroup = new("minimum-group", "Fewest people that must have contributed, the viewer not among them", new SmallestGroupForm(), CharterRules.SmallestGroup);

    private static readonly Key<Rounding?> Round = new("round", "To what the figure is rounded", Terms.Rounding.Select(r => (Rounding?)r), null, required: false);

    private static readonly Key<decimal> Epsilon = new("epsilon", "ε for each person and year", new NumberForm(0.01m, 10), 1);

    private static readonly Key<NoiseMechanism> Mechanism = new(
        "mechanism", "Which noise: discrete Gaussian, the narrower, or discrete Laplace",
        new ChoiceForm<NoiseMechanism>([("gaussian", NoiseMechanism.Gaussian), ("laplace", NoiseMechanism.Laplace)], NoiseMechanism.Gaussian), NoiseMechanism.Gaussian, required: false);

    private static readonly Key<NoiseBudget?> Noise = new(
        "noise", "Noise that hides each person's part, with its budget",
        new MapForm<NoiseBudget?>("'noise'", [Epsilon, Mechanism], null, m => new NoiseBudget(m.Get(Epsilon), m.Get(Mechanism))), null, required: false);

    private static MapForm<ShowRule> Individual { get; } = new(
        "a rule about one person", [To, Kind, Fields, Needs, Tell], Nothing(), m => new ShowRule.Individual(m.Get(To), m.Get(Kind), m.Get(Fields), m.Get(Needs), m.Get(Tell)));

    private static MapForm<ShowRule> Group { get; } = new(
        "a rule about groups", [To, Measure, By, Per, MinimumGroup, Round, Noise], Nothing(),
        m => new ShowRule.Group(m.Get(To), m.Get(Measure), m.Get(By), m.Get(Per), m.Get(MinimumGroup), m.Get(Round), m.Get(Noise)));

    /// <summary>The rules.</summary>
    public static Form<ImmutableArray<ShowRule>> Show { get; } =
        new ListForm<ShowRule>(new SwitchForm<ShowRule>(m => m["what"] is YamlNode.Scalar { Text: "records" or "submissions" } ? 0 : 1, Individual, Group), most: 50);

    private static ShowRule.Individual Nothing() => new(new Audience.Self(), IndividualKind.Records, null, Charters.Needs.Nothing, 0);

    private static (string, string)? NeverPerson(string text) => text is "person" or "individual" or "employee"
        ? (DiagnosticCodes.NeverScore, "never: a measure is a figure of a group; there is no number about one person")
        : null;

    /// <summary>A minimum group, refused below the smallest that there is.</summary>
    private sealed class SmallestGroupForm : Form<int>
    {
        private readonly WholeForm number = new(0, 10_000);

        public override int Read(YamlNode node, string key, Diagnostics problems)
        {
            var minimum = number.Read(node, key, problems);
            if (minimum < CharterRules.SmallestGroup && node is YamlNode.Scalar { Text: var text } && int.TryParse(text, out _))
            {
                problems.Add(node, DiagnosticCodes.NeverSmallGroup, $"never: a group of fewer than {CharterRules.SmallestGroup} is a handful of named people");
            }

            return Math.Max(minimum, CharterRules.SmallestGroup);
        }

        public override System.Text.Json.Nodes.JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = CharterRules.SmallestGroup, ["maximum"] = 10_000 };
    }
}

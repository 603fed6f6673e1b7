using System.Collections.Immutable;
using Daylight.Core.Minimization;

namespace Daylight.Core.Charters;

/// <summary>
/// What makes a well-formed file a charter: its parts fit together, and it asks for nothing that is never allowed. Agents and the keyholder read charters
/// with these rules too, so that a server which accepted a wrong one would be alone with it.
/// </summary>
internal static class CharterRules
{
    /// <summary>Smallest group about which anything is ever published.</summary>
    public const int SmallestGroup = 5;

    /// <summary>Days in which somebody who was told of a look can still verify it.</summary>
    private const int LooksAfterTelling = 90;

    /// <summary>Longest that a data set for training lives.</summary>
    private const int MostTrainingDays = 365;

    /// <summary>Longest that a charter runs: then a new version is signed, or it ends.</summary>
    private const int MostDays = 1096;

    public static void Check(Charter charter, bool hasDays, YamlNode root, Diagnostics problems)
    {
        if (hasDays)
        {
            CheckDays(charter, root, problems);
        }

        CheckPeople(charter, root, problems);
        CheckConsent(charter, root, problems);
        CheckPurpose(charter, root, problems);
        CheckPrivateLife(charter, root, problems);
        MeasureRules.Check(charter, root, problems);
        CheckShow(charter, root, problems);
        ReleaseRules.Check(charter, root, problems);
        CheckTraining(charter, root, problems);
        CheckKeep(charter, root, problems);
    }

    private static void CheckDays(Charter charter, YamlNode root, Diagnostics problems)
    {
        if (IsRelative(root, "from") != IsRelative(root, "until"))
        {
            problems.Add(root.Find("until"), DiagnosticCodes.Template, "'from' and 'until' are both dates, or both days after the proposal as in +14d and +180d");
        }
        else if (charter.Until < charter.From)
        {
            problems.Add(root.Find("until"), DiagnosticCodes.Dates, "'until' is before 'from'");
        }
        else if (charter.Until.DayNumber - charter.From.DayNumber > MostDays)
        {
            problems.Add(root.Find("until"), DiagnosticCodes.NeverEndless, "never: a charter runs for three years at most; then a new version is signed, or it ends");
        }
    }

    /// <summary>Who proposes, who reviews, and whom it is about are not the same people.</summary>
    private static void CheckPeople(Charter charter, YamlNode root, Diagnostics problems)
    {
        if (charter.Review.By.Length > 0 && !charter.Review.By.Any(r => r is "privacy-officer" or "works-council"))
        {
            problems.Add(root.Find("review/by"), DiagnosticCodes.NeverUnreviewed, "never: a review without the privacy officer or the works council is none");
        }

        foreach (var group in charter.Covers.Who.Where(g => g is { Kind: GroupKind.Role, Name: "works-council" or "privacy-officer" }))
        {
            problems.Add(root.Find("covers"), DiagnosticCodes.NeverForeignPurpose, $"never: no program is about {group}, who approve it");
        }
    }

    private static bool IsRelative(YamlNode root, string key) => root.Find(key) is YamlNode.Scalar { Text: ['+', ..] };

    private static void CheckConsent(Charter charter, YamlNode root, Diagnostics problems)
    {
        if (charter.LawfulBasis.Length > 0 && charter.LawfulBasis == "consent" != charter.Consent is Consent.OptIn)
        {
            problems.Add(root.Find("consent"), DiagnosticCodes.ConsentBasis, charter.LawfulBasis == "consent"
                ? "the lawful basis is consent, so 'consent' is opt-in: a yes that was not given is none (GDPR Art. 4(11))"
                : "an opt-in is a lawful basis of its own: 'lawful-basis' is consent");
        }
    }

    private static void CheckPurpose(Charter charter, YamlNode root, Diagnostics problems)
    {
        if (!Purposes.All.TryGetValue(charter.Purpose, out var purpose))
        {
            return;
        }

        foreach (var stream in charter.Collect.Where(s => !purpose.Streams.Contains(s.Stream)))
        {
            problems.Add(root.Find("collect/" + stream.Stream), DiagnosticCodes.NeverForeignPurpose,
                $"never: '{stream.Stream}' ({stream.Shape.Says}) does not serve {purpose.Name}; that purpose is served by {string.Join(", ", purpose.Streams)}");
        }
    }

    private static void CheckPrivateLife(Charter charter, YamlNode root, Diagnostics problems)
    {
        for (var i = 0; i < charter.Categories.Length; i++)
        {
            var (rule, at) = (charter.Categories[i], root.Find($"categories/{i}"));
            foreach (var word in rule.Apps.Concat(rule.Titles).Concat(rule.Hosts).Append(rule.Name))
            {
                if (PrivateLife.BuiltIn.Touches(word) is { } section)
                {
                    problems.Add(at, DiagnosticCodes.NeverPrivateLife, $"never: '{word}' tells about {section}; what belongs to somebody's private life is no category");
                }
            }

            if (rule.Titles.Any(t => t.Contains('@', StringComparison.Ordinal)))
            {
                problems.Add(at, DiagnosticCodes.NeverScore, $"never: the category '{rule.Name}' picks out one person by an address");
            }

            if (MeasureRules.Judges(rule.Name))
            {
                problems.Add(at, DiagnosticCodes.NeverScore, $"never: '{rule.Name}' reads like a judgment of a person");
            }
        }

        foreach (var name in charter.Categories.Select(c => c.Name).GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1 && g.Key.Length > 0).Select(g => g.Key))
        {
            problems.Add(root.Find("categories"), DiagnosticCodes.Twice, $"there are two categories '{name}': write their words into one");
        }
    }

    private static void CheckShow(Charter charter, YamlNode root, Diagnostics problems)
    {
        for (var i = 0; i < charter.Show.Length; i++)
        {
            var at = root.Find($"show/{i}");
            if (charter.Show.Take(i).Any(r => r.Name == charter.Show[i].Name))
            {
                problems.Add(at, DiagnosticCodes.Twice, $"there are two rules '{charter.Show[i].Name}': one audience has one rule for one thing");
            }

            switch (charter.Show[i])
            {
                case ShowRule.Individual rule:
                    CheckFields(charter, rule, at, problems);
                    CheckIndividual(rule, charter.Keep.Looks, at, problems);
                    break;
                case ShowRule.Group rule:
                    CheckGroup(charter, rule, at, problems);
                    break;
                default:
                    break;
            }
        }
    }

    private static void CheckFields(Charter charter, ShowRule.Individual rule, YamlNode at, Diagnostics problems)
    {
        var streams = charter.Collect.Where(s => s.Kind == rule.What).ToList();
        if (streams.Count == 0)
        {
            problems.Add(at.Find("what"), DiagnosticCodes.UnknownName, $"the charter collects no {rule.Kind} that could be shown");
            return;
        }

        var collected = streams.SelectMany(s => s.Collected).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var field in (rule.Fields ?? []).Where(f => !collected.Contains(f) && f.Length > 0))
        {
            problems.Add(at.Find("fields"), DiagnosticCodes.UnknownName, $"'{field}' is not collected; allowed: {string.Join(", ", collected)}");
        }

        foreach (var field in (rule.Fields ?? []).Where(f => collected.Contains(f) && streams.TrueForAll(s => s.TimeStep is null || !s.Collected.Contains(f))))
        {
            problems.Add(at.Find("fields"), DiagnosticCodes.UnknownName, $"'{field}' is in no record, because its stream has no time: leave it out here, or collect 'time'");
        }
    }

    private static void CheckIndividual(ShowRule.Individual rule, int looks, YamlNode at, Diagnostics problems)
    {
        switch (rule.To)
        {
            case Audience.Self when rule.Needs != Needs.Nothing:
                problems.Add(at.Find("needs"), DiagnosticCodes.BadValue, "nobody needs leave to see what is about themselves");
                break;
            case Audience.Manager or Audience.ManagerChain or Audience.TeamMember when rule.What == IndividualKind.Records:
                problems.Add(at, DiagnosticCodes.NeverManagerRecords, "never: no rule shows one person's records to their manager or their team. Show a measure by team instead");
                break;
            case Audience.Role when rule.Needs.BreakGlass && (!rule.Needs.Case || rule.Needs.Enough < 1 || rule.TellWithinDays > 0):
                problems.Add(at, DiagnosticCodes.NeedsCase, "who breaks the glass needs a case with an approval at least, and the person is told at once: needs: { case: true, approvals: [privacy-officer], break-glass: true }, tell: at once");
                break;
            case Audience.Role when rule.What == IndividualKind.Records && !rule.Needs.BreakGlass && (!rule.Needs.Case || rule.Needs.Enough < 2):
                problems.Add(at, DiagnosticCodes.NeedsCase,
                    "one person's records are shown to a role only in a case with approvals of two roles: needs: { case: true, approvals: [privacy-officer, works-council] }");
                break;
            case Audience.Role when rule.What == IndividualKind.Records && at is YamlNode.Mapping map && map["tell"] is null:
                problems.Add(at, DiagnosticCodes.Tell, "the person is told: add 'tell: at once' or 'tell: within 30d'");
                break;
            case not Audience.Self when looks > 0 && looks < rule.TellWithinDays + LooksAfterTelling:
                problems.Add(at, DiagnosticCodes.Tell, $"'keep' forgets looks before the person has had {LooksAfterTelling} days to verify this one: keep looks longer, or tell earlier");
                break;
            default:
                break;
        }

        var approvals = rule.Needs.Approvals;
        if (rule.Needs.Enough > approvals.Length)
        {
            problems.Add(at.Find("needs/approvals"), DiagnosticCodes.BadValue, $"{rule.Needs.Enough} approvals of {approvals.Length} roles cannot be given");
        }

        if (approvals.Length > 0 && !rule.Needs.Case && rule.What != IndividualKind.Records)
        {
            problems.Add(at.Find("needs/approvals"), DiagnosticCodes.NeedsCase, "approvals are given to a case: add case: true");
        }

        if (rule.Needs.BreakGlass && rule.To is not Audience.Role)
        {
            problems.Add(at.Find("needs/break-glass"), DiagnosticCodes.BadValue, "the glass is broken by holders of a role");
        }

        if (approvals.Distinct().Count() != approvals.Length)
        {
            problems.Add(at.Find("needs/approvals"), DiagnosticCodes.Twice, "each approval is by another role");
        }

        foreach (var role in approvals.Where(r => r.Length > 0 && (!Vocabulary.Approvers.Contains(r) || rule.To is Audience.Role { Name: var asker } && asker == r)))
        {
            problems.Add(at.Find("needs/approvals"), DiagnosticCodes.ApproverIsAsker, Vocabulary.Approvers.Contains(role)
                ? $"{role} asks here, and nobody approves for themselves"
                : $"{role} does not approve a case; allowed: {string.Join(", ", Vocabulary.Approvers)}");
        }
    }

    private static void CheckGroup(Charter charter, ShowRule.Group rule, YamlNode at, Diagnostics problems)
    {
        if (rule.Measure.Length > 0 && charter.Measures.All(m => m.Name != rule.Measure))
        {
            problems.Add(at.Find("what"), DiagnosticCodes.UnknownName, $"'what' cannot be '{rule.Measure}'; allowed: {string.Join(", ", charter.Measures.Select(m => m.Name).Prepend("submissions").Prepend("records"))}");
        }

        if (rule.To is Audience.Self)
        {
            problems.Add(at, DiagnosticCodes.BadValue, "a group figure is shown to a manager, a team or a role; oneself sees records");
        }

        if (rule.To is Audience.TeamMember && rule.Level != GroupLevel.Team)
        {
            problems.Add(at.Find("by"), DiagnosticCodes.BadValue, "a team is shown its own figure: by: team");
        }
    }

    private static void CheckTraining(Charter charter, YamlNode root, Diagnostics problems)
    {
        if (charter.AiTraining is not AiTraining.OptIn training)
        {
            if (charter.Purpose == "model-training")
            {
                problems.Add(root.Find("ai-training"), DiagnosticCodes.NeverForeignPurpose, "never: a charter for model-training says under which opt-in");
            }

            return;
        }

        var at = root.Find("ai-training/fields");
        foreach (var field in training.Fields.Where(f => f.Length > 0))
        {
            var transforms = charter.Collect.Select(s => s.Fields.GetValueOrDefault(field)).OfType<Transform>().ToList();
            if (field != "time" && transforms.All(t => t is Transform.Drop))
            {
                problems.Add(at, DiagnosticCodes.UnknownName, $"'{field}' is not collected");
            }
            else if (charter.Collect.Any(s => TellsWho(s, field)))
            {
                problems.Add(at, DiagnosticCodes.NeverContent, $"never: '{field}' shows or tells who somebody is, or what they wrote; models are trained on categories, numbers and pseudonyms");
            }
        }

        if (training.KeepDays > MostTrainingDays)
        {
            problems.Add(root.Find("ai-training/keep"), DiagnosticCodes.BadValue, "a data set lives for a year at most: then it is made anew, of who still agrees");
        }
    }

    private static bool TellsWho(CollectedStream stream, string field) => stream.Fields.GetValueOrDefault(field) switch
    {
        Transform.Degrade or Transform.Redact => true,
        Transform.Keep => stream.Shape.Fields[field].Kind is FieldKind.Name or FieldKind.Note,
        _ => false,
    };

    private static void CheckKeep(Charter charter, YamlNode root, Diagnostics problems)
    {
        if ((root as YamlNode.Mapping)?["keep"] is not YamlNode.Mapping keep)
        {
            return;
        }

        var has = new (string Kind, bool Has)[]
        {
            ("records", charter.Collect.Any(s => s.Kind == IndividualKind.Records && charter.LeavingFields(s).Any())),
            ("submissions", charter.Collect.Any(s => s.Kind == IndividualKind.Submissions)),
            ("contributions", charter.GroupRules.Any()),
            ("releases", charter.GroupRules.Any()),
        };
        foreach (var (kind, isThere) in has)
        {
            if (isThere && keep[kind] is null)
            {
                problems.Add(keep, DiagnosticCodes.KeepMissing, $"'keep' lacks '{kind}'");
            }
            else if (!isThere && keep[kind] is { } superfluous)
            {
                problems.Add(superfluous, DiagnosticCodes.KeepNothing, $"this charter has no {kind}: leave '{kind}' out of 'keep'");
            }
        }
    }
}

using System.Globalization;
using Daylight.Core.Charters.Checks;

namespace Daylight.Core.Charters.Words;

/// <summary>
/// What the law asks for in writing, in English, with everything filled in that follows from the charter, and a box to tick where only the company knows.
/// None of it is legal advice, and each text says so.
/// </summary>
public static class LegalTexts
{
    private static readonly CharterWords Words = CharterWords.English;

    /// <summary>The record of processing activities (GDPR Art. 30(1)).</summary>
    public static string ProcessingRecord(CheckReport report)
    {
        var charter = report.Charter;
        var page = Start($"Record of processing: {charter.Program}, version {charter.Version}", "GDPR Art. 30(1)");
        page.Heading(2, "(a) Controller").Blank("Name and contact details of the controller, of any joint controller and representative, and of the data protection officer");
        page.Heading(2, "(b) Purposes").Paragraph($"{charter.Purpose}: {Purposes.All[charter.Purpose].Says.English} ({Purposes.All[charter.Purpose].Dpv}, W3C DPV 2.3).")
            .Paragraph($"Lawful basis: {charter.LawfulBasis} ({Vocabulary.LawfulBases[charter.LawfulBasis]}). {Words.Consent(charter.Consent)}");
        page.Heading(2, "(c) Data subjects and personal data").Paragraph($"Data subjects: {Words.Covers(charter.Covers)}.").Table(["Stream", "Field", "After minimization on the person's machine"], Collected(charter));
        page.Heading(2, "(d) Recipients").Bullets(charter.Show.Select(r => Words.Rule(r, charter)));
        page.Heading(2, "(e) Transfers to third countries").Blank("None by Daylight itself, which runs on the controller's own machines. Say where those stand, and which safeguards apply");
        page.Heading(2, "(f) Time limits for erasure").Table(["Kind", "Kept", "Last trace, if the charter ends as planned"], report.Fast.Kinds.Select(k => (IReadOnlyList<string>)[k.Kind, Words.Days(k.Days), Words.Day(k.LastTrace, report.IsTemplate)]));
        page.Heading(2, "(g) Technical and organizational measures (Art. 32)").Bullets(Safeguards(charter));
        return page.ToString();
    }

    /// <summary>A data protection impact assessment (GDPR Art. 35(7)): a skeleton with everything in it that can be computed.</summary>
    public static string ImpactAssessment(CheckReport report)
    {
        var charter = report.Charter;
        var page = Start($"Data protection impact assessment: {charter.Program}, version {charter.Version}", "GDPR Art. 35(7)");
        page.Heading(2, "(a) The processing and its purposes").Quote(charter.Explain.In(Language.English)).Paragraph($"Purpose: {Purposes.All[charter.Purpose].Says.English}. Covered: {Words.Covers(charter.Covers)}. From {Words.Day(charter.From, report.IsTemplate)} until {Words.Day(charter.Until, report.IsTemplate)}; {Words.Hours(charter.Hours)}.")
            .Table(["Stream", "Field", "After minimization on the person's machine"], Collected(charter));
        page.Heading(2, "(b) Necessity and proportionality").Quote(charter.Necessity.In(Language.English)).Paragraph("What each collected field is for, computed from the charter:")
            .Table(["Stream", "Field", "Used by"], report.Need.Select(n => (IReadOnlyList<string>)[n.Stream, n.Field, n.Uses.Count == 0 ? "nothing" : string.Join(", ", n.Uses)]))
            .Table(["Kind", "Kept", "Usual for this purpose", "Source, and the reason where it is longer"], report.Fast.Kinds.Select(k => (IReadOnlyList<string>)[k.Kind, Words.Days(k.Days), Words.Days(k.Usual.Days), k.Usual.Source + (k.Because is null ? "" : $". Here longer: {k.Because}")]));
        if (charter.LawfulBasis == "legitimate-interests")
        {
            page.Blank("The legitimate interest in the company's own words, weighed against the interests of the people covered (Art. 6(1)(f))");
        }

        AppendRisks(page, report);
        page.Heading(2, "(d) Measures").Bullets(Safeguards(charter)).Blank("Measures of the company's own, such as training and a works agreement");
        page.Heading(2, "Advice and views").Blank("Advice of the data protection officer (Art. 35(2))").Blank("Views of the people covered or of their representatives (Art. 35(9))").Paragraph(Words.Review(charter.Review));
        return page.ToString();
    }

    /// <summary>The notice of electronic monitoring that New York asks for (Civil Rights Law § 52-c*2).</summary>
    public static string NewYorkNotice(CheckReport report)
    {
        var charter = report.Charter;
        var page = Start($"Notice of electronic monitoring: {charter.Program}", "New York Civil Rights Law § 52-c*2");
        page.Paragraph("To be given in writing upon hiring, acknowledged in writing or electronically, and posted in a conspicuous place.");
        page.Quote("Any and all telephone conversations or transmissions, electronic mail or transmissions, or internet access or usage by an employee by any electronic device or system, including but not limited to the use of a computer, telephone, wire, radio or electromagnetic, photoelectronic or photo-optical systems may be subject to monitoring at any and all times and by any lawful means.");
        page.Paragraph("That is the statute's wording, which the law requires. What this program does is far less:").Quote(charter.Explain.In(Language.English))
            .Bullets(charter.Collect.Select(s => $"{s.Shape.Says}: {string.Join(", ", s.Collected)}"));
        page.Paragraph($"Collected: {Words.Hours(charter.Hours)}. From {Words.Day(charter.From, report.IsTemplate)} until {Words.Day(charter.Until, report.IsTemplate)}.");
        page.Heading(2, "Acknowledgment").Paragraph("I have read this notice.").Blank("Name").Blank("Date").Blank("Signature");
        return page.ToString();
    }

    private static Markdown Start(string title, string law) => new Markdown().Heading(1, title)
        .Paragraph($"{law}. Written by Daylight from the charter; what a box stands before only the company knows. This is not legal advice.");

    private static IEnumerable<IReadOnlyList<string>> Collected(Charter charter) => charter.Collect.SelectMany(s =>
    {
        var leaving = charter.LeavingFields(s).ToHashSet(StringComparer.Ordinal);
        return s.Fields.Where(f => f.Value is not Transform.Drop).Select(f => (IReadOnlyList<string>)[s.Stream, f.Key, Words.Field(f.Value, leaving.Contains(f.Key)).Replace("your machine", "the machine", StringComparison.Ordinal)])
            .Append([s.Stream, "time", leaving.Count == 0 ? "never leaves the machine; only counted there" : Words.TimeOf(s).Replace("your machine", "the machine", StringComparison.Ordinal)]);
    });

    private static void AppendRisks(Markdown page, CheckReport report)
    {
        page.Heading(2, "(c) Risks to the people covered");
        if (report.Who is { } who)
        {
            page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"Computed over a directory of {who.People} people, of whom {who.Covered} are covered:"));
            page.Table(["Rule", "People who could look", "About how many", "At most, one person"], who.Rules.Select(r => (IReadOnlyList<string>)
            [
                r.Rule, r.Viewers?.ToString(CultureInfo.InvariantCulture) ?? "unknown", r.Subjects.ToString(CultureInfo.InvariantCulture), r.Most.ToString(CultureInfo.InvariantCulture),
            ]));
        }

        page.Table(["Risk", "Likelihood", "Severity", "Why"],
        [
            ["Somebody sees one person's data without a reason", "", "", "Only a rule of the charter shows anything; each look is recorded before it happens, and the person can verify it."],
            ["A group figure gives a person away", "", "", report.Charter.GroupRules.Any()
                ? $"Figures need at least {report.Charter.GroupRules.Min(r => r.Fewest).ToString(CultureInfo.InvariantCulture)} people. Who knows all contributors but one learns that one's number up to rounding."
                : "There are no group figures."],
            ["A stolen table or backup is read", "", "", "Records and contributions are sealed on the person's machine; the server holds no key to them."],
            ["The keyholder and the server collude, or run under one administration", "", "", "Then their administrator can read what is kept."],
            ["Figures are used to judge people", "", "", "No measure is shown of one person. Teams can still feel watched, and German courts count that (BAG 1 ABR 6/94)."],
        ]);
        page.Blank("Likelihood and severity of each, and risks of the company's own");
    }

    private static IEnumerable<string> Safeguards(Charter charter)
    {
        yield return "Minimization on the person's own machine, before anything is sent; the person sees it, can delete it and can pause.";
        yield return "Sealing on that machine to a key of this person and program (HPKE, RFC 9180); the server stores what it cannot read.";
        yield return "Every look is appended to a transparency log before it is answered; entries name nobody, and each person can verify those about them.";
        yield return "The charter is signed by its owner, the privacy officer and the works council; agents and the keyholder check those signatures themselves.";
        if (charter.GroupRules.Any())
        {
            yield return $"Group figures only of {charter.GroupRules.Min(r => r.Fewest).ToString(CultureInfo.InvariantCulture)} people or more, each person's number clamped.";
        }
    }
}

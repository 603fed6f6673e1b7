using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>Every code that a diagnostic may carry. Codes are stable; each has a bad and a good example in <c>docs/charter-reference.md</c>, and both are tests.</summary>
public static class DiagnosticCodes
{
    /// <summary>All of them, in the order of the reference.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        NotText, TooLong, NotYaml, YamlFeature, DuplicateKey, UnknownKey, MissingKey, WrongShape, BadValue, UnknownName, Twice, Template, Dates, ConsentBasis, KeepMissing, KeepNothing,
        AlwaysOn, NeedsCase, ApproverIsAsker, Tell, Unit, Crossing, NoiseMixed,
        NeverContent, NeverScore, NeverHidden, NeverManagerRecords, NeverSmallGroup, NeverEndless, NeverUnreviewed, NeverForeignPurpose, NeverPrivateLife,
        NeedUnused, NeedTooFine, NeedShownToNobody, WhoNobody, WhoEverybody, FastTooLong, NoiseSwamps, SentenceTooLong, SentenceHard, SentenceWeasel, SentenceViewer,
    ];

    internal const string NotText = "not-text";
    internal const string TooLong = "too-long";
    internal const string NotYaml = "not-yaml";
    internal const string YamlFeature = "yaml-feature";
    internal const string DuplicateKey = "duplicate-key";
    internal const string UnknownKey = "unknown-key";
    internal const string MissingKey = "missing-key";
    internal const string WrongShape = "wrong-shape";
    internal const string BadValue = "bad-value";
    internal const string UnknownName = "unknown-name";
    internal const string Twice = "twice";
    internal const string Template = "template";
    internal const string Dates = "dates";
    internal const string ConsentBasis = "consent-basis";
    internal const string KeepMissing = "keep-missing";
    internal const string KeepNothing = "keep-nothing";
    internal const string AlwaysOn = "always-on";
    internal const string NeedsCase = "needs-case";
    internal const string ApproverIsAsker = "approver-is-asker";
    internal const string Tell = "tell";
    internal const string Unit = "unit";
    internal const string Crossing = "crossing";
    internal const string NoiseMixed = "noise-mixed";
    internal const string NeverContent = "never-content";
    internal const string NeverScore = "never-score";
    internal const string NeverHidden = "never-hidden";
    internal const string NeverManagerRecords = "never-manager-records";
    internal const string NeverSmallGroup = "never-small-group";
    internal const string NeverEndless = "never-endless";
    internal const string NeverUnreviewed = "never-unreviewed";
    internal const string NeverForeignPurpose = "never-foreign-purpose";
    internal const string NeverPrivateLife = "never-private-life";
    internal const string NeedUnused = "need-unused";
    internal const string NeedTooFine = "need-too-fine";
    internal const string NeedShownToNobody = "need-shown-to-nobody";
    internal const string WhoNobody = "who-nobody";
    internal const string WhoEverybody = "who-everybody";
    internal const string FastTooLong = "fast-too-long";
    internal const string NoiseSwamps = "noise-swamps";
    internal const string SentenceTooLong = "sentence-too-long";
    internal const string SentenceHard = "sentence-hard";
    internal const string SentenceWeasel = "sentence-weasel";
    internal const string SentenceViewer = "sentence-viewer";
}

using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(Disclosure), "disclosure")]
[JsonDerivedType(typeof(Refusal), "refusal")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(Ask), "ask")]
public abstract partial record Statement;

/// <summary>A signed wish to see something about one person. It is not a disclosure: that is what the keyholder may make of it.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was asked.</param>
/// <param name="Id">Random, so that no two asks are the same bytes.</param>
/// <param name="Asker">Person id of who asks.</param>
/// <param name="Subject">Person id of whom it is about.</param>
/// <param name="Programs">Programs it covers.</param>
/// <param name="Kinds">The kinds it covers: <c>records</c>, <c>submissions</c>, and for a look at oneself both.</param>
/// <param name="From">First local day, inclusive.</param>
/// <param name="To">Last local day, inclusive.</param>
/// <param name="Rule">The rule that is to allow it, <c>audience/what</c> as in the charter; <c>self</c> for a look at oneself at several kinds.</param>
/// <param name="Expires">When it stops serving: at most 8 hours for a look at oneself, 10 minutes for anyone else.</param>
/// <param name="Credential">The credential that signs; null for whichever of the asker's does.</param>
public sealed record Ask(
    string Root,
    DateTimeOffset Time,
    string Id,
    string Asker,
    string Subject,
    IReadOnlyList<string> Programs,
    IReadOnlyList<string> Kinds,
    DateOnly From,
    DateOnly To,
    string Rule,
    DateTimeOffset Expires,
    string? Credential = null) : Statement(Root, Time)
{
    /// <summary>Longest life of an ask about oneself.</summary>
    public static readonly TimeSpan SelfLife = TimeSpan.FromHours(8);

    /// <summary>Longest life of an ask about somebody else.</summary>
    public static readonly TimeSpan OtherLife = TimeSpan.FromMinutes(10);

    /// <summary>How long an ask of a browser waits for the person's machine to sign it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>What browser and machine both show of it, so that a person sees that they are about the same ask: the first 32 bits of its SHA-256, hexadecimal.</summary>
    public string Code() => Convert.ToHexStringLower(SHA256.HashData(ToBytes())[..4]).Insert(4, "-");

    /// <summary>Whether somebody asks about themselves.</summary>
    [JsonIgnore]
    public bool IsSelf => string.Equals(Asker, Subject, StringComparison.Ordinal);

    /// <summary>Rule of an ask that covers every kind about oneself: what signing in signs.</summary>
    public const string SelfRule = "self";

    /// <summary>The rule under which this ask may show a kind; null when it does not cover it.</summary>
    public string? RuleFor(string kind) => !Kinds.Contains(kind, StringComparer.Ordinal) ? null
        : Kinds.Count == 1 ? Rule
        : IsSelf && string.Equals(Rule, SelfRule, StringComparison.Ordinal) ? SelfRule + "/" + kind
        : null;
}

/// <summary>A look, before it happens: the signed ask, and under which rule and relation it is about to be answered.</summary>
/// <param name="Signed">The <see cref="Ask"/>.</param>
/// <param name="Relation">Who the asker is to the subject: <c>self</c>, or a role.</param>
/// <param name="Why">The purposes of the programs.</param>
/// <param name="What">What this very read is of, <c>records</c> or <c>submissions</c>; within the ask.</param>
/// <param name="Programs">What this very read covers; within the ask.</param>
/// <param name="From">First local day of this read.</param>
/// <param name="To">Last local day of this read.</param>
/// <param name="Time">When the server recorded it.</param>
/// <param name="Tell">UTC day on which the subject is told, at the latest; the keyholder holds it against the rule and counts the look from this day on.</param>
/// <param name="Until">Last UTC day on which the openings are kept, by the charters' <c>keep: looks</c>.</param>
/// <param name="Case">Digest of the case that it rests on, hexadecimal, or null.</param>
public sealed record Disclosure(
    SignedStatement Signed,
    string Relation,
    IReadOnlyList<string> Why,
    string What,
    IReadOnlyList<string> Programs,
    DateOnly From,
    DateOnly To,
    DateTimeOffset Time,
    DateOnly Tell,
    DateOnly Until,
    string? Case = null) : PersonEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;

    /// <inheritdoc/>
    public override string Asker => Statement.TryRead(Signed.Bytes) is Ask ask ? ask.Asker : string.Empty;

    /// <inheritdoc/>
    public override DateOnly Kept => Until;

    internal override byte[] AskerSees => Signed.Bytes;

    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is Ask ask
        ? new SubjectView("disclosure", ask.Subject, Relation, ask.RuleFor(What) ?? ask.Rule, Why, Programs, From, To, Time, Tell)
        : null;
}

/// <summary>A look that was refused. Nothing was shown.</summary>
/// <param name="AskedBy">Person id of who asked.</param>
/// <param name="Subject">Person id, or empty when it was about a group.</param>
/// <param name="Group">The team, or empty when it was about a person.</param>
/// <param name="Relation">Who the asker is to the subject.</param>
/// <param name="Programs">What was asked for.</param>
/// <param name="What">Records, or the measure.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Reasons">Why not, in words for the person it concerns.</param>
/// <param name="Time">When the first of them came: identical refusals within an hour are one.</param>
/// <param name="Until">Last UTC day on which the openings are kept.</param>
public sealed record Refusal(
    string AskedBy,
    string Subject,
    string Group,
    string Relation,
    IReadOnlyList<string> Programs,
    string What,
    DateOnly From,
    DateOnly To,
    IReadOnlyList<string> Reasons,
    DateTimeOffset Time,
    DateOnly Until) : PersonEvent
{
    /// <inheritdoc/>
    public override bool CarriesAuthority => false;

    /// <inheritdoc/>
    public override string Asker => AskedBy;

    /// <inheritdoc/>
    public override DateOnly Kept => Until;

    /// <inheritdoc/>
    public override SubjectView? View => Subject.Length > 0
        ? new SubjectView("refusal", Subject, Relation, string.Empty, Reasons, Programs, From, To, Time, DateOnly.FromDateTime(Time.UtcDateTime))
        : null;
}

using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(CredentialPromised), "credential-promised")]
[JsonDerivedType(typeof(CredentialRestored), "credential-restored")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(PromiseCredential), "promise-credential")]
[JsonDerivedType(typeof(TakeCredential), "take-credential")]
public abstract partial record Statement;

/// <summary>Root approvers promise a key to somebody who lost every key to sign with. It signs nothing until the person could have noticed.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose it becomes.</param>
/// <param name="Key">The new credential, as <see cref="Credential.Text"/>.</param>
/// <param name="Reason">Why, for the person to read.</param>
public sealed record PromiseCredential(string Root, DateTimeOffset Time, string Person, string Key, string Reason) : Statement(Root, Time)
{
    /// <summary>How many root approvers it takes at least, besides the person; as many as the quorum, where that is more: a key may be a root approver's.</summary>
    public const int Approvers = 2;

    /// <summary>Whole UTC days that lie between promise and key: 72 hours, and one for entries that the keyholder takes a day ahead of its clock.</summary>
    public const int WaitDays = 4;

    /// <summary>How many UTC days a promised key may take its place in, once it may.</summary>
    public const int TakeDays = Authority.StatementDays;
}

/// <summary>The promised key takes its place.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose it becomes.</param>
/// <param name="Promise">Log index of the promise.</param>
public sealed record TakeCredential(string Root, DateTimeOffset Time, string Person, ulong Promise) : Statement(Root, Time);

/// <summary>A key that waits.</summary>
/// <param name="Person">Whose it is to be.</param>
/// <param name="Key">The key.</param>
/// <param name="Index">Log index of the promise.</param>
/// <param name="Day">UTC day of the promise.</param>
public sealed record PromisedCredential(string Person, Credential Key, ulong Index, DateOnly Day)
{
    /// <summary>First UTC day on which it may take its place.</summary>
    public DateOnly From => Day.AddDays(PromiseCredential.WaitDays + 1);

    /// <summary>Last UTC day on which it may.</summary>
    public DateOnly Until => From.AddDays(PromiseCredential.TakeDays - 1);
}

/// <summary>A key is promised: the person is told, and can end it like any other (<see cref="CredentialRevoked"/>).</summary>
public sealed record CredentialPromised(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is PromiseCredential s ? SubjectView.Of("credential-promised", s.Person, "approvers", s.Time, why: [s.Reason]) : null;

    internal override SignedStatement? Once => Signed;

    internal override string? Complaint(Authority soFar, Recording at)
    {
        if (soFar.Said<PromiseCredential>(Signed) is not { Reason.Length: > 0 } statement || Credential.TryParse(statement.Key) is not { } key)
        {
            return "not a promise of a key of this trust root, with its reason";
        }

        var (needed, approvers) = (Math.Max(PromiseCredential.Approvers, soFar.Root!.Quorum), soFar.RootSigners(Signed).Count(p => !string.Equals(p, statement.Person, StringComparison.Ordinal)));
        return soFar.Credentials.ContainsKey(key.Id) || soFar.Revoked.Contains(key.Id) || soFar.PromiseTable.Values.Any(p => p.Key.Id == key.Id && at.Day <= p.Until) ? "that key is registered or promised already, or was revoked"
            : approvers < needed ? $"a lost key is replaced by {needed} root approvers besides the person, {approvers} signed"
            : !Authority.IsTimely(statement.Time, at.Day) ? "it was signed too long ago, or ahead of time"
            : null;
    }

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<PromiseCredential>(Signed)!;
        authority.PromiseTable[at.Index] = new PromisedCredential(statement.Person, Credential.TryParse(statement.Key)!, at.Index, at.Day);
    }
}

/// <summary>A promised key takes its place, after the wait.</summary>
public sealed record CredentialRestored(SignedStatement Signed) : PersonEvent
{
    /// <inheritdoc/>
    public override SubjectView? View => Statement.TryRead(Signed.Bytes) is TakeCredential s ? SubjectView.Of("credential", s.Person, "self", s.Time, why: ["person"]) : null;

    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<TakeCredential>(Signed) is not { } statement || soFar.PromiseTable.GetValueOrDefault(statement.Promise) is not { } promised
            || !string.Equals(promised.Person, statement.Person, StringComparison.Ordinal) ? "no such key is promised to this person, or it was taken back"
        : !Signed.IsSignedBy(promised.Key) ? "the promised key signs that it takes its place"
        : at.Day < promised.From ? $"a promised key waits until {promised.From:yyyy-MM-dd}, so that its person can notice"
        : at.Day > promised.Until ? $"a promised key takes its place until {promised.Until:yyyy-MM-dd}; after that it takes another promise"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var promised = authority.PromiseTable[authority.Said<TakeCredential>(Signed)!.Promise];
        authority.Hold(new HeldCredential(promised.Person, promised.Key, "person") { Evidence = [promised.Index, at.Index] });
    }
}

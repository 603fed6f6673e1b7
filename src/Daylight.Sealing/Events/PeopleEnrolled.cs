using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(PeopleEnrolled), "people-enrolled")]
public abstract partial record LogEvent;

[JsonDerivedType(typeof(EnrollPeople), "enroll-people")]
public abstract partial record Statement;

/// <summary>An approver vouches for a list of people: the Merkle root over (person commitment, hash of a one-time code).</summary>
public sealed record EnrollPeople(string Root, DateTimeOffset Time, string List, int Size) : Statement(Root, Time);

/// <summary>An enrollment list, signed by a root approver.</summary>
public sealed record PeopleEnrolled(SignedStatement Signed) : PublicEvent
{
    internal override string? Complaint(Authority soFar, Recording at) =>
        soFar.Said<EnrollPeople>(Signed) is not { } statement || !Hash.TryParse(statement.List, out _) ? "not a signed enrollment list of this trust root"
        : soFar.Signer(Signed) is not { } signer || !soFar.IsRootApprover(signer) ? "an enrollment list is signed by a root approver"
        : null;

    internal override void Apply(Authority authority, Recording at)
    {
        var statement = authority.Said<EnrollPeople>(Signed)!;
        _ = Hash.TryParse(statement.List, out var list);
        authority.Lists[at.Index] = (list, statement.Size);
    }
}

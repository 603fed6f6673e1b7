using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>A list of people that an approver vouches for, with a one-time code for each. The codes are kept nowhere: they go to the people themselves.</summary>
/// <param name="Signed">The list's Merkle root, signed.</param>
/// <param name="Lines">Its lines, in random order: the position in a list is public with each registration's proof.</param>
/// <param name="Codes">The code of each person.</param>
public sealed record EnrollmentList(SignedStatement Signed, IReadOnlyList<EnrollmentLine> Lines, IReadOnlyDictionary<string, EnrollmentCode> Codes)
{
    /// <summary>Makes a list.</summary>
    /// <param name="root">The trust root.</param>
    /// <param name="people">Person ids.</param>
    /// <param name="use">What the codes may register: <c>device</c> or <c>person</c>.</param>
    /// <param name="approver">A root approver's credential.</param>
    /// <param name="now">The time.</param>
    public static EnrollmentList Make(TrustRoot root, IEnumerable<string> people, string use, CredentialKey approver, DateTimeOffset now)
    {
        var (statement, lines, codes) = Draft(root, people, use, now);
        return new EnrollmentList(SignedStatement.Sign(statement, approver), lines, codes);
    }

    /// <summary>A list that an approver is still to sign: what they sign, its lines, and the code of each person.</summary>
    /// <param name="root">The trust root.</param>
    /// <param name="people">Person ids.</param>
    /// <param name="use">What the codes may register: <c>device</c> or <c>person</c>.</param>
    /// <param name="now">The time.</param>
    public static (EnrollPeople Statement, IReadOnlyList<EnrollmentLine> Lines, IReadOnlyDictionary<string, EnrollmentCode> Codes) Draft(TrustRoot root, IEnumerable<string> people, string use, DateTimeOffset now)
    {
        var codes = people.ToDictionary(p => p, _ => EnrollmentCode.Create(root, RandomNumberGenerator.GetBytes(16)), StringComparer.Ordinal);
        var lines = new List<EnrollmentLine>();
        foreach (var (person, code) in codes)
        {
            using var key = code.DeriveKey();
            lines.Add(new EnrollmentLine(person, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), EnrollmentCode.HashOf(key.Credential), use));
        }

        RandomNumberGenerator.Shuffle(CollectionsMarshal.AsSpan(lines));
        return (new EnrollPeople(root.Fingerprint, now, RootOf(lines), lines.Count), lines, codes);
    }

    /// <summary>Whether lines are those that a statement is about.</summary>
    public static bool IsAbout(SignedStatement signed, IReadOnlyList<EnrollmentLine> lines) =>
        Statement.TryRead(signed.Bytes) is EnrollPeople statement && statement.Size == lines.Count && statement.List == RootOf(lines);

    private static string RootOf(IReadOnlyList<EnrollmentLine> lines) => Merkle.Root([.. lines.Select(l => l.Leaf())]).ToString();
}

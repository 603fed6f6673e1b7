using System.Text;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>
/// What shows somebody the groups that counted them: the run in the log commits to every group with its size and to every person with their groups, as the roots
/// of two Merkle trees (RFC 6962) over the openings' commitments. One opening and its path show one leaf and nothing of the others.
/// </summary>
/// <param name="Index">Which leaf.</param>
/// <param name="Opening">What it opens to.</param>
/// <param name="Path">Audit path, base64.</param>
public sealed record ReleaseProof(long Index, Opening Opening, IReadOnlyList<string> Path)
{
    /// <summary>The root over openings, base64.</summary>
    public static string Root(IReadOnlyList<Opening> openings) => Merkle.Root([.. openings.Select(Leaf)]).ToString();

    /// <summary>The proofs of some of the openings.</summary>
    public static IReadOnlyList<ReleaseProof> Of(IReadOnlyList<Opening> openings, IEnumerable<int> wanted)
    {
        Hash[] leaves = [.. openings.Select(Leaf)];
        return [.. wanted.Select(i => new ReleaseProof(i, openings[i], [.. Merkle.Path(leaves, i).Select(h => h.ToString())]))];
    }

    /// <summary>Whether it leads to a root over so many openings.</summary>
    public bool Leads(string root, long count)
    {
        var path = new List<Hash>();
        foreach (var text in Path)
        {
            if (!Hash.TryParse(text, out var hash))
            {
                return false;
            }

            path.Add(hash);
        }

        return Index >= 0 && Index < count && Hash.TryParse(root, out var expected) && Merkle.VerifyInclusion((ulong)Index, (ulong)count, Leaf(Opening), path, expected);
    }

    private static Hash Leaf(Opening opening) => Merkle.Leaf(Encoding.UTF8.GetBytes(opening.Commitment()));
}

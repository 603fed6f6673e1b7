using System.Globalization;

namespace Daylight.Transparency;

/// <summary>What a log promises: so many entries, this root (C2SP tlog-checkpoint). No extension lines.</summary>
/// <param name="Origin">The log's name, a URL without its scheme.</param>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">Root hash of the tree of that size.</param>
public sealed record Checkpoint(string Origin, ulong Size, Hash Root)
{
    /// <summary>The body that is signed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");

    /// <summary>Parses a body; only the canonical spelling passes.</summary>
    public static bool TryParse(string body, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = body.Split('\n');
        if (lines.Length != 4 || lines[0].Length == 0 || lines[3].Length != 0
            || !ulong.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !Hash.TryParse(lines[2], out var root))
        {
            return false;
        }

        var parsed = new Checkpoint(lines[0], size, root);
        if (!string.Equals(parsed.ToString(), body, StringComparison.Ordinal))
        {
            return false;
        }

        checkpoint = parsed;
        return true;
    }

    /// <summary>Opens a signed checkpoint: every one of <paramref name="required"/> must have signed, and the origin is the first one's name.</summary>
    public static bool TryOpen(string note, out Checkpoint? checkpoint, params ReadOnlySpan<NoteVerifier> required)
    {
        checkpoint = null;
        if (required.IsEmpty || !SignedNote.TryParse(note, out var signed) || !TryParse(signed!.Text, out var body)
            || !string.Equals(body!.Origin, required[0].Name, StringComparison.Ordinal))
        {
            return false;
        }

        var good = signed.Verify(required);
        foreach (var verifier in required)
        {
            if (good is null || !good.Contains(verifier))
            {
                return false;
            }
        }

        checkpoint = body;
        return true;
    }
}

/// <summary>An inclusion proof that travels as a file (C2SP tlog-proof).</summary>
/// <param name="Index">Position of the entry.</param>
/// <param name="Hashes">Audit path, leaf to root.</param>
/// <param name="Checkpoint">The signed checkpoint that the path leads to.</param>
public sealed record TlogProof(ulong Index, IReadOnlyList<Hash> Hashes, string Checkpoint)
{
    private const string Header = "c2sp.org/tlog-proof@v1";

    /// <summary>The file.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Header}\nindex {Index}\n{string.Concat(Hashes.Select(h => h + "\n"))}\n{Checkpoint}");

    /// <summary>Parses a file; an <c>extra</c> line is skipped.</summary>
    public static bool TryParse(string file, out TlogProof? proof)
    {
        proof = null;
        var split = file.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0)
        {
            return false;
        }

        var lines = file[..split].Split('\n').ToList();
        if (lines.Count < 2 || !string.Equals(lines[0], Header, StringComparison.Ordinal))
        {
            return false;
        }

        lines.RemoveAt(0);
        if (lines[0].StartsWith("extra ", StringComparison.Ordinal))
        {
            lines.RemoveAt(0);
        }

        if (lines.Count == 0 || !lines[0].StartsWith("index ", StringComparison.Ordinal)
            || !ulong.TryParse(lines[0].AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || (lines[0].Length > 7 && lines[0][6] == '0'))
        {
            return false;
        }

        var hashes = new List<Hash>();
        foreach (var line in lines.Skip(1))
        {
            if (!Hash.TryParse(line, out var hash))
            {
                return false;
            }

            hashes.Add(hash);
        }

        proof = new TlogProof(index, hashes, file[(split + 2)..]);
        return true;
    }

    /// <summary>Whether the entry is in the log that these keys vouch for.</summary>
    public bool Verify(ReadOnlySpan<byte> entry, params ReadOnlySpan<NoteVerifier> required) =>
        Transparency.Checkpoint.TryOpen(Checkpoint, out var checkpoint, required)
        && Merkle.VerifyInclusion(Index, checkpoint!.Size, Merkle.Leaf(entry), Hashes, checkpoint.Root);
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Daylight.Transparency;

/// <summary>What a log sends to a witness: the checkpoint, and proof that it only appended to the one of <paramref name="OldSize"/> (C2SP tlog-witness, add-checkpoint).</summary>
/// <param name="OldSize">Size of the checkpoint that the witness is thought to have cosigned last; 0 for none.</param>
/// <param name="Proof">Consistency proof from the old size to the checkpoint's.</param>
/// <param name="Note">The checkpoint with the log's signature.</param>
public sealed record AddCheckpointRequest(ulong OldSize, IReadOnlyList<Hash> Proof, SignedNote Note)
{
    /// <summary>Most hashes in a proof: a tree is no higher.</summary>
    public const int MostHashes = 63;

    /// <summary>What the note promises: its first three lines. Extension lines after them are signed and mean nothing here.</summary>
    /// <exception cref="ArgumentException">The note is no checkpoint.</exception>
    public Checkpoint Checkpoint { get; } = Read(Note) ?? throw new ArgumentException("The note is no checkpoint.", nameof(Note));

    /// <summary>The request's body.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"old {OldSize}\n{string.Concat(Proof.Select(h => h + "\n"))}\n{Note}");

    /// <summary>Parses a request's body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="request">The request.</param>
    /// <param name="problem">Or else what is wrong with it.</param>
    public static bool TryParse(string body, [NotNullWhen(true)] out AddCheckpointRequest? request, [NotNullWhen(false)] out string? problem)
    {
        (request, problem) = (null, null);
        var split = body.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = split < 0 ? [string.Empty] : body[..split].Split('\n');
        if (!lines[0].StartsWith("old ", StringComparison.Ordinal) || !WitnessProtocol.TryReadNumber(lines[0].AsSpan(4), out var old))
        {
            problem = "The body is a line 'old SIZE', the hashes of the proof, an empty line, and the checkpoint.";
            return false;
        }

        var proof = new List<Hash>();
        foreach (var line in lines.Skip(1))
        {
            if (proof.Count == MostHashes || !Hash.TryParse(line, out var hash))
            {
                problem = $"A proof has at most {MostHashes} lines, each the base64 of one hash.";
                return false;
            }

            proof.Add(hash);
        }

        if (!SignedNote.TryParse(body[(split + 2)..], out var note) || Read(note!) is not { Size: <= long.MaxValue })
        {
            problem = "What follows the empty line is not a signed checkpoint.";
            return false;
        }

        request = new AddCheckpointRequest(old, proof, note!);
        return true;
    }

    private static Checkpoint? Read(SignedNote note)
    {
        var lines = note.Text.Split('\n');
        return lines.Length >= 4 && !lines.AsSpan(0, lines.Length - 1).Contains(string.Empty) && Checkpoint.TryParse(string.Join('\n', lines[..3]) + "\n", out var checkpoint) ? checkpoint : null;
    }
}

/// <summary>What a witness does with a request.</summary>
public abstract record WitnessDecision
{
    private WitnessDecision(int status) => Status = status;

    /// <summary>The HTTP status that says so.</summary>
    public int Status { get; }

    /// <summary>The log signed this checkpoint and another one of the same size that the witness cosigned: proof, by itself, that it showed two histories.</summary>
    public bool ShowsFork { get; private init; }

    /// <summary>Record it as the latest, then cosign.</summary>
    /// <param name="Checkpoint">The checkpoint.</param>
    public sealed record Cosign(Checkpoint Checkpoint) : WitnessDecision(200);

    /// <summary>The old size is larger than the checkpoint's.</summary>
    public sealed record Malformed() : WitnessDecision(400);

    /// <summary>No key that is trusted for this log signed, or one signed badly.</summary>
    public sealed record NotSigned() : WitnessDecision(403);

    /// <summary>No key is trusted for a log of this name.</summary>
    public sealed record UnknownLog() : WitnessDecision(404);

    /// <summary>The witness knows another size; the body of the answer is that size.</summary>
    /// <param name="KnownSize">Size of the checkpoint that it cosigned last; 0 for none.</param>
    public sealed record OtherSize(ulong KnownSize) : WitnessDecision(409)
    {
        /// <summary>The answer's body, of the type <see cref="WitnessProtocol.SizeMediaType"/>.</summary>
        public string Body => string.Create(CultureInfo.InvariantCulture, $"{KnownSize}\n");
    }

    /// <summary>The log signed it, and it does not follow from what was cosigned.</summary>
    /// <param name="Why">In words.</param>
    public sealed record Inconsistent(string Why) : WitnessDecision(422);

    internal WitnessDecision Showing(bool fork) => this with { ShowsFork = fork };
}

/// <summary>The rules of a witness, without its storage and its clock (C2SP tlog-witness).</summary>
public static class WitnessProtocol
{
    /// <summary>Where a request goes, under the witness's URL.</summary>
    public const string Path = "/add-checkpoint";

    /// <summary>Media type of the body of a 409.</summary>
    public const string SizeMediaType = "text/x.tlog.size";

    /// <summary>Decides about a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="known">The checkpoint of that log that was cosigned last; null for none.</param>
    /// <param name="trusted">The keys of all logs that this witness watches.</param>
    /// <exception cref="ArgumentException"><paramref name="known"/> is of another log.</exception>
    public static WitnessDecision Decide(AddCheckpointRequest request, Checkpoint? known, params ReadOnlySpan<NoteVerifier> trusted)
    {
        var checkpoint = request.Checkpoint;
        if (known is not null && !string.Equals(known.Origin, checkpoint.Origin, StringComparison.Ordinal))
        {
            throw new ArgumentException("The known checkpoint is of another log.", nameof(known));
        }

        var keys = new List<NoteVerifier>();
        foreach (var key in trusted)
        {
            if (key.Type == NoteKeyType.Ed25519 && string.Equals(key.Name, checkpoint.Origin, StringComparison.Ordinal))
            {
                keys.Add(key);
            }
        }

        if (keys.Count == 0)
        {
            return new WitnessDecision.UnknownLog();
        }

        return request.Note.Verify([.. keys]) is { Count: > 0 }
            ? Compare(request, known).Showing(known is not null && known.Size == checkpoint.Size && known.Root != checkpoint.Root)
            : new WitnessDecision.NotSigned();
    }

    /// <summary>
    /// The good cosignature of a witness in its answer (200) to a checkpoint; lines of other keys are ignored. Null when there is none, or a bad one.
    /// </summary>
    /// <param name="answer">The body of the answer.</param>
    /// <param name="note">The checkpoint that was sent.</param>
    /// <param name="witness">The witness's key.</param>
    public static NoteSignature? ReadCosignature(string answer, SignedNote note, NoteVerifier witness) =>
        SignedNote.TryParse(note.Text + "\n" + answer, out var cosigned) && cosigned!.Text == note.Text && cosigned.IsSignedBy(witness)
            ? cosigned.Signatures.FirstOrDefault(s => witness.CosignedAt(s) is not null)
            : null;

    /// <summary>The size that a witness says it knows (the body of a 409).</summary>
    public static bool TryReadSize(string answer, out ulong size)
    {
        size = 0;
        return answer.EndsWith('\n') && TryReadNumber(answer.AsSpan(0, answer.Length - 1), out size);
    }

    /// <summary>A decimal number without leading zeros.</summary>
    internal static bool TryReadNumber(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length == 1 || text[0] != '0');

    /// <summary>The rules for a checkpoint that the log did sign, in the order of the specification.</summary>
    private static WitnessDecision Compare(AddCheckpointRequest request, Checkpoint? known)
    {
        var (old, checkpoint) = (request.OldSize, request.Checkpoint);
        var (knownSize, knownRoot) = known is null ? (0, Merkle.EmptyRoot) : (known.Size, known.Root);
        if (old > checkpoint.Size)
        {
            return new WitnessDecision.Malformed();
        }

        if (old != knownSize)
        {
            return new WitnessDecision.OtherSize(knownSize);
        }

        if (checkpoint.Size == 0 && checkpoint.Root != Merkle.EmptyRoot)
        {
            return new WitnessDecision.Inconsistent("An empty log has the root of the empty tree.");
        }

        if (old == checkpoint.Size && checkpoint.Root != knownRoot)
        {
            return new WitnessDecision.Inconsistent("This witness has cosigned another root for this size.");
        }

        return Merkle.VerifyConsistency(old, checkpoint.Size, knownRoot, checkpoint.Root, request.Proof)
            ? new WitnessDecision.Cosign(checkpoint)
            : new WitnessDecision.Inconsistent("The proof does not show that this log only appended to what this witness has cosigned.");
    }
}

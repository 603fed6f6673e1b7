using System.Buffers.Binary;
using System.Text;

namespace Daylight.Transparency;

/// <summary>One signature line of a note.</summary>
/// <param name="Name">The signer's name.</param>
/// <param name="KeyId">The signer's key id.</param>
/// <param name="Signature">What follows the key id.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature)
{
    /// <summary>The line, with its newline.</summary>
    public override string ToString()
    {
        var bytes = new byte[4 + Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Signature.CopyTo(bytes, 4);
        return $"\u2014 {Name} {Convert.ToBase64String(bytes)}\n";
    }

    /// <summary>Parses one line without its newline.</summary>
    public static bool TryParse(string line, out NoteSignature? signature)
    {
        signature = null;
        if (!line.StartsWith("\u2014 ", StringComparison.Ordinal))
        {
            return false;
        }

        var parts = line[2..].Split(' ');
        if (parts.Length != 2 || parts[0].Length == 0)
        {
            return false;
        }

        var buffer = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], buffer, out var written) || written < 5)
        {
            return false;
        }

        var parsed = new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(buffer), buffer[4..written]);
        if (!string.Equals(parsed.ToString(), line + "\n", StringComparison.Ordinal))
        {
            return false; // another spelling of the same base64
        }

        signature = parsed;
        return true;
    }
}

/// <summary>A text with signatures (C2SP signed-note).</summary>
/// <param name="Text">The signed text; ends in a newline.</param>
/// <param name="Signatures">At least one; unknown signers are carried and ignored.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Most signatures accepted on one note.</summary>
    public const int MaxSignatures = 64;

    /// <summary>Signs a text.</summary>
    /// <exception cref="ArgumentException">The text does not end in a newline.</exception>
    public static SignedNote Sign(string text, DateTimeOffset time, params ReadOnlySpan<NoteSigner> signers)
    {
        if (!text.EndsWith('\n'))
        {
            throw new ArgumentException("A note's text ends in a newline.", nameof(text));
        }

        return new SignedNote(text, []).With(time, signers);
    }

    /// <summary>The note with further signatures.</summary>
    public SignedNote With(DateTimeOffset time, params ReadOnlySpan<NoteSigner> signers)
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        var signatures = Signatures.ToList();
        foreach (var signer in signers)
        {
            signatures.Add(new NoteSignature(signer.Verifier.Name, signer.Verifier.Id, signer.Sign(bytes, time)));
        }

        return this with { Signatures = signatures };
    }

    /// <summary>Splits a note at its last blank line. Says nothing yet about whether a signature is good.</summary>
    public static bool TryParse(string note, out SignedNote? parsed)
    {
        parsed = null;
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || !note.EndsWith('\n') || note.Any(c => c != '\n' && char.IsControl(c)))
        {
            return false;
        }

        var lines = note[(split + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > MaxSignatures)
        {
            return false;
        }

        var signatures = new List<NoteSignature>();
        foreach (var line in lines)
        {
            if (!NoteSignature.TryParse(line, out var signature))
            {
                return false;
            }

            signatures.Add(signature!);
        }

        parsed = new SignedNote(note[..(split + 1)], signatures);
        return true;
    }

    /// <summary>
    /// Which of the known keys signed. Unknown keys are ignored; a bad signature of a known key refuses the whole note (null).
    /// </summary>
    public IReadOnlyList<NoteVerifier>? Verify(params ReadOnlySpan<NoteVerifier> known)
    {
        var text = Encoding.UTF8.GetBytes(Text);
        var good = new List<NoteVerifier>();
        foreach (var signature in Signatures)
        {
            foreach (var verifier in known)
            {
                if (!string.Equals(verifier.Name, signature.Name, StringComparison.Ordinal) || verifier.Id != signature.KeyId)
                {
                    continue;
                }

                if (!verifier.Verify(text, signature.Signature))
                {
                    return null;
                }

                good.Add(verifier);
            }
        }

        return good;
    }

    /// <summary>Whether this key signed, and no known key signed badly.</summary>
    public bool IsSignedBy(NoteVerifier verifier) => Verify(verifier) is { Count: > 0 };

    /// <summary>The note as text.</summary>
    public override string ToString() => Text + "\n" + string.Concat(Signatures);
}

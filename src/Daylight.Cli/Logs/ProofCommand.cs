using System.CommandLine;
using System.Globalization;
using System.Text;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log proof</c>: makes a proof that an entry is in the log, or checks one that somebody was given.</summary>
internal static class ProofCommand
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create()
    {
        var what = new Argument<string>("INDEX|FILE") { Description = "Number of an entry to prove, or a .tlog-proof file to check" };
        var choice = new LogChoice();
        var output = new Option<string?>("--output", "-o") { Description = "File to write the proof to; otherwise it is printed", HelpName = "FILE" };
        var entry = new Option<string?>("--entry") { Description = "The entry's bytes: written beside a new proof (FILE.entry otherwise), read to check one", HelpName = "FILE" };
        var witness = new Option<string[]>("--witness") { Description = "Verification key of somebody who must have cosigned", HelpName = "VKEY" };
        var json = Shared.Json();
        var command = new Command("proof", "Proves that an entry is in the log, in a file that anybody can check without the server; or checks such a file.\n\nExamples:\n  daylight log proof 17 --server https://daylight.example --vkey 'daylight.log/…+…' --token … -o 17.tlog-proof\n  daylight log proof 17.tlog-proof --entry 17.tlog-proof.entry --vkey 'daylight.log/…+…' --witness 'keyholder+…'") { what };
        choice.AddTo(command);
        command.Add(output);
        command.Add(entry);
        command.Add(witness);
        command.Add(json);
        command.SetAction(async (parsed, cancel) =>
        {
            var witnesses = (parsed.GetValue(witness) ?? []).Select(w => LogChoice.Key("--witness", w)).ToList();
            if (!ulong.TryParse(parsed.GetValue(what), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                var vkey = parsed.GetValue(choice.VKey) ?? throw new UsageException("Checking a proof wants --vkey: the log's key as it was published outside Daylight.");
                var bytes = parsed.GetValue(entry) ?? throw new UsageException("Checking a proof wants --entry FILE: the entry whose place it proves.");
                return Check(Read(parsed.GetValue(what)!), Read(bytes), [LogChoice.Key("--vkey", vkey), .. witnesses], parsed.GetValue(json));
            }

            using var log = choice.Open(parsed);
            var key = log.VKey ?? LogChoice.Key("entry 0", (await log.TrustRootAsync(cancel))?.Log ?? throw new InvalidOperationException("The log has no trust root. Was the server set up?"));
            return await MakeAsync(log.Source, index, [key, .. witnesses], parsed.GetValue(output), parsed.GetValue(entry), cancel);
        });
        return command;
    }

    /// <summary>What is wrong with a proof file, in words; null when it shows that the entry is in the log that the keys vouch for.</summary>
    public static string? Complaint(ReadOnlySpan<byte> file, ReadOnlySpan<byte> entry, NoteVerifier[] required)
    {
        if (Text(file) is not { } text || !TlogProof.TryParse(text, out var proof))
        {
            return "The file is not a proof (C2SP tlog-proof), or it was damaged.";
        }

        if (!Checkpoint.TryOpen(proof!.Checkpoint, out var checkpoint, required))
        {
            return required is [var one]
                ? $"The proof's checkpoint does not carry a good signature of {one.Name}."
                : $"The proof's checkpoint does not carry good signatures of all of: {string.Join(", ", required.Select(r => r.Name))}.";
        }

        return proof.Verify(entry, required)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"The checkpoint is signed, but this entry is not entry {proof.Index} of the log of {checkpoint!.Size} entries that it is for.");
    }

    private static int Check(byte[] file, byte[] entry, NoteVerifier[] required, bool json)
    {
        var complaint = Complaint(file, entry, required);
        _ = TlogProof.TryParse(Text(file) ?? string.Empty, out var proof);
        Checkpoint? checkpoint = null;
        _ = complaint is null && Checkpoint.TryOpen(proof!.Checkpoint, out checkpoint, required);
        if (json)
        {
            CommandLine.PrintJson(new ProofReport(complaint is null, checkpoint?.Origin, proof?.Index, checkpoint?.Size, complaint), LogJson.Default.ProofReport);
        }
        else if (complaint is null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The proof holds: this is entry {proof!.Index} of {checkpoint!.Origin}, in its tree of {checkpoint.Size} entries, signed by {string.Join(" and ", required.Select(r => r.Name))}."));
        }
        else
        {
            Console.Error.WriteLine(complaint);
        }

        return complaint is null ? CommandLine.Done : CommandLine.Refused;
    }

    private static async Task<int> MakeAsync(ILogSource source, ulong index, NoteVerifier[] required, string? output, string? entryFile, CancellationToken cancel)
    {
        var note = await source.CheckpointAsync(cancel);
        if (!Checkpoint.TryOpen(note, out var checkpoint, required))
        {
            return await RefuseAsync($"The checkpoint does not carry a good signature of {string.Join(" and ", required.Select(r => r.Name))}, so nothing can be proven from it.");
        }

        if (index >= checkpoint!.Size)
        {
            return await RefuseAsync(string.Create(CultureInfo.InvariantCulture, $"There is no entry {index}: the log has {checkpoint.Size}, numbered from 0."));
        }

        var bundle = TileId.Of(0, index, checkpoint.Size);
        var bytes = await source.BundleAsync(bundle.Index, bundle.Width, cancel);
        if (bytes is null || !EntryBundle.TryDecode(bytes, out var entries) || entries.Count != bundle.Width)
        {
            return await RefuseAsync($"{TilePath.Format("entries", bundle.Index, bundle.Width)} is missing or damaged.");
        }

        if (await TileProofs.InclusionAsync(source, index, checkpoint.Size, cancel) is not { } path)
        {
            return await RefuseAsync("A tile that the proof needs is missing or damaged. `daylight log verify` says which.");
        }

        var entry = entries[(int)(index % TileId.FullWidth)];
        var proof = new TlogProof(index, path, note);
        if (!proof.Verify(entry, required))
        {
            return await RefuseAsync(string.Create(CultureInfo.InvariantCulture, $"Entry {index} does not lead to the root that the log signed: it or a tile was changed. `daylight log verify` says which."));
        }

        if (output is null)
        {
            Console.Write(proof);
        }
        else
        {
            await File.WriteAllTextAsync(output, proof.ToString(), Utf8, cancel);
        }

        if ((entryFile ?? (output is null ? null : output + ".entry")) is { } beside)
        {
            await File.WriteAllBytesAsync(beside, entry, cancel);
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Entry {index}: {(output is null ? string.Empty : $"proof in {output}, ")}its bytes in {beside}. Check with: daylight log proof {output ?? "FILE"} --entry {beside} --vkey '{required[0]}'"));
        }

        return CommandLine.Done;
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return CommandLine.Refused;
    }

    private static byte[] Read(string file) => File.Exists(file) ? File.ReadAllBytes(file) : throw new UsageException($"There is no file {file}.");

    private static string? Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>What checking a proof with <c>--json</c> prints.</summary>
internal sealed record ProofReport(bool Good, string? Origin, ulong? Index, ulong? Size, string? Problem);

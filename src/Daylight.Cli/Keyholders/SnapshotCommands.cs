using System.CommandLine;
using System.Globalization;
using Daylight.Keyholder;
using Daylight.Transparency;

namespace Daylight.Cli.Keyholders;

/// <summary><c>daylight keyholder snapshot|restore</c>: a cold standby.</summary>
internal static class SnapshotCommands
{
    public static Command Snapshot()
    {
        var options = new KeyholderOptions();
        var file = new Argument<string>("FILE") { Description = "Where the snapshot goes; its signature goes to FILE.note" };
        var command = new Command(
            "snapshot",
            "Copies the keyholder's state, signed, while it runs or not. It opens nothing without --keys, and after 30 days nothing at all.\n\nExample:\n  daylight keyholder snapshot /backup/keyholder-2026-11-21.db --data /var/lib/daylight") { file };
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var folder = options.Folder(parsed);
            var info = await Daylight.Keyholder.Snapshot.TakeAsync(Path.Combine(folder.Keyholder, "keyholder.db"), options.Kek(parsed, TimeProvider.System), parsed.GetValue(file)!, TimeProvider.System);
            Print(info, parsed.GetValue(file)!);
            return CommandLine.Done;
        });
        return command;
    }

    public static Command Restore()
    {
        var file = new Argument<string>("FILE") { Description = "The snapshot; FILE.note lies beside it" };
        var data = Shared.Data("Folder for the keyholder's files; no keyholder may be there yet");
        var vkey = new Option<string>("--vkey") { Description = "The keyholder's vkey, as setup printed it and the trust root has it", Required = true, HelpName = "VKEY" };
        var command = new Command(
            "restore",
            "Checks a snapshot and puts it in place on a standby. At its first start it finds that it was restored, and opens nothing until root approvers accept it (daylight keyholder accept).\n\nExample:\n  daylight keyholder restore /backup/keyholder-2026-11-21.db --data /var/lib/daylight --vkey 'keyholder-…+…'") { file, data, vkey };
        command.SetAction(async (parsed, _) =>
        {
            if (!NoteVerifier.TryParse(parsed.GetValue(vkey)!, out var key))
            {
                throw new UsageException("--vkey is not a verification key. One looks like: keyholder-1a2b3c4d+1a2b3c4d+AbCd…");
            }

            var info = await Daylight.Keyholder.Snapshot.RestoreAsync(parsed.GetValue(file)!, key!, Path.Combine(new DataFolder(parsed.GetValue(data)!).Keyholder, "keyholder.db"));
            Print(info, parsed.GetValue(file)!);
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(SnapshotInfo info, string file)
    {
        Console.WriteLine($"snapshot   {file}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"taken      {info.Taken:yyyy-MM-dd HH:mm:ss}Z, after {info.Size} entries of the log"));
        Console.WriteLine($"keyholder  {info.Keyholder}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"needs      epoch {info.Kek} of the key-encryption key (keyholder.epoch)"));
    }
}

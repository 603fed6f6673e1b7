using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>What a snapshot says of itself.</summary>
/// <param name="Keyholder">vkey of the keyholder that made it.</param>
/// <param name="Taken">When.</param>
/// <param name="Size">Log size.</param>
/// <param name="Kek">Epoch of the key-encryption key that it needs.</param>
public sealed record SnapshotInfo(string Keyholder, DateTimeOffset Taken, ulong Size, int Kek);

/// <summary>
/// A copy of a keyholder's state, signed by the keyholder: what a cold standby is brought up from. It is as sealed as the original, and readable as long as its
/// epoch of the key-encryption key exists.
/// </summary>
public static class Snapshot
{
    private const string Header = "daylight/v1 keyholder snapshot";

    /// <summary>Takes a snapshot, while the keyholder runs or not: FILE, and its signature in FILE.note.</summary>
    /// <exception cref="IOException">FILE exists.</exception>
    public static async Task<SnapshotInfo> TakeAsync(string database, KeyEncryptionKey kek, string file, TimeProvider time)
    {
        if (File.Exists(file))
        {
            throw new IOException($"{file} exists, and is left as it is.");
        }

        var source = new SqliteDatabase(database, readOnly: true);
        using (var connection = source.Open())
        {
            connection.Execute("VACUUM INTO @file", new { file = Path.GetFullPath(file) });
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var copy = new SqliteDatabase(file, readOnly: true);
        var (name, seed, epoch, size) = Read(copy, kek);
        var signer = new NoteSigner(name, NoteKeyType.Ed25519, seed);
        var now = time.GetUtcNow();
        var hash = await HashAsync(file);
        var text = string.Create(CultureInfo.InvariantCulture, $"{Header}\nsha256 {hash}\ntaken {now:O}\nsize {size}\nkek {epoch}\n");
        await File.WriteAllTextAsync(file + ".note", SignedNote.Sign(text, now, signer).ToString());
        return new SnapshotInfo(signer.Verifier.ToString(), now, size, epoch);
    }

    /// <summary>Checks a snapshot and puts it in place as a keyholder's database.</summary>
    /// <param name="file">The snapshot.</param>
    /// <param name="keyholder">The keyholder's vkey, as published.</param>
    /// <param name="database">Where it goes; nothing may be there.</param>
    /// <exception cref="InvalidDataException">Not signed by this keyholder, or changed since.</exception>
    /// <exception cref="IOException">A database is there.</exception>
    public static async Task<SnapshotInfo> RestoreAsync(string file, NoteVerifier keyholder, string database)
    {
        if (File.Exists(database))
        {
            throw new IOException($"{database} exists, and is left as it is. Restore into an empty folder.");
        }

        if (!SignedNote.TryParse(await File.ReadAllTextAsync(file + ".note"), out var note) || !note!.IsSignedBy(keyholder)
            || note.Text.Split('\n') is not [Header, var hash, var taken, var size, var kek, ""]
            || hash != "sha256 " + await HashAsync(file))
        {
            throw new InvalidDataException($"{file} is not a snapshot that this keyholder signed, or it was changed.");
        }

        Folders.MakePrivate(Path.GetDirectoryName(Path.GetFullPath(database))!);
        File.Copy(file, database);
        return new SnapshotInfo(
            keyholder.ToString(),
            DateTimeOffset.Parse(taken["taken ".Length..], CultureInfo.InvariantCulture),
            ulong.Parse(size["size ".Length..], CultureInfo.InvariantCulture),
            int.Parse(kek["kek ".Length..], CultureInfo.InvariantCulture));
    }

    private static (string Name, byte[] Seed, int Epoch, ulong Size) Read(SqliteDatabase database, KeyEncryptionKey kek)
    {
        using var connection = database.Open();
        var secrets = connection.Query<(string Name, int Kek, byte[] Sealed)>("SELECT name, kek, sealed FROM secrets").ToDictionary(s => s.Name, s => (s.Kek, s.Sealed), StringComparer.Ordinal);
        byte[] Open(string name) => kek.Box(secrets[name].Kek).Open(secrets[name].Sealed, "seed " + name);
        return (KeyholderService.NameOf(Open("name")), Open("statements"), secrets["statements"].Kek, (ulong)connection.QuerySingle<long>("SELECT COUNT(*) FROM entries"));
    }

    private static async Task<string> HashAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }
}

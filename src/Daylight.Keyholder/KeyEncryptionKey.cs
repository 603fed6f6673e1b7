using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Keyholder;

/// <summary>Where the operator's secret comes from: a file, an environment variable, or a command such as a client of a KMS or HSM.</summary>
public abstract record KekSource
{
    private KekSource()
    {
    }

    /// <summary>Reads the secret, 32 bytes in hexadecimal.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is not 64 hexadecimal digits.</exception>
    public abstract byte[] Read();

    /// <summary>A file that holds it.</summary>
    public sealed record FromFile(string Path) : KekSource
    {
        /// <inheritdoc/>
        public override byte[] Read() => System.IO.File.Exists(Path)
            ? SecretBox.ReadKeyFile(Path)
            : throw new InvalidDataException($"There is no {Path}. Make it with: daylight keys new {System.IO.Path.GetDirectoryName(Path)}");
    }

    /// <summary>An environment variable.</summary>
    public sealed record FromEnvironment(string Name) : KekSource
    {
        /// <inheritdoc/>
        public override byte[] Read() => Parse(System.Environment.GetEnvironmentVariable(Name) ?? string.Empty, $"the environment variable {Name}");
    }

    /// <summary>A command that prints it; the command line goes to the shell, and what it prints nowhere else.</summary>
    public sealed record FromCommand(string Line) : KekSource
    {
        /// <inheritdoc/>
        public override byte[] Read()
        {
            var (shell, flag) = OperatingSystem.IsWindows() ? ("cmd.exe", "/c") : ("/bin/sh", "-c");
            using var process = Process.Start(new ProcessStartInfo(shell, [flag, Line]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? Parse(text, "the command's output")
                : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The command for the key-encryption key ended with {process.ExitCode}."));
        }
    }

    private static byte[] Parse(string text, string where) => text.Trim() is { Length: 64 } hex && hex.All(char.IsAsciiHexDigit)
        ? Convert.FromHexString(hex)
        : throw new InvalidDataException($"The key-encryption key ({where}) is not 64 hexadecimal digits.");
}

/// <summary>One epoch of the key-encryption key, as its file holds it: wrapped under the operator's secret.</summary>
internal sealed record KekEpoch(int Epoch, DateTimeOffset Begun, string Wrapped);

/// <summary>Serialization of the epochs' file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<KekEpoch>))]
internal sealed partial class KekJson : JsonSerializerContext;

/// <summary>
/// The key-encryption key, epoch by epoch. An epoch's key is random, lives wrapped in <c>keyholder.epoch</c> outside every data folder and backup,
/// and is destroyed when the next has taken over: from then on no older copy of the keyholder's database can be read, by anybody.
/// </summary>
public sealed class KeyEncryptionKey
{
    /// <summary>Longest life of an epoch.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>When the next one is begun, so that moving over is done in time.</summary>
    internal static readonly TimeSpan RotateAfter = TimeSpan.FromDays(28);

    private readonly string path;
    private readonly SecretBox wrapping;
    private readonly Lock turn = new();
    private List<KekEpoch> epochs;

    private KeyEncryptionKey(string path, SecretBox wrapping, List<KekEpoch> epochs) => (this.path, this.wrapping, this.epochs) = (path, wrapping, epochs);

    /// <summary>Opens the epochs of a keys folder, or begins the first one.</summary>
    /// <param name="folder">The keys folder: never a data folder, never backed up with one.</param>
    /// <param name="source">The operator's secret.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidDataException">The secret or the file is damaged.</exception>
    /// <exception cref="CryptographicException">The file was written under another secret.</exception>
    public static KeyEncryptionKey Open(string folder, KekSource source, TimeProvider time)
    {
        var path = Path.Combine(folder, "keyholder.epoch");
        var wrapping = new SecretBox(SecretBox.Derive(source.Read(), "keyholder epochs"));
        var key = new KeyEncryptionKey(path, wrapping, File.Exists(path) ? ReadFile(path) : []);
        if (key.epochs.Count == 0)
        {
            key.Begin(time.GetUtcNow());
        }

        try
        {
            _ = key.Box(key.Current);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new CryptographicException($"{path} was written under another secret than the one that was given, or is damaged.", e);
        }

        return key;
    }

    private static List<KekEpoch> ReadFile(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), KekJson.Default.ListKekEpoch) is { Count: > 0 } epochs ? epochs : throw new InvalidDataException($"{path} is damaged: it holds no epoch.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged.", e);
        }
    }

    /// <summary>The epoch that new rows are wrapped under.</summary>
    public int Current => epochs[^1].Epoch;

    /// <summary>The first day on which nothing wrapped under the current epoch can be read any more.</summary>
    public DateOnly Unreadable => DateOnly.FromDateTime((epochs[^1].Begun + Life).UtcDateTime).AddDays(1);

    internal bool IsMoving => epochs.Count > 1;

    internal bool IsDue(DateTimeOffset now) => now - epochs[^1].Begun >= RotateAfter || epochs[^1].Begun > now + TimeSpan.FromDays(1); // begun by a clock that ran ahead

    /// <summary>Whether the current epoch, or one before it, lives longer than was promised: what was certified as unreadable is not.</summary>
    internal bool IsOverdue(DateTimeOffset now) => now > epochs[0].Begun + Life + TimeSpan.FromDays(1);

    /// <summary>The box of an epoch.</summary>
    /// <exception cref="CryptographicException">That epoch's key was destroyed, or is of another secret.</exception>
    internal SecretBox Box(int epoch)
    {
        lock (turn)
        {
            var found = epochs.Find(e => e.Epoch == epoch)
                ?? throw new CryptographicException(string.Create(CultureInfo.InvariantCulture, $"Epoch {epoch} of the key-encryption key is not in {path}: it was destroyed, or this database is of another installation."));
            return boxes.TryGetValue(epoch, out var known) ? known : boxes[epoch] = new SecretBox(wrapping.Open(Convert.FromBase64String(found.Wrapped), Use(found)));
        }
    }

    /// <summary>Begins the next epoch; the former stays until <see cref="Forget"/>.</summary>
    internal void Begin(DateTimeOffset now)
    {
        lock (turn)
        {
            var next = new KekEpoch(epochs.Count == 0 ? 1 : epochs[^1].Epoch + 1, now, string.Empty);
            next = next with { Wrapped = Convert.ToBase64String(wrapping.Seal(RandomNumberGenerator.GetBytes(32), Use(next))) };
            Write([.. epochs, next]);
        }
    }

    /// <summary>Destroys every epoch but the current one.</summary>
    internal void Forget()
    {
        lock (turn)
        {
            boxes.Keys.Where(e => e != Current).ToList().ForEach(e => boxes.Remove(e));
            Write([epochs[^1]]);
        }
    }

    private readonly Dictionary<int, SecretBox> boxes = [];

    private void Write(List<KekEpoch> next)
    {
        Folders.MakePrivate(Path.GetDirectoryName(path)!);
        Folders.WritePrivate(path, JsonSerializer.Serialize(next, KekJson.Default.ListKekEpoch) + "\n");
        epochs = next;
    }

    private static string Use(KekEpoch epoch) => string.Create(CultureInfo.InvariantCulture, $"kek epoch {epoch.Epoch} begun {epoch.Begun:O}");
}

using System.Security.Cryptography;
using Daylight.Agent.Platform;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Agent.Store;

/// <summary>
/// What raw events are encrypted with on disk (AES-256-GCM). The key lies in the user's key store where the platform has one, else in a file beside the
/// store: then a copy of the store alone says nothing, and a copy of the folder does.
/// </summary>
internal sealed class StoreKey
{
    // The use is in the key: beside each event it would cost a quarter more.
    private const string Use = "";

    private readonly SecretBox box;

    private StoreKey(byte[] key, string where) => (box, Where) = (new SecretBox(SecretBox.Derive(key, "raw event")), where);

    /// <summary>Where the key lies, in words.</summary>
    public string Where { get; }

    /// <summary>Opens the key of a folder, or makes one.</summary>
    /// <param name="folder">The raw store's folder.</param>
    /// <param name="keyStore">Where a new key goes; null for a file.</param>
    /// <exception cref="InvalidOperationException">The key is in the user's key store, and that stays shut.</exception>
    public static StoreKey Open(string folder, IKeyStore? keyStore)
    {
        var file = Path.Combine(folder, "raw.key");
        if (!File.Exists(file))
        {
            return Create(file, keyStore);
        }

        var text = File.ReadAllText(file).Trim();
        if (!text.StartsWith("key-store ", StringComparison.Ordinal))
        {
            return new StoreKey(SecretBox.ReadKeyFile(file), "a file beside the store");
        }

        // Never a new key in its place: what is there could not be read any more.
        var store = keyStore ?? KeyStores.Platform;
        return store is not null && KeyStores.Ask(() => store.Find(text[10..])) is { Length: 64 } secret
            ? new StoreKey(Convert.FromHexString(secret), store.Name)
            : throw new InvalidOperationException($"Your raw events are encrypted under a key in {store?.Name ?? "your key store"}, which does not give it out. Unlock it (sign in to your desktop), and start the agent again.");
    }

    /// <summary>Encrypts an event's data.</summary>
    public byte[] Seal(ReadOnlySpan<byte> data) => box.Seal(data, Use);

    /// <summary>Decrypts the data of many events, on one thread.</summary>
    public BoxReader Reader() => box.Reader(Use);

    /// <summary>Decrypts it; null when it was written under another key, or a byte changed.</summary>
    public byte[]? TryOpen(ReadOnlySpan<byte> sealedData)
    {
        try
        {
            return box.Open(sealedData, Use);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static StoreKey Create(string file, IKeyStore? keyStore)
    {
        var (key, id) = (RandomNumberGenerator.GetBytes(32), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        var secret = Convert.ToHexStringLower(key);
        if (keyStore is not null && KeyStores.Ask(() => keyStore.TryStore(id, secret) && keyStore.Find(id) == secret))
        {
            Folders.WritePrivate(file, "key-store " + id + "\n");
            return new StoreKey(key, keyStore.Name);
        }

        Folders.WritePrivate(file, secret + "\n");
        return new StoreKey(key, "a file beside the store");
    }
}

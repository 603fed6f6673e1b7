using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Daylight.Agent.Platform;

/// <summary>A place of the platform's that keeps a user's secrets, and opens with their session.</summary>
internal interface IKeyStore
{
    /// <summary>What users call it.</summary>
    string Name { get; }

    /// <summary>Keeps a secret; false when the platform has no such place, or it stays shut.</summary>
    bool TryStore(string id, string secret);

    /// <summary>A secret that was kept; null when it is not there, or the place stays shut.</summary>
    string? Find(string id);
}

/// <summary>The key stores of the platforms.</summary>
internal static class KeyStores
{
    /// <summary>Longest that a key store may take, which may ask its user something.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The platform's; null where there is none that this program knows.</summary>
    public static IKeyStore? Platform => OperatingSystem.IsLinux() ? new SecretService() : OperatingSystem.IsWindows() ? new DataProtection() : OperatingSystem.IsMacOS() ? new Keychain() : null;

    /// <summary>Asks a key store on a thread of its own, since it may wait for its user.</summary>
    public static T? Ask<T>(Func<T?> ask)
    {
        var answer = default(T);
        var thread = new Thread(() =>
        {
            try
            {
                answer = ask();
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or ExternalException)
            {
                // The platform's library is not installed: then there is no such place.
            }
        })
        { IsBackground = true };
        thread.Start();
        return thread.Join(Patience) ? answer : default;
    }
}

/// <summary>Linux: the desktop's keyring (freedesktop Secret Service), through libsecret. Tested with gnome-keyring.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class SecretService : IKeyStore
{
    private const string Secret = "libsecret-1.so.0";
    private const string GLib = "libglib-2.0.so.0";

    public string Name => "the desktop's keyring";

    public bool TryStore(string id, string secret)
    {
        using var attributes = new Attributes(id);
        return secret_password_storev_sync(0, attributes.Table, 0, "Daylight: what your own raw events are encrypted with", secret, 0, 0) != 0;
    }

    public string? Find(string id)
    {
        using var attributes = new Attributes(id);
        var found = secret_password_lookupv_sync(0, attributes.Table, 0, 0);
        if (found == 0)
        {
            return null;
        }

        var secret = Marshal.PtrToStringUTF8(found);
        secret_password_free(found);
        return secret;
    }

    [LibraryImport(Secret, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int secret_password_storev_sync(nint schema, nint attributes, nint collection, string label, string password, nint cancellable, nint error);

    [LibraryImport(Secret)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint secret_password_lookupv_sync(nint schema, nint attributes, nint cancellable, nint error);

    [LibraryImport(Secret)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void secret_password_free(nint password);

    [LibraryImport(GLib)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint g_hash_table_new(nint hash, nint equal);

    [LibraryImport(GLib)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int g_hash_table_insert(nint table, nint key, nint value);

    [LibraryImport(GLib)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void g_hash_table_unref(nint table);

    /// <summary>What the secret is found by.</summary>
    private sealed class Attributes : IDisposable
    {
        private readonly List<nint> texts = [];

        public Attributes(string id)
        {
            var glib = NativeLibrary.Load(GLib);
            Table = g_hash_table_new(NativeLibrary.GetExport(glib, "g_str_hash"), NativeLibrary.GetExport(glib, "g_str_equal"));
            _ = g_hash_table_insert(Table, Text("application"), Text("daylight"));
            _ = g_hash_table_insert(Table, Text("store"), Text(id));
        }

        public nint Table { get; }

        public void Dispose()
        {
            g_hash_table_unref(Table);
            texts.ForEach(Marshal.FreeCoTaskMem);
        }

        private nint Text(string text)
        {
            texts.Add(Marshal.StringToCoTaskMemUTF8(text));
            return texts[^1];
        }
    }
}

/// <summary>Windows: DPAPI, under the user's sign-in. Not tested.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class DataProtection : IKeyStore
{
    private const uint NeverAsk = 1; // CRYPTPROTECT_UI_FORBIDDEN

    public string Name => "Windows data protection";

    private static string FileOf(string id) => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "daylight", id + ".dpapi");

    public bool TryStore(string id, string secret)
    {
        var plain = System.Text.Encoding.UTF8.GetBytes(secret);
        fixed (byte* bytes = plain)
        {
            var blob = new Blob { Size = (uint)plain.Length, Data = (nint)bytes };
            if (CryptProtectData(in blob, "Daylight", 0, 0, 0, NeverAsk, out var wrapped) == 0)
            {
                return false;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(FileOf(id))!);
            File.WriteAllBytes(FileOf(id), Take(wrapped));
            return true;
        }
    }

    public string? Find(string id)
    {
        if (!File.Exists(FileOf(id)))
        {
            return null;
        }

        var wrapped = File.ReadAllBytes(FileOf(id));
        fixed (byte* bytes = wrapped)
        {
            var blob = new Blob { Size = (uint)wrapped.Length, Data = (nint)bytes };
            return CryptUnprotectData(in blob, 0, 0, 0, 0, NeverAsk, out var plain) != 0 ? System.Text.Encoding.UTF8.GetString(Take(plain)) : null;
        }
    }

    private static byte[] Take(Blob blob)
    {
        var bytes = new ReadOnlySpan<byte>((void*)blob.Data, (int)blob.Size).ToArray();
        _ = LocalFree(blob.Data);
        return bytes;
    }

    [LibraryImport("crypt32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CryptProtectData(in Blob plain, string description, nint entropy, nint reserved, nint prompt, uint flags, out Blob wrapped);

    [LibraryImport("crypt32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CryptUnprotectData(in Blob wrapped, nint description, nint entropy, nint reserved, nint prompt, uint flags, out Blob plain);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint LocalFree(nint memory);

    private struct Blob
    {
        public uint Size;
        public nint Data;
    }
}

/// <summary>macOS: the login keychain. Not tested.</summary>
[SupportedOSPlatform("macos")]
internal sealed unsafe partial class Keychain : IKeyStore
{
    private const string Security = "/System/Library/Frameworks/Security.framework/Security";
    private const string Service = "daylight";

    public string Name => "the login keychain";

    public bool TryStore(string id, string secret)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(secret);
        fixed (byte* data = bytes)
        {
            return SecKeychainAddGenericPassword(0, (uint)Service.Length, Service, (uint)id.Length, id, (uint)bytes.Length, (nint)data, 0) == 0;
        }
    }

    public string? Find(string id)
    {
        if (SecKeychainFindGenericPassword(0, (uint)Service.Length, Service, (uint)id.Length, id, out var length, out var data, 0) != 0)
        {
            return null;
        }

        var secret = System.Text.Encoding.UTF8.GetString(new ReadOnlySpan<byte>((void*)data, (int)length));
        _ = SecKeychainItemFreeContent(0, data);
        return secret;
    }

    [LibraryImport(Security, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainAddGenericPassword(nint keychain, uint serviceLength, string service, uint accountLength, string account, uint length, nint data, nint item);

    [LibraryImport(Security, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainFindGenericPassword(nint keychain, uint serviceLength, string service, uint accountLength, string account, out uint length, out nint data, nint item);

    [LibraryImport(Security)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainItemFreeContent(nint attributes, nint data);
}

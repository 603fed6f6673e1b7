using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Daylight.Transparency;

/// <summary>
/// Ed25519 (RFC 8032) through the OpenSSL 3 that .NET already loads on Linux. .NET 10 has no public type for it.
/// Elsewhere it needs libcrypto 3 on the library path, and <see cref="IsSupported"/> says whether it is there.
/// </summary>
public static partial class Ed25519
{
    /// <summary>Length of a private seed and of a public key in bytes.</summary>
    public const int KeySize = 32;

    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    private const int Type = 1087; // NID_ED25519
    private const string Library = "libcrypto.so.3";

    static Ed25519() => NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly, Resolve);

    /// <summary>Whether a libcrypto with Ed25519 can be loaded here.</summary>
    public static bool IsSupported
    {
        get
        {
            try
            {
                _ = PublicKey(new byte[KeySize]);
                return true;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or CryptographicException)
            {
                return false;
            }
        }
    }

    /// <summary>The public key that belongs to a private seed.</summary>
    /// <exception cref="CryptographicException">OpenSSL refused the seed.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using var key = EVP_PKEY_new_raw_private_key(Type, 0, seed, (nuint)seed.Length);
        Check(!key.IsInvalid, "Ed25519 private key");
        var buffer = new byte[KeySize];
        nuint length = KeySize;
        Check(EVP_PKEY_get_raw_public_key(key, buffer, ref length) == 1, "Ed25519 public key");
        return buffer;
    }

    /// <summary>Signs a message with a private seed.</summary>
    /// <exception cref="CryptographicException">OpenSSL refused.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using var key = PrivateKey(seed);
        return Sign(key, message);
    }

    /// <summary>Whether the signature is the key's over the message. Malformed keys and signatures are simply not.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var key = PublicKeyHandle(publicKey);
        return key is not null && Verify(key, message, signature);
    }

    /// <summary>A private key to sign with more than once: OpenSSL derives the public half each time that it is given a seed.</summary>
    internal static KeyHandle PrivateKey(ReadOnlySpan<byte> seed)
    {
        var key = EVP_PKEY_new_raw_private_key(Type, 0, seed, (nuint)seed.Length);
        Check(!key.IsInvalid, "Ed25519 private key");
        return key;
    }

    /// <summary>A public key to verify with more than once; null when it is none.</summary>
    internal static KeyHandle? PublicKeyHandle(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != KeySize)
        {
            return null;
        }

        var key = EVP_PKEY_new_raw_public_key(Type, 0, publicKey, KeySize);
        if (!key.IsInvalid)
        {
            return key;
        }

        key.Dispose();
        ERR_clear_error();
        return null;
    }

    internal static byte[] Sign(KeyHandle key, ReadOnlySpan<byte> message)
    {
        using var context = EVP_MD_CTX_new();
        Check(EVP_DigestSignInit(context, 0, 0, 0, key) == 1, "Ed25519 signing");
        var signature = new byte[SignatureSize];
        nuint length = SignatureSize;
        Check(EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length) == 1, "Ed25519 signing");
        return signature;
    }

    internal static bool Verify(KeyHandle key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize)
        {
            return false;
        }

        using var context = EVP_MD_CTX_new();
        var good = EVP_DigestVerifyInit(context, 0, 0, 0, key) == 1
            && EVP_DigestVerify(context, signature, SignatureSize, message, (nuint)message.Length) == 1;
        if (!good)
        {
            ERR_clear_error();
        }

        return good;
    }

    private static void Check(bool good, string what)
    {
        if (!good)
        {
            ERR_clear_error();
            throw new CryptographicException($"OpenSSL refused: {what}.");
        }
    }

    private static nint Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        if (!string.Equals(name, Library, StringComparison.Ordinal))
        {
            return 0;
        }

        string[] candidates = ["libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto"];
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial KeyHandle EVP_PKEY_new_raw_private_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial KeyHandle EVP_PKEY_new_raw_public_key(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> buffer, ref nuint length);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial ContextHandle EVP_MD_CTX_new();

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EVP_DigestSignInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EVP_DigestSign(ContextHandle context, Span<byte> signature, ref nuint length, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EVP_DigestVerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EVP_DigestVerify(
        ContextHandle context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ERR_clear_error();

    /// <summary>A key that OpenSSL holds; used by several threads at a time.</summary>
    internal sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    private sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}

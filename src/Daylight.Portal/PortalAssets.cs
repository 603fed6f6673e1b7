using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Daylight.Portal;

/// <summary>Styles and scripts, embedded, served under a name that changes with their content.</summary>
public static class PortalAssets
{
    private static readonly FrozenDictionary<string, (byte[] Bytes, string Type, string Tag)> All = Load();

    /// <summary>URL of an asset.</summary>
    public static string Url(string name) => $"/assets/{All[name].Tag}/{name}";

    /// <summary>An asset's bytes and type, by name; null when there is none.</summary>
    public static (byte[] Bytes, string Type)? Find(string tag, string name) => All.TryGetValue(name, out var asset) && asset.Tag == tag ? (asset.Bytes, asset.Type) : null;

    private static FrozenDictionary<string, (byte[] Bytes, string Type, string Tag)> Load()
    {
        const string prefix = "Daylight.Portal.Assets.";
        var assembly = typeof(PortalAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(n => n[prefix.Length..], n =>
        {
            using var stream = assembly.GetManifestResourceStream(n)!;
            using var buffer = new MemoryStream();
            stream.CopyTo(buffer);
            var bytes = buffer.ToArray();
            var type = Path.GetExtension(n) switch { ".css" => "text/css; charset=utf-8", ".js" => "text/javascript; charset=utf-8", ".svg" => "image/svg+xml", _ => "application/octet-stream" };
            return (bytes, type, Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]);
        });
    }
}

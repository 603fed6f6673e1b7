using System.Buffers.Binary;
using System.Globalization;

namespace Daylight.Transparency;

/// <summary>Names one tile of a log (C2SP tlog-tiles).</summary>
/// <param name="Level">0 holds leaf hashes; level L holds the roots of full tiles of level L − 1.</param>
/// <param name="Index">Position within the level.</param>
/// <param name="Width">Number of hashes: 256, or 1 to 255 for a partial tile.</param>
public readonly record struct TileId(int Level, ulong Index, int Width)
{
    /// <summary>Hashes in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Levels of tree within one tile.</summary>
    public const int Height = 8;

    /// <summary>Path below the log's prefix, such as <c>tile/0/x001/x234/067.p/8</c>.</summary>
    public string Path => TilePath.Format(Level.ToString(CultureInfo.InvariantCulture), Index, Width);

    /// <summary>The tile that holds a node, as wide as it is in a tree of this size: 0 when the tree has no such tile.</summary>
    public static TileId Of(int height, ulong index, ulong size)
    {
        var level = height / Height;
        var tile = (index << (height % Height)) / FullWidth;
        var hashes = size >> (level * Height);
        return new TileId(level, tile, tile < hashes / FullWidth ? FullWidth : tile == hashes / FullWidth ? (int)(hashes % FullWidth) : 0);
    }

    /// <summary>Every tile of a tree of this size, lowest level first: full tiles and the one partial tile of each level.</summary>
    public static IEnumerable<TileId> All(ulong size)
    {
        for (var (level, width) = (0, size); width > 0; level++, width /= FullWidth)
        {
            for (var index = 0UL; index < width / FullWidth; index++)
            {
                yield return new TileId(level, index, FullWidth);
            }

            if (width % FullWidth != 0)
            {
                yield return new TileId(level, width / FullWidth, (int)(width % FullWidth));
            }
        }
    }
}

/// <summary>Paths of tiles and entry bundles: groups of three digits, all but the last marked with an x.</summary>
public static class TilePath
{
    /// <summary>Formats <c>tile/&lt;level&gt;/&lt;index&gt;[.p/&lt;width&gt;]</c>.</summary>
    public static string Format(string level, ulong index, int width)
    {
        var path = (index % 1000).ToString("D3", CultureInfo.InvariantCulture);
        for (var rest = index / 1000; rest > 0; rest /= 1000)
        {
            path = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:D3}/{path}");
        }

        return width == TileId.FullWidth ? $"tile/{level}/{path}" : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{path}.p/{width}");
    }

    /// <summary>Parses the part after <c>tile/&lt;level&gt;/</c>; only the canonical spelling is accepted.</summary>
    public static bool TryParse(string path, out ulong index, out int width)
    {
        (index, width) = (0, TileId.FullWidth);
        var rest = path;
        var partial = path.IndexOf(".p/", StringComparison.Ordinal);
        if (partial >= 0)
        {
            if (!int.TryParse(path[(partial + 3)..], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= TileId.FullWidth)
            {
                return false;
            }

            rest = path[..partial];
        }

        foreach (var group in rest.Split('/'))
        {
            var digits = group.StartsWith('x') ? group[1..] : group;
            if (digits.Length != 3 || !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || index > ulong.MaxValue / 2000)
            {
                return false;
            }

            index = (index * 1000) + value;
        }

        return string.Equals(Format("0", index, width), "tile/0/" + path, StringComparison.Ordinal);
    }
}

/// <summary>Entry bundles: each entry after its length as a big-endian 16-bit number (C2SP tlog-tiles, "Log entries").</summary>
public static class EntryBundle
{
    /// <summary>Longest entry in bytes.</summary>
    public const int MaxEntry = 65_535;

    /// <summary>Packs entries in order.</summary>
    /// <exception cref="ArgumentException">An entry is longer than 65,535 bytes.</exception>
    public static byte[] Encode(IEnumerable<byte[]> entries)
    {
        using var stream = new MemoryStream();
        Span<byte> length = stackalloc byte[2];
        foreach (var entry in entries)
        {
            if (entry.Length > MaxEntry)
            {
                throw new ArgumentException($"An entry has at most {MaxEntry} bytes, this one has {entry.Length}.", nameof(entries));
            }

            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)entry.Length);
            stream.Write(length);
            stream.Write(entry);
        }

        return stream.ToArray();
    }

    /// <summary>Takes the first entry off a bundle, without copying it; false when the bundle is empty or a length points past its end.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> bundle, out ReadOnlySpan<byte> entry)
    {
        entry = default;
        if (bundle.Length < 2 || bundle.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(bundle))
        {
            return false;
        }

        entry = bundle.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(bundle));
        bundle = bundle[(2 + entry.Length)..];
        return true;
    }

    /// <summary>The bundle of the first entries of a wider one; null when it has fewer.</summary>
    public static byte[]? Prefix(byte[] bundle, int width)
    {
        ReadOnlySpan<byte> rest = bundle;
        for (var i = 0; i < width; i++)
        {
            if (!TryTake(ref rest, out _))
            {
                return null;
            }
        }

        return bundle[..(bundle.Length - rest.Length)];
    }

    /// <summary>Unpacks a bundle; false when a length points past the end.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bundle, out List<byte[]> entries)
    {
        entries = [];
        while (TryTake(ref bundle, out var entry))
        {
            entries.Add(entry.ToArray());
        }

        return bundle.IsEmpty;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Daylight.Core.Minimization;

/// <summary>
/// As much of PNG (ISO/IEC 15948) as degrading a screen capture takes: reads 8-bit pictures without interlacing, writes gray. Anything else is no
/// picture, and what is no picture does not leave the machine. No image library restores for .NET on our registries; see docs/decisions/0006.
/// </summary>
internal sealed class Png
{
    private const int MostPixels = 10_000_000;

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(n =>
    {
        var c = (uint)n;
        for (var k = 0; k < 8; k++)
        {
            c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
        }

        return c;
    })];

    private Png(int width, int height, byte[] rgb) => (Width, Height, Rgb) = (width, height, rgb);

    public int Width { get; }

    public int Height { get; }

    /// <summary>Three bytes for each pixel, row by row.</summary>
    public byte[] Rgb { get; }

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads a picture; null when it is none.</summary>
    public static Png? TryRead(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
        {
            return null;
        }

        var (width, height, depth, color, interlace) = (0, 0, 0, 0, 0);
        var palette = Array.Empty<byte>();
        using var packed = new MemoryStream();
        for (var rest = file[Signature.Length..]; rest.Length >= 12;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
            {
                return null;
            }

            var type = rest.Slice(4, 4);
            var data = rest.Slice(8, (int)length);
            if (type.SequenceEqual("IHDR"u8) && data.Length == 13)
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));
                (depth, color, interlace) = (data[8], data[9], data[12]);
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                palette = data.ToArray();
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                packed.Write(data);
            }

            rest = rest[(12 + (int)length)..];
        }

        var channels = color switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (width <= 0 || height <= 0 || (long)width * height > MostPixels || depth != 8 || interlace != 0 || channels == 0 || packed.Length == 0)
        {
            return null;
        }

        packed.Position = 0;
        return Unpack(packed, width, height, channels) is { } lines ? new Png(width, height, Colors(lines, width * height, color, channels, palette)) : null;
    }

    /// <summary>Half its size or less, in blocks, without color.</summary>
    public Png Degrade(int most, int block)
    {
        var width = Math.Max(1, Math.Min(Width / 2, most));
        var height = Math.Max(1, (int)((long)Height * width / Width));
        var small = Average(width, height);
        for (var y = 0; y < height; y += block)
        {
            for (var x = 0; x < width; x += block)
            {
                Flatten(small, width, x, y, Math.Min(x + block, width), Math.Min(y + block, height));
            }
        }

        return new Png(width, height, small);
    }

    /// <summary>The file, gray, and nothing in it but the picture.</summary>
    public byte[] ToArray()
    {
        using var lines = new MemoryStream();
        using (var deflate = new ZLibStream(lines, CompressionLevel.Optimal, leaveOpen: true))
        {
            var line = new byte[1 + Width]; // filter 0, then the pixels
            for (var y = 0; y < Height; y++)
            {
                for (var x = 0; x < Width; x++)
                {
                    line[1 + x] = Rgb[((y * Width) + x) * 3];
                }

                deflate.Write(line);
            }
        }

        using var file = new MemoryStream();
        file.Write(Signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = 8; // bits; color type 0 is gray
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, lines.ToArray());
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(0xFFFFFFFF, type), data));
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            crc = CrcTable[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return crc;
    }

    private static byte[]? Unpack(MemoryStream packed, int width, int height, int channels)
    {
        var stride = width * channels;
        var lines = new byte[stride * height];
        try
        {
            using var inflate = new ZLibStream(packed, CompressionMode.Decompress);
            for (var y = 0; y < height; y++)
            {
                var filter = inflate.ReadByte();
                var line = lines.AsSpan(y * stride, stride);
                inflate.ReadExactly(line);
                if (filter is < 0 or > 4)
                {
                    return null;
                }

                Unfilter(filter, line, y == 0 ? [] : lines.AsSpan((y - 1) * stride, stride), channels);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }

        return lines;
    }

    // PNG, section 9.2: what a filter subtracted is added back.
    private static void Unfilter(int filter, Span<byte> line, ReadOnlySpan<byte> above, int channels)
    {
        for (var i = 0; i < line.Length && filter != 0; i++)
        {
            var left = i >= channels ? line[i - channels] : 0;
            var up = above.IsEmpty ? 0 : above[i];
            var corner = above.IsEmpty || i < channels ? 0 : above[i - channels];
            line[i] += (byte)(filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => Paeth(left, up, corner),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (a, b, c) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }

    private static byte[] Colors(byte[] lines, int pixels, int color, int channels, byte[] palette)
    {
        var rgb = new byte[pixels * 3];
        for (var i = 0; i < pixels; i++)
        {
            var (at, to) = (i * channels, i * 3);
            if (color == 3)
            {
                var entry = lines[at] * 3;
                palette.AsSpan(Math.Min(entry, palette.Length), Math.Min(3, Math.Max(0, palette.Length - entry))).CopyTo(rgb.AsSpan(to));
            }
            else
            {
                (rgb[to], rgb[to + 1], rgb[to + 2]) = channels >= 3 ? (lines[at], lines[at + 1], lines[at + 2]) : (lines[at], lines[at], lines[at]);
            }
        }

        return rgb;
    }

    private byte[] Average(int width, int height)
    {
        var small = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            var (top, bottom) = ((int)((long)y * Height / height), Math.Max((int)((long)(y + 1) * Height / height), ((int)((long)y * Height / height)) + 1));
            for (var x = 0; x < width; x++)
            {
                var (left, right) = ((int)((long)x * Width / width), Math.Max((int)((long)(x + 1) * Width / width), ((int)((long)x * Width / width)) + 1));
                for (var c = 0; c < 3; c++)
                {
                    small[(((y * width) + x) * 3) + c] = Mean(Rgb, Width, left, top, right, bottom, c);
                }
            }
        }

        return small;
    }

    private static void Flatten(byte[] rgb, int width, int left, int top, int right, int bottom)
    {
        var (r, g, b) = (Mean(rgb, width, left, top, right, bottom, 0), Mean(rgb, width, left, top, right, bottom, 1), Mean(rgb, width, left, top, right, bottom, 2));
        var shade = (byte)(((299 * r) + (587 * g) + (114 * b)) / 1000); // Rec. 601 luma, in whole numbers

        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var at = ((y * width) + x) * 3;
                (rgb[at], rgb[at + 1], rgb[at + 2]) = (shade, shade, shade);
            }
        }
    }

    private static byte Mean(byte[] rgb, int width, int left, int top, int right, int bottom, int channel)
    {
        var (sum, count) = (0L, 0);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++, count++)
            {
                sum += rgb[(((y * width) + x) * 3) + channel];
            }
        }

        return (byte)(sum / Math.Max(count, 1));
    }
}

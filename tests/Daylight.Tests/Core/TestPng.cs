using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Daylight.Tests.Core;

/// <summary>Writes PNG in every form that a screen capture may have, and reads back what degrading makes of it. Shares nothing with the code under test.</summary>
internal static class TestPng
{
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>A picture.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="color">0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.</param>
    /// <param name="samples">The samples of a pixel: column, row.</param>
    /// <param name="filter">The filter of a row.</param>
    /// <param name="palette">Three bytes for each entry.</param>
    /// <param name="depth">Bits of a sample; what is written has eight, whatever the header says.</param>
    /// <param name="interlace">Interlacing, as the header says.</param>
    public static byte[] Write(int width, int height, int color, Func<int, int, byte[]> samples, Func<int, int> filter, byte[]? palette = null, byte depth = 8, byte interlace = 0)
    {
        var size = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var lines = new List<byte>();
        var above = new byte[width * size];
        for (var y = 0; y < height; y++)
        {
            byte[] line = [.. Enumerable.Range(0, width).SelectMany(x => samples(x, y))];
            Assert.Equal(above.Length, line.Length);
            lines.Add((byte)filter(y));
            lines.AddRange(line.Select((b, i) => (byte)(b - Predicted(filter(y), i >= size ? line[i - size] : 0, above[i], i >= size ? above[i - size] : 0))));
            above = line;
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, (byte)color, interlace);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write([.. lines]);
        }

        var data = packed.ToArray(); // in two chunks, as encoders do
        return
        [
            .. Signature, .. Chunk("IHDR", header), .. palette is null ? [] : Chunk("PLTE", palette), .. Chunk("tEXt", Encoding.ASCII.GetBytes("Title\0secret plan")),
            .. Chunk("IDAT", data[..(data.Length / 2)]), .. Chunk("IDAT", data[(data.Length / 2)..]), .. Chunk("IEND", []),
        ];
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. data];
        var chunk = new byte[typed.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        typed.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(typed.Length + 4), Crc(typed));
        return chunk;
    }

    /// <summary>Reads what was degraded: eight bits, gray or RGB, no filter, and nothing but the picture.</summary>
    public static (int Width, int Height, int Channels, byte[] Samples) Read(byte[] file)
    {
        Assert.Equal(Signature, file[..8]);
        var types = new List<string>();
        var (width, height, channels) = (0, 0, 0);
        var lines = Array.Empty<byte>();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var data = file[(at + 8)..(at + 8 + length)];
            types.Add(Encoding.ASCII.GetString(file, at + 4, 4));
            Assert.Equal(Crc(file[(at + 4)..(at + 8 + length)]), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            if (types[^1] == "IHDR")
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4)));
                channels = data[9] == 0 ? 1 : 3;
                Assert.Equal([8, channels == 1 ? 0 : 2, 0, 0, 0], data[8..].Select(b => (int)b));
            }
            else if (types[^1] == "IDAT")
            {
                using var inflate = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
                using var whole = new MemoryStream();
                inflate.CopyTo(whole);
                lines = whole.ToArray();
            }

            at += length + 12;
        }

        Assert.Equal(["IHDR", "IDAT", "IEND"], types);
        var stride = 1 + (width * channels);
        Assert.Equal(stride * height, lines.Length);
        Assert.All(Enumerable.Range(0, height), y => Assert.Equal(0, lines[y * stride]));
        return (width, height, channels, [.. lines.Where((_, i) => i % stride != 0)]);
    }

    // PNG, section 9.2.
    private static int Predicted(int filter, int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var nearest = new[] { left, up, corner }.MinBy(v => Math.Abs(estimate - v));
        return filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => nearest, _ => 0 };
    }

    // PNG, annex D, bit by bit.
    private static uint Crc(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var k = 0; k < 8; k++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}

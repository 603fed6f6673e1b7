using System.Buffers.Binary;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>Pictures: what leaves is small, coarse and gray, and what cannot be read does not leave.</summary>
public sealed class DegradeTests
{
    private const int Across = 21;
    private const int Down = 11;

    private static readonly FieldShape Image = Streams.All["screen"].Fields["image"];

    private static byte[]? Degraded(byte[] file, int width = 640, int block = 4) =>
        FieldTransforms.Of(new Transform.Degrade(width, block), "trial", Image, Charters.Key)(Convert.ToBase64String(file)) is { } leaves ? Convert.FromBase64String(leaves) : null;

    /// <summary>Pixels that differ from their neighbors, so that a wrong filter or a wrong channel shows.</summary>
    private static (byte R, byte G, byte B) Pixel(int x, int y) => ((byte)((x * 37) + (y * 11)), (byte)((x * x) + (y * 83)), (byte)(255 - (x * 5) - (y * 29)));

    /// <summary>Each pixel twice across and down: a picture loses half its size, and this one nothing else.</summary>
    private static byte[] File(int color, Func<int, int> filter, byte depth = 8, byte interlace = 0) => TestPng.Write(
        Across * 2,
        Down * 2,
        color,
        (doubleX, doubleY) => (doubleX / 2, doubleY / 2) is var (x, y) && Pixel(x, y) is var (r, g, b) ? color switch { 0 => [r], 2 => [r, g, b], 3 => [(byte)((x + y) % 5)], 4 => [r, (byte)(x * 9)], _ => [r, g, b, (byte)(y * 20)] } : [],
        filter,
        color == 3 ? [.. Enumerable.Range(0, 5).SelectMany(i => new[] { (byte)(i * 50), (byte)(255 - (i * 30)), (byte)(i * i * 10) })] : null,
        depth,
        interlace);

    private static (int R, int G, int B) Shown(int color, int x, int y) => color switch
    {
        3 => ((x + y) % 5) is var i ? (i * 50, 255 - (i * 30), i * i * 10) : default,
        0 or 4 => (Pixel(x, y).R, Pixel(x, y).R, Pixel(x, y).R),
        _ => Pixel(x, y),
    };

    public static TheoryData<int, int> Forms() => [.. new[] { 0, 2, 3, 4, 6 }.SelectMany(_ => Enumerable.Range(0, 6), (color, filter) => (color, filter))];

    [Theory]
    [MemberData(nameof(Forms))] // filter 5 stands for one after the other
    public void every_form_of_picture_becomes_flat_gray_blocks_of_the_mean(int color, int filter)
    {
        var (width, height, channels, samples) = TestPng.Read(Degraded(File(color, y => filter == 5 ? y % 5 : filter))!);
        Assert.Equal((Across, Down, 1), (width, height, channels));
        for (var y = 0; y < Down; y++)
        {
            for (var x = 0; x < Across; x++)
            {
                Assert.Equal(Gray(Mean(color, x / 4 * 4, y / 4 * 4, 4)), samples[(y * Across) + x]);
            }
        }
    }

    [Theory]
    [InlineData(100, 50, 640, 50, 25)] // half its size at most, whatever the charter allows
    [InlineData(100, 50, 50, 50, 25)]
    [InlineData(99, 50, 33, 33, 16)]
    [InlineData(100, 1, 16, 16, 1)] // and never nothing
    [InlineData(1, 60, 16, 1, 60)]
    public void a_picture_becomes_no_wider_than_allowed_and_keeps_its_shape(int width, int height, int most, int newWidth, int newHeight)
    {
        var read = TestPng.Read(Degraded(TestPng.Write(width, height, 0, (x, y) => [(byte)(x + y)], _ => 0), most)!);
        Assert.Equal((newWidth, newHeight), (read.Width, read.Height));
    }

    [Fact]
    public void making_it_smaller_takes_the_mean_of_what_falls_together()
    {
        var (_, _, _, samples) = TestPng.Read(Degraded(TestPng.Write(64, 8, 0, (x, y) => [(byte)(x < 32 ? 10 : y < 4 ? 100 : 200)], _ => 2), 16, 2)!);
        Assert.Equal([.. Enumerable.Repeat((byte)10, 8), .. Enumerable.Repeat((byte)150, 8)], samples[..16]);
        Assert.Equal(samples[..16], samples[16..]);
    }

    [Fact]
    public void a_thin_line_of_text_is_gone()
    {
        var page = TestPng.Write(640, 320, 0, (x, y) => [(byte)(y % 40 is 19 or 20 && (x * 7919 % 13) < 6 ? 0 : 255)], _ => 1);
        var (width, _, _, samples) = TestPng.Read(Degraded(page, 320, 32)!);
        Assert.True(samples.Distinct().Count() <= (320 / 32) * (160 / 32));
        Assert.All(samples, s => Assert.InRange(s, 200, 255));
        Assert.Equal(320, width);
    }

    [Fact]
    public void a_color_outside_of_the_palette_is_black() =>
        Assert.Equal([0], TestPng.Read(Degraded(TestPng.Write(2, 2, 3, (_, _) => [9], _ => 0, [255, 255, 255]))!).Samples);

    [Fact]
    public void what_stands_beside_the_picture_does_not_leave()
    {
        var file = File(2, _ => 0);
        Assert.Contains("secret plan", System.Text.Encoding.Latin1.GetString(file), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(Degraded(file)!), StringComparison.Ordinal); // and TestPng.Read knows of no other chunk
    }

    [Theory]
    [InlineData(0, 16, 0)]
    [InlineData(2, 16, 0)]
    [InlineData(3, 4, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(2, 8, 1)] // interlaced
    public void what_is_not_eight_bits_or_interlaced_does_not_leave(int color, byte depth, byte interlace) => Assert.Null(Degraded(File(color, _ => 0, depth, interlace)));

    [Fact]
    public void a_file_that_ends_within_the_picture_does_not_leave()
    {
        var file = File(6, y => y % 5);
        var end = file.Length - 12; // where the last chunk begins that is not the picture
        Assert.NotNull(Degraded(file));
        Assert.All(Enumerable.Range(0, end - 1), length => Assert.Null(Degraded(file[..length])));
    }

    [Fact]
    public void what_is_no_picture_does_not_leave()
    {
        var degrade = FieldTransforms.Of(new Transform.Degrade(16, 2), "trial", Image, Charters.Key);
        Assert.All(["", "secret", "c2VjcmV0", "iVBORw0KGgo=", "/9j/4AAQSkZJRgABAQ=="], text => Assert.Null(degrade(text)));
        Assert.Null(Degraded(TestPng.Write(2, 2, 0, (_, _) => [1], _ => 5))); // no such filter
        Assert.Null(Degraded(TestPng.Write(2, 2, 5, (_, _) => [1], _ => 0))); // no such color
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(-1, 10)]
    [InlineData(int.MinValue, int.MinValue)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(40_000, 40_000)]
    [InlineData(3, 2)] // a row more than there is
    public void a_size_that_cannot_be_does_not_leave_and_does_no_harm(int width, int height)
    {
        var file = TestPng.Write(2, 2, 0, (_, _) => [1], _ => 0);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        Assert.Null(Degraded(file));
    }

    [Fact]
    public void no_damage_to_a_file_makes_the_reader_throw()
    {
        var dice = new Dice(9);
        var file = File(3, y => y % 5);
        var packed = file.AsSpan().IndexOf("IDAT"u8) + 4;
        var (read, refused) = (0, 0);
        for (var round = 0; round < 3_000; round++)
        {
            var broken = (byte[])file.Clone();
            for (var edits = dice.Below(3); edits >= 0; edits--)
            {
                var at = dice.Below(broken.Length);
                broken[at] = (byte)dice.Below(256);
                if (at is >= 16 and < 22)
                {
                    broken[at] = file[at]; // sizes of millions take their time and are tested above; so is what zlib itself says
                }
            }

            _ = Degraded(broken) is null ? refused++ : read++;
        }

        Assert.InRange(read, 100, 2_900); // both outcomes are reached
        Assert.Equal(3_000, read + refused);
    }

    [Fact]
    public void a_picture_leaves_a_machine_under_the_ready_made_charter_only_degraded()
    {
        var minimizer = Trial.In("UTC", Trial.ReadyMade["screen-documentation"]);
        var image = Convert.ToBase64String(TestPng.Write(400, 200, 6, (x, y) => [(byte)x, (byte)y, (byte)(x ^ y), 255], y => y % 5));
        var record = Assert.Single(minimizer.Records(Trial.Event("screen", "2026-12-02 10:00", 0, ("image", image), ("app", "code"))));
        var (width, height, channels, _) = TestPng.Read(Convert.FromBase64String(record.Data["image"]));
        Assert.Equal((200, 100, 1), (width, height, channels));
        Assert.Equal("Editor", record.Data["app"]);
        Assert.Equal(["app"], Assert.Single(minimizer.Records(Trial.Event("screen", "2026-12-02 10:00", 0, ("image", image[..^200]), ("app", "code")))).Data.Keys);
    }

    private static (int R, int G, int B) Mean(int color, int left, int top, int block)
    {
        var pixels = (from y in Enumerable.Range(top, block) from x in Enumerable.Range(left, block) where x < Across && y < Down select Shown(color, x, y)).ToList();
        return (pixels.Sum(p => p.R) / pixels.Count, pixels.Sum(p => p.G) / pixels.Count, pixels.Sum(p => p.B) / pixels.Count);
    }

    private static int Gray((int R, int G, int B) of) => ((299 * of.R) + (587 * of.G) + (114 * of.B)) / 1000;
}

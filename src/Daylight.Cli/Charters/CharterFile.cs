using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;

namespace Daylight.Cli.Charters;

/// <summary>Reads charter files for commands.</summary>
internal static class CharterFile
{
    /// <summary>Reads and checks a file: its text, and the report, or what is wrong with it.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    public static (string? Text, CheckReport? Report, IReadOnlyList<Diagnostic> Problems) Check(string file, CheckDirectory? directory = null)
    {
        var bytes = Bytes(file);
        var reading = CharterReader.Read(bytes, file);
        var report = CharterCheck.Of(reading, file, directory);
        return (CharterReader.TextOf(bytes), report, report?.Findings ?? ((CharterReading.Bad)reading).Problems);
    }

    /// <summary>A charter or a template.</summary>
    /// <exception cref="InvalidOperationException">It is neither; the message lists every problem.</exception>
    public static (Charter Charter, bool IsTemplate) Any(string file) => CharterReader.Read(Bytes(file), file) switch
    {
        CharterReading.Good good => (good.Charter, false),
        CharterReading.Template template => (template.Sketch, true),
        CharterReading.Bad bad => throw new InvalidOperationException(string.Join(Environment.NewLine, bad.Problems)),
        _ => throw new InvalidOperationException("CharterReading is closed."),
    };

    /// <summary>A charter with its text, as it is signed; a template is fixed to dates as of a day.</summary>
    /// <exception cref="InvalidOperationException">It is neither; the message lists every problem.</exception>
    public static (Charter Charter, string Text) Fixed(string file, DateOnly proposed)
    {
        var bytes = Bytes(file);
        if (CharterReader.Read(bytes, file) is CharterReading.Template)
        {
            var text = CharterReader.Fix(CharterReader.TextOf(bytes)!, proposed);
            return (((CharterReading.Good)CharterReader.Read(text, file)).Charter, text);
        }

        return (Any(file).Charter, CharterReader.TextOf(bytes)!);
    }

    /// <summary>The text of a file, as it is signed.</summary>
    /// <exception cref="InvalidOperationException">It is not UTF-8.</exception>
    public static string TextOf(string file) => CharterReader.TextOf(Bytes(file)) ?? throw new InvalidOperationException($"{file} is no charter: it is too long, or not UTF-8.");

    private static byte[] Bytes(string file)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"There is no file {file}.");
        }

        // A charter that is too long is told so; a file of gigabytes is not read for it.
        using var stream = File.OpenRead(file);
        var bytes = new byte[(int)Math.Min(stream.Length, CharterReader.MaxLength + 1)];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

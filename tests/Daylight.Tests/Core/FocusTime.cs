using Daylight.Core.Charters;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>The committed charter, and what becomes of it when parts of its text are replaced.</summary>
internal static class FocusTime
{
    public const string File = "focus-time.yaml";

    public static string Text { get; } = System.IO.File.ReadAllText(Path.Combine(Repository.Folder, "charters", File));

    public static string TextWith(params (string Old, string New)[] edits)
    {
        var text = Text;
        foreach (var (old, replacement) in edits)
        {
            Assert.Equal(2, text.Split(old).Length); // an edit that finds nothing, or two places, would test nothing
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        }

        return text;
    }

    public static Charter With(params (string Old, string New)[] edits) => Assert.IsType<CharterReading.Good>(CharterReader.Read(TextWith(edits), File)).Charter;

    public static IReadOnlyList<Diagnostic> Problems(string text) => Assert.IsType<CharterReading.Bad>(CharterReader.Read(text, File)).Problems;
}

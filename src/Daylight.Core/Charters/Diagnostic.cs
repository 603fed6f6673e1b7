using System.Globalization;

namespace Daylight.Core.Charters;

/// <summary>Something wrong in a charter file.</summary>
/// <param name="File">File name as given.</param>
/// <param name="Line">1 is the first.</param>
/// <param name="Column">1 is the first.</param>
/// <param name="Code">One of <see cref="DiagnosticCodes"/>: stable, and documented in <c>docs/charter-reference.md</c>.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record Diagnostic(string File, int Line, int Column, string Code, string Message)
{
    /// <summary>Whether it is one of the refusals that no option and no reason overrides (DESIGN.md, <em>Never</em>).</summary>
    public bool IsNever => Code.StartsWith("never-", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message} [{Code}]");
}

/// <summary>Collects what is wrong, so that a file's problems are all reported at once.</summary>
internal sealed class Diagnostics(string file)
{
    /// <summary>A file that is wrong in more places than this is not a charter yet.</summary>
    private const int Most = 100;

    private readonly List<Diagnostic> found = [];

    public bool Any => found.Count > 0;

    /// <summary>In the order of the file; what was found twice at one place is told once.</summary>
    public IReadOnlyList<Diagnostic> Found => [.. found.Distinct().OrderBy(d => d.Line).ThenBy(d => d.Column)];

    public void Add(YamlNode at, string code, string message) => Add(at.At, code, message);

    public void Add(Position at, string code, string message)
    {
        if (found.Count < Most)
        {
            found.Add(new Diagnostic(file, Math.Max(at.Line, 1), Math.Max(at.Column, 1), code, message));
        }
    }
}

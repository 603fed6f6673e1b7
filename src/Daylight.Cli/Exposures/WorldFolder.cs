using Daylight.Cli.Charters;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;

namespace Daylight.Cli.Exposures;

/// <summary>A company on paper: a folder with <c>people.csv</c> (its column <c>roles</c> says who holds which) and charters beside it. No server is asked.</summary>
internal sealed record WorldFolder(string People, IReadOnlyList<string> Charters)
{
    /// <summary>A folder, or one of its files in the place of the folder's own.</summary>
    /// <param name="path">A folder, a CSV of people, or a charter.</param>
    /// <param name="otherwise">The folder that a single file belongs to.</param>
    /// <exception cref="UsageException">There is no such thing.</exception>
    public static WorldFolder Find(string path, string? otherwise)
    {
        if (Directory.Exists(path))
        {
            var csv = Path.Combine(path, "people.csv");
            return File.Exists(csv)
                ? new WorldFolder(csv, [.. Directory.EnumerateFiles(path, "*.yaml").Order(StringComparer.Ordinal)])
                : throw new UsageException($"{path} has no people.csv.");
        }

        if (!File.Exists(path))
        {
            throw new UsageException($"There is no file or folder {path}.");
        }

        var rest = otherwise is null ? null : Find(otherwise, null);
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            return new WorldFolder(path, rest?.Charters ?? throw new UsageException($"{path} is a directory alone: name the folder with its charters with --in DIR."));
        }

        var program = CharterFile.Any(path).Charter.Program;
        return rest is null
            ? throw new UsageException($"{path} is a charter alone: name the folder with its people with --in DIR.")
            : rest with { Charters = [.. rest.Charters.Where(c => CharterFile.Any(c).Charter.Program != program), path] };
    }

    /// <summary>Reads it.</summary>
    /// <param name="ids">Ids of people by address, so that two folders name them alike.</param>
    /// <exception cref="InvalidOperationException">A file is wrong; every problem.</exception>
    public World Read(Dictionary<string, string> ids)
    {
        using var text = new StreamReader(People);
        var read = PeopleCsv.Read(text, People, ids, "Etc/UTC");
        if (read.Problems.Count > 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, read.Problems));
        }

        foreach (var person in read.People)
        {
            ids[person.Email] = person.Id;
        }

        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        return new World(
            new OrgSnapshot(read.People, read.Teams, today),
            // As if everybody who is asked agreed: the most that could be seen.
            Charters.Select(f => new ProgramFacts(Authority.CharterHash(CharterFile.TextOf(f)), CharterFile.Any(f).Charter with { Consent = new Consent.None(string.Empty) }, false, [])),
            (read.Roles ?? new Dictionary<string, IReadOnlyList<string>>()).SelectMany(r => r.Value.Select(role => new RoleFacts(r.Key, role, DateOnly.MaxValue))), [], []);
    }
}

namespace Daylight.Tests.Transparency;

/// <summary>Where the tests find files that are not code: the repository, and the shared test vectors beside it.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    public static string Vectors { get; } = Path.GetFullPath(Path.Combine(Folder, "..", "shared", "vectors"));

    /// <summary>The path of a vector file or folder; skips the test, and says so, where there is none.</summary>
    public static string Vector(params ReadOnlySpan<string> parts)
    {
        var path = Path.Combine([Vectors, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"The test vectors are not here: {path}");
        return path;
    }

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Daylight.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException("No folder above the tests holds Daylight.slnx.");
    }
}

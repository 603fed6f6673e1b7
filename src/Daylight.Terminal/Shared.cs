using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace Daylight.Terminal;

/// <summary>Settings the .NET way: appsettings.json of the data folder, then the environment (DAYLIGHT__…), then the command line.</summary>
public static class Settings
{
    /// <summary>The settings of a data folder.</summary>
    public static IConfiguration Of(string folder) => new ConfigurationBuilder()
        .AddJsonFile(Path.GetFullPath(Path.Combine(folder, "appsettings.json")), optional: true)
        .AddEnvironmentVariables("DAYLIGHT__")
        .Build();
}

/// <summary>Options that several commands share.</summary>
public static class Shared
{
    /// <summary><c>--data DIR</c>; required unless there is another way to know it.</summary>
    public static Option<string> Data(string description, string? otherwise = null) => new("--data")
    {
        Description = description,
        HelpName = "DIR",
        Required = otherwise is null,
        DefaultValueFactory = otherwise is null ? null : _ => otherwise,
    };

    /// <summary><c>--json</c></summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON" };

    /// <summary><c>--yes</c></summary>
    public static Option<bool> Yes() => new("--yes") { Description = "Do not ask" };
}

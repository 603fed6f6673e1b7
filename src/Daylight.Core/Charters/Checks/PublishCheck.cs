using System.Globalization;
using Daylight.Core.Releases;

namespace Daylight.Core.Charters.Checks;

/// <summary>What a charter would publish of a directory, and whether its noise would leave anything to read.</summary>
internal static class PublishCheck
{
    public static IReadOnlyList<LevelForecast> Of(Charter charter, YamlNode root, CheckDirectory directory, Diagnostics problems)
    {
        var forecast = Forecast.Of(charter, directory.People, p => directory.Roles?.GetValueOrDefault(p) ?? []);
        foreach (var level in forecast.Where(l => l.Noise is { Swamps: true }))
        {
            var rule = charter.Show.Index().First(r => r.Item is ShowRule.Group g && g.Measure == level.Measure && g.Level == level.Level).Index;
            problems.Add(root.Find($"show/{rule}/noise"), DiagnosticCodes.NoiseSwamps, string.Create(
                CultureInfo.InvariantCulture,
                $"noise would swamp {level.Measure} by {level.Level.Word()}: a figure of the group in the middle would be right within ±{level.Noise!.HalfWidth:0} {level.Noise.Unit}, of a range of {level.Noise.Range}. Show it of larger groups or over four weeks, bound it closer, or spend a larger ε"));
        }

        return forecast;
    }
}

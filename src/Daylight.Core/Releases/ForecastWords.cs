using System.Globalization;
using Daylight.Core.Charters;

namespace Daylight.Core.Releases;

/// <summary>Says what would be published, for whoever writes a charter and whoever signs it.</summary>
public static class ForecastWords
{
    /// <summary>One level in a sentence.</summary>
    public static string Say(LevelForecast level)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{level.Measure} by {level.Level.Word()}, every {(level.Weeks == 1 ? "week" : "four weeks")}: of {level.Groups} {(level.Groups == 1 ? "group" : "groups")} about {level.Shown:0.#} {(level.Shown is > 0.95 and < 1.05 ? "is" : "are")} shown, {level.TooSmall} never (fewer than {level.Fewest} people)");
        return level.Noise is { } noise
            ? text + string.Create(
                CultureInfo.InvariantCulture,
                $"; noise of ε {noise.Epsilon} a year: ±{Math.Ceiling(noise.HalfWidth):0} {noise.Unit} for the group in the middle, ±{Math.Ceiling(noise.LargestGroup):0} for the largest, of a range of {noise.Range}{(noise.Swamped > 0 ? $"; {noise.Swamped} not shown, because noise as wide as the range says nothing" : string.Empty)}{(noise.Swamps ? ". Noise would swamp it" : string.Empty)}")
            : text + (level.NowAndThen >= 0.05 ? string.Create(CultureInfo.InvariantCulture, $", {level.NowAndThen:0.#} now and then not, when {Forecast.AwayInHundred} in 100 are away") : string.Empty);
    }
}

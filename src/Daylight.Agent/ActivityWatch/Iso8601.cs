using System.Globalization;
using System.Text.RegularExpressions;

namespace Daylight.Agent.ActivityWatch;

/// <summary>Times as ActivityWatch's clients write them (ISO 8601, extended and basic); without a zone they are UTC, as everywhere in ActivityWatch.</summary>
internal static partial class Iso8601
{
    /// <summary>Reads a time.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        if (Form().Match(text.Trim()) is not { Success: true } match)
        {
            return false;
        }

        string Part(string name) => match.Groups[name].Value;
        var clock = Part("h").Length == 0 ? "00:00:00" : $"{Part("h")}:{Or(Part("m"))}:{Or(Part("s"))}";
        var fraction = Part("f") is { Length: > 0 } digits ? "." + (digits.Length > 7 ? digits[..7] : digits) : string.Empty;
        // A plus sign that was not encoded in a URL has arrived as a space.
        var zone = Part("zh").Length == 0 ? "Z" : $"{(Part("sign").EndsWith('-') ? '-' : '+')}{Part("zh")}:{Or(Part("zm"))}";
        return DateTimeOffset.TryParse($"{Part("y")}-{Part("mo")}-{Part("d")}T{clock}{fraction}{zone}", CultureInfo.InvariantCulture, DateTimeStyles.None, out time) && time.UtcDateTime.Year is > 1 and < 9000;
    }

    private static string Or(string digits) => digits.Length == 0 ? "00" : digits;

    [GeneratedRegex(@"^(?<y>[0-9]{4})-?(?<mo>[0-9]{2})-?(?<d>[0-9]{2})([Tt ](?<h>[0-9]{2})(:?(?<m>[0-9]{2})(:?(?<s>[0-9]{2})([.,](?<f>[0-9]+))?)?)?( ?[Zz]|(?<sign> ?[+\-]| )(?<zh>[0-9]{2})(:?(?<zm>[0-9]{2}))?)?)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}

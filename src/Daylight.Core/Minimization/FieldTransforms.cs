using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>The secret that pseudonyms are made with: the machine's own, so that nobody elsewhere can try names until one fits.</summary>
/// <param name="Secret">32 bytes that never leave the machine.</param>
/// <param name="Epoch">The key epoch; with the next one every pseudonym is another.</param>
public sealed record PseudonymKey(ReadOnlyMemory<byte> Secret, int Epoch);

/// <summary>Names of number ranges.</summary>
internal static class Buckets
{
    public static ImmutableArray<string> Labels(ImmutableArray<decimal> edges) => edges.IsEmpty ? [] :
    [
        string.Create(CultureInfo.InvariantCulture, $"under {edges[0]}"),
        .. edges.Zip(edges.Skip(1), (low, high) => string.Create(CultureInfo.InvariantCulture, $"{low} to under {high}")),
        string.Create(CultureInfo.InvariantCulture, $"{edges[^1]} or more"),
    ];

    public static int IndexOf(ImmutableArray<decimal> edges, decimal number)
    {
        var index = 0;
        while (index < edges.Length && number >= edges[index])
        {
            index++;
        }

        return index;
    }
}

/// <summary>Positions to names of sites.</summary>
public static class Sites
{
    /// <summary>Anywhere that no site is.</summary>
    public const string Elsewhere = "elsewhere";

    private const double EarthRadiusMeters = 6_371_000;

    /// <summary>
    /// What is kept of a point where it arrives: the names of the sites that it lies in, each on a line behind an @, or none; the point itself is gone then. Null when it
    /// is no point.
    /// </summary>
    /// <param name="sites">The sites of every charter that asks for a position.</param>
    /// <param name="position">Latitude and longitude: <c>50.7374,7.0982</c>.</param>
    public static string? Names(IEnumerable<ImmutableArray<Geofence>> sites, string position)
    {
        var names = sites.Select(s => Of(s, position)).ToList();
        return names.Contains(null) ? null : string.Join('\n', names.Where(n => n != Elsewhere).Distinct(StringComparer.Ordinal).DefaultIfEmpty(string.Empty).Select(n => "@" + n));
    }

    internal static string? Of(ImmutableArray<Geofence> sites, string position)
    {
        // Names, where the point itself was not kept.
        if (position.StartsWith('@'))
        {
            var names = position.Split('\n');
            return sites.FirstOrDefault(s => names.Contains("@" + s.Name, StringComparer.Ordinal))?.Name ?? Elsewhere;
        }

        var parts = position.Split(',');
        if (parts.Length != 2 || !double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var latitude)
            || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var longitude) || !(Math.Abs(latitude) <= 90) || !(Math.Abs(longitude) <= 180))
        {
            return null;
        }

        return sites.Where(s => Meters(s, latitude, longitude) <= s.Meters).MinBy(s => Meters(s, latitude, longitude))?.Name ?? Elsewhere;
    }

    // The haversine formula; a sphere is right to half a percent, and a site is larger than that.
    private static double Meters(Geofence site, double latitude, double longitude)
    {
        static double Radians(double degrees) => degrees * Math.PI / 180;
        var (north, east) = (Math.Sin(Radians(latitude - site.Latitude) / 2), Math.Sin(Radians(longitude - site.Longitude) / 2));
        return 2 * EarthRadiusMeters * Math.Asin(Math.Min(1, Math.Sqrt((north * north) + (Math.Cos(Radians(site.Latitude)) * Math.Cos(Radians(latitude)) * east * east))));
    }
}

/// <summary>Each transform of a single value, as text to text; null is nothing. Pure, total, and slow enough that callers remember answers.</summary>
internal static partial class FieldTransforms
{
    private const string Black = "███";

    /// <summary>The function of a transform; <see cref="Transform.Category"/> looks at more than one field and is not among them.</summary>
    public static Func<string, string?> Of(Transform transform, string program, FieldShape shape, PseudonymKey key) => transform switch
    {
        Transform.Keep => Keep(shape),
        Transform.Host => value => Hosts.Of(value),
        Transform.Round round => value => Number(value) is { } number ? Text(Nearest(number, round.Step)) : null,
        Transform.Count => value => Number(value) is { } number ? Text(Math.Abs(Math.Truncate(number))) : IsNothing(value) ? null : "1",
        Transform.Presence => value => IsNothing(value) || Number(value) == 0 ? null : "yes",
        Transform.Site site => value => Sites.Of(site.Sites, value),
        Transform.Bucket bucket => Bucket(bucket.Edges),
        Transform.Pseudonym => value => Pseudonym(key, program, shape.Name, value),
        Transform.Degrade degrade => value => Degrade(degrade, value),
        Transform.Redact redact => value => Redact(redact.Patterns, value),
        _ => static _ => null,
    };

    /// <summary>A number as written in JSON; null when it is none that arithmetic could bear.</summary>
    public static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1_000_000_000_000m ? number : null;

    private static string Text(decimal number) => (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    private static decimal Nearest(decimal number, decimal step) => Math.Round(number / step, MidpointRounding.AwayFromZero) * step;

    private static bool IsNothing(string value) => value.Length == 0 || value.Equals("false", StringComparison.OrdinalIgnoreCase);

    /// <summary>A field keeps what it is for: a number stays a number, a word one of its words. What a watcher puts there instead stays behind.</summary>
    private static Func<string, string?> Keep(FieldShape shape) => shape.Kind switch
    {
        FieldKind.Number => value => Number(value) is { } number ? Text(number) : null,
        FieldKind.Flag => value => value.ToLowerInvariant() is "true" or "false" ? value.ToLowerInvariant() : null,
        FieldKind.Word when shape.Values.Length > 0 => value => shape.Values.Contains(value) ? value : null,
        FieldKind.Word => value => Word().IsMatch(value) ? value : null,
        FieldKind.Name => value => LastPart(value) is { Length: > 0 and <= MostName } name ? name : null, // editors write whole paths where a project belongs
        FieldKind.Note => value => value.Length <= MostNote ? value : null,
        FieldKind.App or FieldKind.Title or FieldKind.Url or FieldKind.Path or FieldKind.Person or FieldKind.Position or FieldKind.Image or _ => static _ => null,
    };

    private const int MostName = 80;
    private const int MostNote = 2_000;

    private static string LastPart(string path)
    {
        var trimmed = path.TrimEnd('/', '\\');
        return trimmed[(trimmed.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    private static Func<string, string?> Bucket(ImmutableArray<decimal> edges)
    {
        var labels = Buckets.Labels(edges);
        return value => Number(value) is { } number ? labels[Buckets.IndexOf(edges, number)] : null;
    }

    private static string? Pseudonym(PseudonymKey key, string program, string field, string value) => value.Length == 0
        ? null
        : "~" + Convert.ToHexStringLower(HMACSHA256.HashData(key.Secret.Span, Encoding.UTF8.GetBytes($"daylight/v1 pseudonym\0{program}\0{key.Epoch}\0{field}\0{value}")).AsSpan(0, 8));

    private static string? Degrade(Transform.Degrade degrade, string value)
    {
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value, bytes, out var length) && Png.TryRead(bytes.AsSpan(0, length)) is { } picture
            ? Convert.ToBase64String(picture.Degrade(degrade.Width, degrade.Block).ToArray())
            : null;
    }

    private static string Redact(ImmutableArray<RedactPattern> patterns, string value) =>
        patterns.Order().Aggregate(value, (text, pattern) => (pattern switch
        {
            RedactPattern.Email => Email(),
            RedactPattern.Number => Digits(),
            RedactPattern.Url => Url(),
            RedactPattern.Path => FilePath(),
            RedactPattern.Name or _ => Names(),
        }).Replace(text, Black));

    [GeneratedRegex(@"\A[\p{L}\p{N}][\p{L}\p{N}+#./ -]{0,30}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(@"[^\s@<>""']+@[^\s@<>""']+", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"\d[\d.,:/ -]*\d", RegexOptions.NonBacktracking)]
    private static partial Regex Digits();

    [GeneratedRegex(@"\b(?:[a-zA-Z][a-zA-Z0-9+.-]*://|[wW][wW][wW]\.)\S+", RegexOptions.NonBacktracking)]
    private static partial Regex Url();

    [GeneratedRegex(@"[^\s\\/]*[\\/]\S*", RegexOptions.NonBacktracking)]
    private static partial Regex FilePath();

    [GeneratedRegex(@"\p{Lu}[\p{L}\p{M}'’.-]*(?:[\s\u00A0]+(?:(?:von|van|der|den|de|da|di|du|le|la|zu|zum|bin|al)[\s\u00A0]+)*\p{Lu}[\p{L}\p{M}'’.-]*)+", RegexOptions.NonBacktracking)]
    private static partial Regex Names();
}

/// <summary>The host of a web address.</summary>
internal static class Hosts
{
    private const string Proxy = ".translate.goog";

    /// <summary>
    /// The host in lower case, without port and user; null when the text is no web address, or its host none that a browser would write: letters without
    /// accents, digits, dashes, dots. One function for what leaves and for what is private, so that the two cannot disagree.
    /// </summary>
    public static string? Of(ReadOnlySpan<char> url)
    {
        url = url.Trim();
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || !(url[..scheme] is "http" or "https" or "ws" or "wss" || url[..scheme].ToString().ToLowerInvariant() is "http" or "https" or "ws" or "wss"))
        {
            return null;
        }

        var rest = url[(scheme + 3)..];
        var end = rest.IndexOfAny("/?#\\");
        var authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var port = authority.IndexOf(':');
        var host = InAscii((port < 0 ? authority : authority[..port]).TrimEnd('.').ToString()).ToLowerInvariant();
        return host.Length is 0 or > 253 || host.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '.')) || host.StartsWith('.') || host.Contains("..", StringComparison.Ordinal) ? null : Behind(host);
    }

    // A host with accents, as some watchers write it, is the one that the browser asks for (RFC 3492).
    private static string InAscii(string host)
    {
        if (System.Text.Ascii.IsValid(host))
        {
            return host;
        }

        try
        {
            return new IdnMapping().GetAscii(host);
        }
        catch (ArgumentException)
        {
            return string.Empty;
        }
    }

    // A translating proxy writes the site's dots as dashes: www-example-org.translate.goog.
    private static string Behind(string host) => host.EndsWith(Proxy, StringComparison.Ordinal)
        ? host[..^Proxy.Length].Replace("--", "\n", StringComparison.Ordinal).Replace('-', '.').Replace('\n', '-')
        : host;
}

using System.Collections.Immutable;
using System.Globalization;

namespace Daylight.Core.Charters.Grammar;

/// <summary>How <c>collect</c> is written: per stream, per field, one of the transforms that make sense for its kind.</summary>
internal static class TransformGrammar
{
    private const string StepPattern = "[0-9]{1,2}m|[0-9]{1,2}h|1d";

    private static readonly Transform Dropped = new Transform.Drop();

    // Stands in for a transform that cannot be read, so that one mistake is told once.
    private static readonly Transform Unread = new Transform.Keep();

    public static Form<ImmutableArray<CollectedStream>> Collect { get; } = MakeCollect();

    private static MapForm<ImmutableArray<CollectedStream>> MakeCollect()
    {
        var streams = Streams.All.Values.Select(s => new Key<CollectedStream?>(s.Name, s.Says, Stream(s).Select(c => (CollectedStream?)c), null, required: false)).ToList();
        return new MapForm<ImmutableArray<CollectedStream>>(
            "'collect'", streams, [], m => [.. streams.Select(m.Get).OfType<CollectedStream>().OrderBy(s => s.Stream, StringComparer.Ordinal)], Never);
    }

    private static (string, string)? Never(string name) => Vocabulary.ForbiddenContent(name) is { } what
        ? (DiagnosticCodes.NeverContent, $"never: Daylight has no field for {what}, in any charter, for anybody")
        : null;

    private static MapForm<CollectedStream> Stream(StreamShape shape)
    {
        var fields = shape.Fields.Values.Select(f => new Key<Transform?>(f.Name, f.Says, Field(f, shape.Nature).Select(t => (Transform?)t), null, required: false)).ToList();
        Key<Transform?> time = new("time", "When it happened; without it no record leaves the machine, and the stream only feeds measures", Time.Select(t => (Transform?)t), null, required: false);
        return new MapForm<CollectedStream>(
            $"stream '{shape.Name}'",
            [.. fields, time],
            new CollectedStream(shape.Name, ImmutableSortedDictionary<string, Transform>.Empty, null),
            m => Check(m, new CollectedStream(
                shape.Name,
                ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, fields.Select(f => KeyValuePair.Create(f.Name, m.Get(f))).Where(f => f.Value is not null).Select(f => KeyValuePair.Create(f.Key, f.Value!))),
                m.Get(time))),
            Never);
    }

    private static CollectedStream Check(Members members, CollectedStream stream)
    {
        if (stream.Shape.Fields.Values.Any(f => f.Kind == FieldKind.Position) && stream.TimeStep is { } step && step < TimeSpan.FromHours(1))
        {
            members.Problems.Add(members.Node.KeyAt("time"), DiagnosticCodes.BadValue, "where somebody is, is told by the hour at the finest: a track is no site");
        }

        if (stream.Steps.Distinct().Count() > 1)
        {
            members.Problems.Add(members.Node, DiagnosticCodes.BadValue, $"stream '{stream.Stream}' has one time step: 'time' and what is counted in it name the same");
        }

        return stream;
    }

    /// <summary>What may happen to the time of a stream.</summary>
    private static Form<Transform> Time => new TextForm<Transform>(
        $"(?:round|count|presence) (?:{StepPattern})", "'round 5m' (how long in each step), 'count 1h' (how often) or 'presence 1h' (whether at all), in parts of an hour or of a day", ReadTime, new Transform.Round(1440));

    private static Form<Transform> Field(FieldShape field, StreamNature nature)
    {
        var allowed = Streams.AllowedTransforms(field.Kind, nature);
        var words = allowed.SelectMany(Pattern).ToList();
        Form<Transform> scalar = new TextForm<Transform>(string.Join('|', words), $"one of: {string.Join(", ", allowed.Select(Example))}", ReadWord, Unread);
        List<Key> keys = [];
        List<Func<Members, Transform?>> builders = [];
        void Add<T>(Key<T> key, Func<T, Transform> make)
        {
            keys.Add(key);
            builders.Add(m => m.Has(key.Name) ? make(m.Get(key)) : null);
        }

        if (allowed.Contains("bucket"))
        {
            Add(new Key<ImmutableArray<decimal>>("bucket", "Edges of the ranges, ascending", new ListForm<decimal>(new NumberForm(-1_000_000, 1_000_000), most: 20), [], required: false), e => new Transform.Bucket(e));
        }

        if (allowed.Contains("site"))
        {
            Add(new Key<ImmutableArray<Geofence>>("site", "Sites, each a circle on the map; anywhere else is 'elsewhere'", Sites, [], required: false), s => new Transform.Site(s));
        }

        if (allowed.Contains("degrade"))
        {
            Add(new Key<Transform>("degrade", "Size, block and color of the picture", Degrade, Dropped, required: false), t => t);
        }

        if (allowed.Contains("redact"))
        {
            Add(new Key<ImmutableArray<RedactPattern>>("redact", "What is blacked out", new ListForm<RedactPattern>(Pattern(), alone: true), [], required: false), p => new Transform.Redact(p));
        }

        return keys.Count == 0 ? scalar : new ShapeForm<Transform>(scalar, null, new MapForm<Transform>($"'{field.Name}'", keys, Unread, m => Built(m, builders, field.Name), Never));
    }

    private static Transform Built(Members members, List<Func<Members, Transform?>> builders, string field)
    {
        var built = builders.Select(b => b(members)).OfType<Transform>().ToList();
        if (built.Count != 1)
        {
            members.Problems.Add(members.Node, DiagnosticCodes.BadValue, $"'{field}' has exactly one transform");
            return Unread;
        }

        if (built[0] is Transform.Bucket { Edges: var edges } && edges.Zip(edges.Skip(1)).Any(p => p.First >= p.Second))
        {
            members.Problems.Add(members.Node, DiagnosticCodes.BadValue, "the edges of 'bucket' ascend");
        }

        return built[0];
    }

    private static ChoiceForm<RedactPattern> Pattern() =>
        new([("email", RedactPattern.Email), ("number", RedactPattern.Number), ("url", RedactPattern.Url), ("path", RedactPattern.Path), ("name", RedactPattern.Name)], RedactPattern.Email);

    private static Form<ImmutableArray<Geofence>> Sites => new NamedForm<Geofence>(
        "'site'",
        Terms.Label,
        new TextForm<Geofence>(
            @"-?[0-9]{1,2}\.[0-9]{1,6}, ?-?[0-9]{1,3}\.[0-9]{1,6} within [0-9]{3,4}m", "a place such as '50.7374, 7.0982 within 300m' (150m to 5000m)", ReadPlace, new Geofence(string.Empty, 0, 0, 0)),
        most: 30)
        .Select(sites => sites.Select(s => s.Value with { Name = s.Name }).ToImmutableArray());

    private static Form<Transform> Degrade => MakeDegrade();

    private static MapForm<Transform> MakeDegrade()
    {
        Key<int> width = new("width", "Pixels across, at most", new WholeForm(16, 320), 16);
        Key<int> block = new("block", "Pixels of each block that becomes one shade", new WholeForm(8, 64), 8);
        return new MapForm<Transform>("'degrade'", [width, block], Dropped, m => new Transform.Degrade(m.Get(width), m.Get(block)));
    }

    private static IEnumerable<string> Pattern(string transform) => transform switch
    {
        "round" => [@"round [0-9]{1,6}(?:\.[0-9]{1,3})?"],
        "count" or "presence" => [$"{transform} (?:{StepPattern})"],
        "bucket" or "site" or "degrade" or "redact" => [],
        _ => [transform],
    };

    private static string Example(string transform) => transform switch
    {
        "round" => "round 10",
        "count" => "count 15m",
        "presence" => "presence 1h",
        "bucket" => "{ bucket: [5, 10] }",
        "site" => "{ site: { NAME: '50.7374, 7.0982 within 300m' } }",
        "degrade" => "{ degrade: { width: 320, block: 8 } }",
        "redact" => "{ redact: [email, number] }",
        _ => transform,
    };

    private static bool ReadWord(string text, out Transform transform)
    {
        var (word, rest) = text.IndexOf(' ', StringComparison.Ordinal) is var blank and > 0 ? (text[..blank], text[(blank + 1)..]) : (text, string.Empty);
        if (word is "count" or "presence")
        {
            return ReadTime(text, out transform);
        }

        transform = word switch
        {
            "keep" => new Transform.Keep(),
            "category" => new Transform.Category(),
            "host" => new Transform.Host(),
            "pseudonym" => new Transform.Pseudonym(),
            "round" => new Transform.Round(decimal.Parse(rest, CultureInfo.InvariantCulture)),
            _ => Dropped,
        };
        return transform is not Transform.Round { Step: 0 };
    }

    private static bool ReadTime(string text, out Transform transform)
    {
        var (word, rest) = (text[..text.IndexOf(' ', StringComparison.Ordinal)], text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var good = Terms.ReadStep(rest, out var step);
        transform = !good ? Dropped : word switch
        {
            "count" => new Transform.Count(step),
            "presence" => new Transform.Presence(step),
            _ => new Transform.Round((decimal)step.TotalMinutes),
        };
        return good;
    }

    private static bool ReadPlace(string text, out Geofence place)
    {
        var parts = text.Replace(" within ", ",", StringComparison.Ordinal).Split(',');
        var (latitude, longitude) = (double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture));
        place = new Geofence(string.Empty, latitude, longitude, int.Parse(parts[2].AsSpan(0, parts[2].Length - 1), CultureInfo.InvariantCulture));
        return Math.Abs(latitude) <= 90 && Math.Abs(longitude) <= 180 && place.Meters is >= 150 and <= 5_000;
    }
}

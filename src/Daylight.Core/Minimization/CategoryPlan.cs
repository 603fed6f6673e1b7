using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Daylight.Core.Charters;

namespace Daylight.Core.Minimization;

/// <summary>
/// Names the category of application, title and host, and keeps what is private out. The charter's own rules come first, in their order, then the built-in
/// ones. What it found for an application or a host it remembers; titles it reads each time, and keeps nothing of them.
/// </summary>
internal sealed class CategoryPlan
{
    private const int MostRemembered = 4_000;
    private const int NoRule = int.MaxValue;
    private const int Private = -1;

    private readonly ImmutableArray<CategoryRule> rules;
    private readonly PrivateLife privateLife;
    private readonly SearchValues<string>? titleWords;
    private readonly Dictionary<byte[], Known>.AlternateLookup<ReadOnlySpan<byte>> apps = new Dictionary<byte[], Known>(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    private readonly Dictionary<byte[], Known>.AlternateLookup<ReadOnlySpan<byte>> hosts = new Dictionary<byte[], Known>(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    public CategoryPlan(Charter charter)
        : this(charter.Categories, PrivateLife.BuiltIn.With(charter.PrivateLife))
    {
    }

    public CategoryPlan(ImmutableArray<CategoryRule> rules, PrivateLife privateLife)
    {
        (this.rules, this.privateLife) = (rules, privateLife);
        var words = rules.SelectMany(r => r.Titles).ToArray();
        titleWords = words.Length == 0 ? null : SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The category; null when it is private and nothing of the event may be used.</summary>
    public string? Of(ReadOnlySpan<byte> app, ReadOnlySpan<byte> url, ReadOnlySpan<byte> title)
    {
        var byApp = app.IsEmpty ? Known.Nothing : Find(apps, app, OfApp);
        var byHost = url.IsEmpty ? Known.Nothing : Find(hosts, HostPart(url), OfHost);
        if (byApp.IsPrivate || byHost.IsPrivate || IsPrivateWindow(title))
        {
            return null;
        }

        var byTitle = titleWords is null || title.IsEmpty ? NoRule : OfTitle(title);
        if (byTitle == Private)
        {
            return null;
        }

        var rule = Math.Min(Math.Min(byApp.Rule, byHost.Rule), byTitle);
        return rule != NoRule ? rules[rule].Name : byHost.BuiltIn != Categories.Other ? byHost.BuiltIn : byApp.BuiltIn;
    }

    // What identifies a host in an address, without taking the address apart for good: everything up to the path.
    private static ReadOnlySpan<byte> HostPart(ReadOnlySpan<byte> url)
    {
        var start = url.IndexOf("://"u8);
        var path = start < 0 ? -1 : url[(start + 3)..].IndexOfAny("/?#\\"u8);
        return path < 0 ? url : url[..(start + 3 + path)];
    }

    // Browsers say in the title that a window is private, each in the language of its menus: these know English, German, French, Spanish, Portuguese, Italian and Dutch.
    private static readonly SearchValues<string> PrivateWindows = SearchValues.Create(
        [
            "private browsing", "private window", "inprivate", "incognito", "inkognito", "incógnito", "(privat", "privater modus", "privates fenster", "navigation privée",
            "navegación privada", "navegação privada", "navegação anónima", "navegação anônima", "navigazione anonima", "privénavigatie", "privévenster",
        ],
        StringComparison.OrdinalIgnoreCase);

    private static bool IsPrivateWindow(ReadOnlySpan<byte> title) =>
        // Every one of them holds one of these; a title without is read no further.
        (title.IndexOf("riv"u8) >= 0 || title.IndexOf("RIV"u8) >= 0 || title.IndexOf("gnito"u8) >= 0 || title.IndexOf("nima"u8) >= 0) && Encoding.UTF8.GetString(title).AsSpan().ContainsAny(PrivateWindows);

    private static Known Find(Dictionary<byte[], Known>.AlternateLookup<ReadOnlySpan<byte>> known, ReadOnlySpan<byte> text, Func<string, Known> compute)
    {
        if (known.TryGetValue(text, out var found))
        {
            return found;
        }

        found = compute(Encoding.UTF8.GetString(text));
        if (text.Length <= 512)
        {
            if (known.Dictionary.Count == MostRemembered)
            {
                known.Dictionary.Clear();
            }

            known[text] = found;
        }

        return found;
    }

    private Known OfApp(string app) => new(
        privateLife.HasApp(app),
        First(r => r.Apps.Any(w => Words.Contains(app, w))),
        Categories.Of(app));

    private Known OfHost(string address) => Hosts.Of(address) is { } host
        ? new Known(privateLife.HasHost(host), First(r => r.Hosts.Any(h => host == h || host.EndsWith("." + h, StringComparison.Ordinal))), Categories.OfHost(host))
        : new Known(address.Length > 0, NoRule, Categories.Other); // an address that names no host may be anything: it is treated as private

    private int OfTitle(ReadOnlySpan<byte> title)
    {
        var text = Encoding.UTF8.GetString(title);
        var rule = text.AsSpan().ContainsAny(titleWords!) ? First(r => r.Titles.Any(w => Words.Contains(text, w))) : NoRule;
        // Only where the title decides could it tell something, so only there is it asked what it touches.
        return rule != NoRule && privateLife.Touches(text) is not null ? Private : rule;
    }

    private int First(Func<CategoryRule, bool> fits)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            if (fits(rules[i]))
            {
                return i;
            }
        }

        return NoRule;
    }

    private sealed record Known(bool IsPrivate, int Rule, string BuiltIn)
    {
        public static Known Nothing { get; } = new(false, NoRule, Categories.Other);
    }
}

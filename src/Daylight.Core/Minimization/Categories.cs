using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Daylight.Core.Minimization;

/// <summary>The built-in categories: turns the name of an application into one, by ordered rules: the first that matches names it.</summary>
public static partial class Categories
{
    /// <summary>Category of what no rule knows.</summary>
    public const string Other = "Other";

    /// <summary>Every category, in the order of the rules.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Editor", "Terminal", "Meeting", "Chat", "Mail", "Office", "Design", "Browser", Other];

    /// <summary>The category of an application.</summary>
    public static string Of(string app) => app switch
    {
        _ when Editor().IsMatch(app) => "Editor",
        _ when Terminal().IsMatch(app) => "Terminal",
        _ when Meeting().IsMatch(app) => "Meeting",
        _ when Chat().IsMatch(app) => "Chat",
        _ when Mail().IsMatch(app) => "Mail",
        _ when Office().IsMatch(app) => "Office",
        _ when Design().IsMatch(app) => "Design",
        _ when Browser().IsMatch(app) => "Browser",
        _ => Other,
    };

    /// <summary>The category of a web host, where the host alone says it; <see cref="Other"/> otherwise.</summary>
    public static string OfHost(string host)
    {
        for (var rest = host; rest.Length > 0; rest = rest.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? rest[(dot + 1)..] : string.Empty)
        {
            if (Hosts.TryGetValue(rest, out var category))
            {
                return category;
            }
        }

        return Other;
    }

    private static readonly FrozenDictionary<string, string> Hosts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["github.com"] = "Editor", ["gitlab.com"] = "Editor", ["bitbucket.org"] = "Editor", ["vscode.dev"] = "Editor",
        ["meet.google.com"] = "Meeting", ["zoom.us"] = "Meeting", ["webex.com"] = "Meeting", ["whereby.com"] = "Meeting",
        ["slack.com"] = "Chat", ["teams.microsoft.com"] = "Chat", ["chat.google.com"] = "Chat",
        ["mail.google.com"] = "Mail", ["outlook.office.com"] = "Mail", ["outlook.office365.com"] = "Mail",
        ["docs.google.com"] = "Office", ["calendar.google.com"] = "Office", ["office.com"] = "Office", ["sharepoint.com"] = "Office",
        ["figma.com"] = "Design", ["canva.com"] = "Design", ["miro.com"] = "Design",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex(@"^(visual studio code|vscodium|n?vim|gvim|emacs|rider|intellij|pycharm|webstorm|goland|clion|zed|atom|kate|gedit|xcode|geany|helix|devenv)|\b(code|idea|sublime)\b|jetbrains|notepad|android studio", Options, 1000)]
    private static partial Regex Editor();

    [GeneratedRegex(@"terminal|konsole|xterm|iterm|alacritty|kitty|wezterm|tmux|powershell|foot$|^(cmd|bash|zsh)(\.exe)?$", Options, 1000)]
    private static partial Regex Terminal();

    [GeneratedRegex(@"zoom|webex|jitsi|google meet|whereby|gotomeeting", Options, 1000)]
    private static partial Regex Meeting();

    [GeneratedRegex(@"slack|teams|discord|signal|element|mattermost|zulip|rocket\.chat|telegram|whatsapp", Options, 1000)]
    private static partial Regex Chat();

    [GeneratedRegex(@"thunderbird|outlook|evolution|\bmail\b|geary|kmail|mailspring", Options, 1000)]
    private static partial Regex Mail();

    [GeneratedRegex(@"libreoffice|soffice|winword|\bword\b|excel|powerpoint|onenote|numbers|keynote|\bpages\b|acrobat|okular|evince|calendar", Options, 1000)]
    private static partial Regex Office();

    [GeneratedRegex(@"figma|inkscape|gimp|photoshop|illustrator|blender|sketch|krita", Options, 1000)]
    private static partial Regex Design();

    [GeneratedRegex(@"firefox|chrom(e|ium)|safari|\bedge\b|msedge|brave|opera|vivaldi|librewolf|epiphany", Options, 1000)]
    private static partial Regex Browser();
}

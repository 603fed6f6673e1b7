using System.Text.RegularExpressions;

namespace Daylight.Core.Minimization;

/// <summary>Turns the name of an application into a category, by ordered rules: the first that matches names it.</summary>
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

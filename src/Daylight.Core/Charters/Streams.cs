using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>What a stream tells about.</summary>
public enum StreamNature
{
    /// <summary>What a person does at a machine. Not collected around the clock without a reason in the charter.</summary>
    Activity = 0,

    /// <summary>What systems and doors record anyway, at any hour.</summary>
    System = 1,

    /// <summary>What a person writes and hands in.</summary>
    Submission = 2,
}

/// <summary>What kind of value a field has, and with it what may be done to it.</summary>
public enum FieldKind
{
    /// <summary>An application's name.</summary>
    App = 0,

    /// <summary>Free text that others wrote or that tells contents: a title. It never leaves.</summary>
    Title = 1,

    /// <summary>A web address.</summary>
    Url = 2,

    /// <summary>One of a few harmless words.</summary>
    Word = 3,

    /// <summary>A name that was given on purpose: a project, a room.</summary>
    Name = 4,

    /// <summary>A path of a file.</summary>
    Path = 5,

    /// <summary>Another person.</summary>
    Person = 6,

    /// <summary>A number.</summary>
    Number = 7,

    /// <summary>True or false.</summary>
    Flag = 8,

    /// <summary>Latitude and longitude: <c>50.7374,7.0982</c>.</summary>
    Position = 9,

    /// <summary>A picture, PNG in base64.</summary>
    Image = 10,

    /// <summary>What a person wrote to hand in.</summary>
    Note = 11,
}

/// <summary>A field of a stream.</summary>
/// <param name="Name">Its name in events.</param>
/// <param name="Kind">What kind of value.</param>
/// <param name="Says">In words, for people.</param>
/// <param name="Values">The values there are, or empty when they are open.</param>
public sealed record FieldShape(string Name, FieldKind Kind, string Says, ImmutableArray<string> Values);

/// <summary>What a stream's events look like.</summary>
/// <param name="Name">Its name in charters.</param>
/// <param name="BucketType">ActivityWatch's type of the buckets that feed it.</param>
/// <param name="Nature">What it tells about.</param>
/// <param name="Says">In words, for people.</param>
/// <param name="Fields">Its fields.</param>
public sealed record StreamShape(string Name, string BucketType, StreamNature Nature, string Says, ImmutableSortedDictionary<string, FieldShape> Fields);

/// <summary>Every stream there is. Content of any sort has no field here, so that no charter can ask for it.</summary>
public static class Streams
{
    /// <summary>By name.</summary>
    public static ImmutableSortedDictionary<string, StreamShape> All { get; } = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new[]
    {
        Stream("window", "currentwindow", StreamNature.Activity, "the active window",
            Field("app", FieldKind.App, "the application"), Field("title", FieldKind.Title, "the window's title"), Field("url", FieldKind.Url, "the address of a page")),
        Stream("afk", "afkstatus", StreamNature.Activity, "whether somebody is at the machine", Field("status", FieldKind.Word, "at the machine or away", "afk", "not-afk")),
        Stream("web", "web.tab.current", StreamNature.Activity, "the active browser tab",
            Field("url", FieldKind.Url, "the address of the page"), Field("title", FieldKind.Title, "the page's title"), Field("audible", FieldKind.Flag, "whether it plays sound"),
            Field("tabCount", FieldKind.Number, "how many tabs are open")),
        Stream("editor", "app.editor.activity", StreamNature.Activity, "work in a code editor",
            Field("project", FieldKind.Name, "the project"), Field("file", FieldKind.Path, "the file"), Field("language", FieldKind.Word, "the programming language"), Field("branch", FieldKind.Name, "the branch")),
        Stream("input", "os.hid.input", StreamNature.Activity, "how much keyboard and mouse are used, never what is typed",
            Field("presses", FieldKind.Number, "number of key presses"), Field("clicks", FieldKind.Number, "number of clicks"), Field("deltaX", FieldKind.Number, "mouse movement across"),
            Field("deltaY", FieldKind.Number, "mouse movement down"), Field("scrollX", FieldKind.Number, "scrolling across"), Field("scrollY", FieldKind.Number, "scrolling down")),
        Stream("screen", "daylight.screen", StreamNature.Activity, "a picture of the screen", Field("image", FieldKind.Image, "the picture"), Field("app", FieldKind.App, "the application in front")),
        Stream("location", "daylight.location", StreamNature.Activity, "where somebody works", Field("position", FieldKind.Position, "the position")),
        Stream("calendar", "daylight.calendar", StreamNature.Activity, "meetings in the calendar",
            Field("title", FieldKind.Title, "the meeting's title"), Field("attendees", FieldKind.Number, "how many people take part"), Field("teams", FieldKind.Number, "from how many teams"),
            Field("organizer", FieldKind.Person, "who called the meeting"), Field("recurring", FieldKind.Flag, "whether it recurs"), Field("external", FieldKind.Flag, "whether people from outside take part")),
        Stream("contact", "daylight.contact", StreamNature.Activity, "that people were in contact, never about what",
            Field("channel", FieldKind.Word, "by which means", "call", "chat", "mail", "meeting", "review"), Field("people", FieldKind.Number, "with how many people"),
            Field("teams", FieldKind.Number, "with how many other teams"), Field("with", FieldKind.Person, "with whom")),
        Stream("change", "daylight.change", StreamNature.Activity, "steps of changes in a code forge",
            Field("repository", FieldKind.Name, "the repository"), Field("step", FieldKind.Word, "which step", "opened", "first-review", "approved", "merged", "deployed"),
            Field("wait", FieldKind.Number, "hours since the step before"), Field("lines", FieldKind.Number, "lines changed"), Field("title", FieldKind.Title, "the change's title")),
        Stream("badge", "daylight.badge", StreamNature.System, "doors opened with a badge",
            Field("site", FieldKind.Name, "the site"), Field("door", FieldKind.Name, "the door"), Field("direction", FieldKind.Word, "in or out", "in", "out")),
        Stream("desk", "daylight.desk", StreamNature.System, "desks and rooms in use",
            Field("site", FieldKind.Name, "the site"), Field("floor", FieldKind.Name, "the floor"), Field("space", FieldKind.Name, "the desk or room"),
            Field("kind", FieldKind.Word, "desk or room", "desk", "focus-room", "meeting-room", "lab", "phone-booth")),
        Stream("device", "daylight.device", StreamNature.System, "the state of a company device",
            Field("platform", FieldKind.Word, "the operating system", "linux", "macos", "windows", "ios", "android"), Field("encrypted", FieldKind.Flag, "whether its disk is encrypted"),
            Field("screenLock", FieldKind.Flag, "whether it locks its screen"), Field("firewall", FieldKind.Flag, "whether its firewall is on"), Field("patchAge", FieldKind.Number, "days since it was last updated")),
        Stream("sign-in", "daylight.sign-in", StreamNature.System, "sign-ins to company systems",
            Field("application", FieldKind.App, "the system"), Field("method", FieldKind.Word, "how", "passkey", "password", "sso", "totp", "token"), Field("result", FieldKind.Word, "how it ended", "success", "failure", "lockout"),
            Field("network", FieldKind.Word, "from which network", "office", "vpn", "other"), Field("privileged", FieldKind.Flag, "whether it was a privileged account")),
        Stream("timesheet", "daylight.timesheet", StreamNature.Submission, "hours that somebody noted and handed in",
            Field("project", FieldKind.Name, "the project"), Field("hours", FieldKind.Number, "hours"), Field("note", FieldKind.Note, "a note")),
        Stream("pause", "daylight.pause", StreamNature.Submission, "why somebody paused the program on their machine",
            Field("reason", FieldKind.Note, "the reason"), Field("minutes", FieldKind.Number, "for how long")),
        Stream("outcome", "daylight.outcome", StreamNature.Submission, "results that somebody wrote down and handed in",
            Field("objective", FieldKind.Name, "the objective"), Field("result", FieldKind.Name, "the key result"), Field("progress", FieldKind.Number, "progress in percent"), Field("note", FieldKind.Note, "a note")),
    }.Select(s => KeyValuePair.Create(s.Name, s)));

    /// <summary>The stream that buckets of a type feed, or null.</summary>
    public static string? OfBucketType(string type) => ByBucketType.GetValueOrDefault(type);

    /// <summary>The words of the transforms that a kind of field may have.</summary>
    public static ImmutableArray<string> AllowedTransforms(FieldKind kind, StreamNature nature) => kind switch
    {
        FieldKind.App => ["drop", "category", "count", "presence"],
        FieldKind.Title => ["drop"],
        FieldKind.Url => ["drop", "category", "host"],
        FieldKind.Word => ["drop", "keep", "count", "presence"],
        FieldKind.Name => ["drop", "keep", "pseudonym", "redact"],
        FieldKind.Path or FieldKind.Person => ["drop", "pseudonym"],
        FieldKind.Number => ["drop", "keep", "round", "bucket", "count", "presence"],
        FieldKind.Flag => ["drop", "keep", "count", "presence"],
        FieldKind.Position => ["drop", "site"],
        FieldKind.Image => ["drop", "degrade"],
        FieldKind.Note when nature == StreamNature.Submission => ["drop", "keep", "redact"],
        _ => ["drop"],
    };

    private static readonly ImmutableSortedDictionary<string, string> ByBucketType =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, All.Select(s => KeyValuePair.Create(s.Value.BucketType, s.Key)));

    private static StreamShape Stream(string name, string bucketType, StreamNature nature, string says, params ReadOnlySpan<FieldShape> fields)
    {
        var byName = ImmutableSortedDictionary.CreateBuilder<string, FieldShape>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            byName.Add(field.Name, field);
        }

        return new StreamShape(name, bucketType, nature, says, byName.ToImmutable());
    }

    private static FieldShape Field(string name, FieldKind kind, string says, params ReadOnlySpan<string> values) => new(name, kind, says, ImmutableArray.Create(values));
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Daylight.Core.Charters.Grammar;

/// <summary>The small forms that charters are made of: names, days, spans of time, groups of people, audiences.</summary>
internal static class Terms
{
    private static readonly ImmutableArray<string> DayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <summary>Latest that a person may be told of a look.</summary>
    private const int MostTellDays = 90;

    private const string Clock = "(?:[01][0-9]|2[0-4]):[0-5][0-9]";

    public static Form<string> ProgramName { get; } = Text("[a-z][a-z0-9-]{1,63}", "a name of lower-case letters, digits and dashes");

    /// <summary>A measure's name; one that says what Daylight never computes is refused.</summary>
    public static Form<string> MeasureName { get; } = new TextForm<string>(
        "[a-z][a-z0-9-]{1,63}", "a name of lower-case letters, digits and dashes", (string text, out string value) => (value = text) is not ("records" or "submissions" or "duration" or "events"), string.Empty);

    public static Form<string> Label { get; } = Text(@"[\p{L}\p{N}][\p{L}\p{N} .&/+'-]{0,39}", "a short name of letters, digits and blanks");

    public static Form<string> Match { get; } = Text(@"[\p{L}\p{N}][\p{L}\p{N} ._+#@-]{1,59}", "two letters or more of what it contains");

    public static Form<string> HostName { get; } = Text(@"[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63}){1,8}", "a host such as example.org, in lower case");

    public static Form<string> Sentence { get; } = new ProseForm(20, 400);

    public static Form<string> Prose { get; } = new ProseForm(20, 2_000);

    public static Form<string> Reason { get; } = new ProseForm(15, 300);

    /// <summary>A prose in one language, which is English, or in several.</summary>
    public static Form<LocalizedText> Localized(Form<string> prose)
    {
        Key<string> en = new("en", "English", prose, string.Empty, required: false);
        Key<string> de = new("de", "German", prose, string.Empty, required: false);
        Key<string> fr = new("fr", "French", prose, string.Empty, required: false);
        static string? Written(string text) => text.Length > 0 ? text : null;
        return new ShapeForm<LocalizedText>(
            prose.Select(t => new LocalizedText(t)),
            null,
            new MapForm<LocalizedText>("a text in several languages", [en, de, fr], new LocalizedText(null), m =>
            {
                if (m.Node.Members.Count == 0)
                {
                    m.Problems.Add(m.Node, DiagnosticCodes.MissingKey, "a text in several languages has at least one: en, de or fr");
                }

                return new LocalizedText(Written(m.Get(en)), Written(m.Get(de)), Written(m.Get(fr)));
            }, fewest: 1));
    }

    public static Form<string> Role { get; } = new ChoiceForm<string>([.. Vocabulary.Roles.Select(r => (r, r))], string.Empty);

    public static Form<string> RoleOwner { get; } = new ChoiceForm<string>([("role:program-owner", "program-owner")], string.Empty);

    public static Form<Audience> Audience { get; } = new ChoiceForm<Audience>(
        [
            ("self", new Audience.Self()), ("manager", new Audience.Manager()), ("manager-chain", new Audience.ManagerChain()), ("team-member", new Audience.TeamMember()),
            .. Vocabulary.Roles.Select(r => ("role:" + r, (Audience)new Audience.Role(r))),
        ],
        new Audience.Self());

    /// <summary>A date, or a template's distance from the day on which it is proposed: <c>+14d</c>.</summary>
    public static Form<CharterDay> Day { get; } = new TextForm<CharterDay>(
        @"[0-9]{4}-[0-9]{2}-[0-9]{2}|\+[0-9]{1,4}d", "a date such as 2026-12-01, or in a template +14d", ReadDay, CharterDay.Unread);

    public static Form<int> Days { get; } = new TextForm<int>("[0-9]{1,4}[dwmy]", "a length of time such as 14d, 5w, 6m or 2y", ReadDays, 0);

    public static Form<TimeSpan> Minutes { get; } = new TextForm<TimeSpan>("[0-9]{1,3}m", "a number of minutes such as 10m", ReadMinutes, TimeSpan.Zero);

    public static Form<int> Months { get; } = new TextForm<int>(
        "[0-9]{1,3} months?", "1 to 12 months, such as '3 months'", (string text, out int months) => int.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out months) && months is >= 1 and <= 12, 1, DiagnosticCodes.NeverUnreviewed);

    public static Form<TimeOfDay> TimeOfDay { get; } = new TextForm<TimeOfDay>($"{Clock}-{Clock}", "a part of the day such as 08:00-18:00", ReadTime, default);

    /// <summary>Hours for looks: a part of the day and its zone.</summary>
    public static Form<LookHours> LookHours { get; } = new TextForm<LookHours>(
        $"{Clock}-{Clock} [A-Z][A-Za-z0-9_+/-]{{1,40}}", "a part of the day and its time zone such as '08:00-18:00 Europe/Berlin'", ReadLookHours, new LookHours(default, "Etc/UTC"));

    public static Form<IPNetwork> Network { get; } = new TextForm<IPNetwork>("[0-9a-f.:]{2,39}/[0-9]{1,3}", "a network such as 10.0.0.0/8 or fd00::/8", (string text, out IPNetwork network) => IPNetwork.TryParse(text, out network), default);

    public static Form<Clamp> Clamp { get; } = new TextForm<Clamp>(@"[0-9]{1,6}\.\.[0-9]{1,6}", "a range such as 0..600", ReadClamp, new Clamp(0, 1));

    public static Form<int> Tell { get; } = new TextForm<int>("at once|within [0-9]{1,3}d", "'at once' or 'within 30d' (at most 90)", ReadTell, 0);

    public static Form<Rounding> Rounding { get; } = new WordForm<Rounding>("[1-9][0-9]{0,5}|[1-9][0-9]?%", "a number of units, or a share of the range such as 5%", ReadRounding, new Rounding(1, false));

    public static Form<int> Weeks { get; } = new ChoiceForm<int>([("week", 1), ("4 weeks", 4)], 1);

    public static Form<WorkingHours> Hours { get; } = MakeHours();

    public static Form<Coverage> Covers { get; } = MakeCovers();

    private const string HoursPattern = $"(?:[A-Z][a-z]{{2}}(?:-[A-Z][a-z]{{2}})?) {Clock}-{Clock}";

    public static TextForm<string> Text(string pattern, string expected) => new(pattern, expected, (string text, out string value) => (value = text) is not null, string.Empty);

    /// <summary>Days of a length of time; a month is 30 and a year 365.</summary>
    public static bool ReadDays(string text, out int days)
    {
        days = int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture) * text[^1] switch { 'w' => 7, 'm' => 30, 'y' => 365, _ => 1 };
        return days is >= 1 and <= 3650;
    }

    /// <summary>A time step: minutes that divide an hour, hours that divide a day, or a day.</summary>
    public static bool ReadStep(string text, out TimeSpan step)
    {
        var count = int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        step = text[^1] switch { 'm' => TimeSpan.FromMinutes(count), 'h' => TimeSpan.FromHours(count), _ => TimeSpan.FromDays(count) };
        return count > 0 && text[^1] switch { 'm' => 60 % count == 0, 'h' => 24 % count == 0, _ => count == 1 };
    }

    private static bool ReadMinutes(string text, out TimeSpan minutes)
    {
        minutes = TimeSpan.FromMinutes(int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture));
        return minutes > TimeSpan.Zero;
    }

    private static bool ReadDay(string text, out CharterDay day)
    {
        day = default;
        if (text[0] == '+')
        {
            day = new CharterDay(null, int.Parse(text.AsSpan(1, text.Length - 2), CultureInfo.InvariantCulture));
            return true;
        }

        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) || date.Year is < 2000 or > 9000)
        {
            return false;
        }

        day = new CharterDay(date, 0);
        return true;
    }

    private static bool ReadTime(string text, out TimeOfDay time)
    {
        static int Minutes(ReadOnlySpan<char> clock) => (int.Parse(clock[..2], CultureInfo.InvariantCulture) * 60) + int.Parse(clock[3..], CultureInfo.InvariantCulture);
        time = new TimeOfDay(Minutes(text.AsSpan(0, 5)), Minutes(text.AsSpan(6, 5)));
        return time.Start < time.End && time.End <= 1440;
    }

    private static bool ReadLookHours(string text, out LookHours hours)
    {
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        var good = ReadTime(text[..blank], out var time) & TimeZoneInfo.TryFindSystemTimeZoneById(text[(blank + 1)..], out _);
        hours = new LookHours(time, text[(blank + 1)..]);
        return good;
    }

    private static bool ReadWindow(string text, out HoursWindow window)
    {
        var (days, time) = (text[..text.IndexOf(' ', StringComparison.Ordinal)].Split('-'), text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var (first, last) = (DayNames.IndexOf(days[0]), DayNames.IndexOf(days[^1]));
        window = new HoursWindow([], default);
        if (first < 0 || last < first || !ReadTime(time, out var span))
        {
            return false;
        }

        window = new HoursWindow([.. Enumerable.Range(first, last - first + 1).Select(d => (DayOfWeek)((d + 1) % 7))], span);
        return true;
    }

    private static bool ReadHours(string text, out WorkingHours hours)
    {
        hours = WorkingHours.Always;
        if (text == "always")
        {
            return true;
        }

        var good = ReadWindow(text, out var window);
        hours = good ? new WorkingHours([window]) : hours;
        return good;
    }

    private static ShapeForm<WorkingHours> MakeHours()
    {
        var text = new TextForm<WorkingHours>($"always|{HoursPattern}", "days and a time span such as 'Mon-Fri 08:00-18:00', a list of these, or 'always'", ReadHours, new WorkingHours([]));
        var list = new ListForm<HoursWindow>(new TextForm<HoursWindow>(HoursPattern, "days and a time span such as 'Mon-Fri 08:00-18:00'", ReadWindow, new HoursWindow([], default))).Select(w => new WorkingHours(w));
        Key<WorkingHours> when = new("when", "Days and hours", new ShapeForm<WorkingHours>(text, list, null), new WorkingHours([]));
        Key<string> because = new("because", "Why longer than a working day", Reason, string.Empty);
        return new ShapeForm<WorkingHours>(
            text, list, new MapForm<WorkingHours>("'hours'", [when, because], new WorkingHours([]), m => m.Get(when) with { Because = m.Get(because) is { Length: > 0 } reason ? reason : null }));
    }

    private static bool ReadClamp(string text, out Clamp clamp)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        clamp = new Clamp(int.Parse(text.AsSpan(0, dots), CultureInfo.InvariantCulture), int.Parse(text.AsSpan(dots + 2), CultureInfo.InvariantCulture));
        return clamp.Low < clamp.High;
    }

    private static bool ReadTell(string text, out int days)
    {
        days = text == "at once" ? 0 : int.Parse(text.AsSpan("within ".Length, text.Length - "within d".Length), CultureInfo.InvariantCulture);
        return days <= MostTellDays;
    }

    private static Rounding ReadRounding(string text) => new(int.Parse(text.AsSpan().TrimEnd('%'), CultureInfo.InvariantCulture), text[^1] == '%');

    private static Form<Coverage> MakeCovers()
    {
        const string Expected = "everyone, team:NAME, site:NAME, country:XX, role:NAME, employment:NAME, or a list of these";
        const string Group = @"(?:team|site|role|employment):[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}|country:[A-Z]{2}";
        var group = new TextForm<PeopleGroup>(Group, Expected, PeopleGroup.TryParse, default);
        var who = new ShapeForm<Coverage>(
            new TextForm<Coverage>($"everyone|{Group}", Expected, (string text, out Coverage value) =>
            {
                var isGroup = PeopleGroup.TryParse(text, out var only);
                value = isGroup ? new Coverage(false, [only], []) : new Coverage(true, [], []);
                return isGroup || text == "everyone";
            }, new Coverage(true, [], [])),
            new ListForm<PeopleGroup>(group).Select(g => new Coverage(false, g, [])),
            null);
        Key<Coverage> of = new("who", "Whom: everyone, or groups that add up", who, new Coverage(true, [], []));
        Key<ImmutableArray<PeopleGroup>> except = new("except", "Groups that are never covered; where the directory does not say, the exception holds", new ListForm<PeopleGroup>(group, alone: true), []);
        var map = new MapForm<Coverage>("'covers'", [of, except], new Coverage(true, [], []), m => m.Get(of) with { Except = m.Get(except) });
        return new ShapeForm<Coverage>(who, who, map);
    }
}

/// <summary>A day of a charter: a date, or in a template so many days after it is proposed.</summary>
/// <param name="Date">The date, or null.</param>
/// <param name="After">Days after the proposal.</param>
internal readonly record struct CharterDay(DateOnly? Date, int After)
{
    /// <summary>Stands in for a day that cannot be read.</summary>
    public static CharterDay Unread { get; } = new(null, -1);
}

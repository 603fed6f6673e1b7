using System.Collections.Frozen;
using System.Globalization;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Portal.Texts;

/// <summary>How pages write numbers, days and times, in the reader's language. The names of months are here, since the program runs without the system's cultures: it says the same on every machine.</summary>
public static class Format
{
    private static readonly FrozenDictionary<string, Spelling> Spellings = new Dictionary<string, Spelling>
    {
        ["en"] = new(
            "dddd, d MMMM yyyy", "d MMM", "d MMM yyyy", ".", ",",
            "January February March April May June July August September October November December", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
            "Sunday Monday Tuesday Wednesday Thursday Friday Saturday", "Sun Mon Tue Wed Thu Fri Sat"),
        ["de"] = new(
            "dddd, d. MMMM yyyy", "d. MMM", "d. MMM yyyy", ",", ".",
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember", "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
            "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag", "So Mo Di Mi Do Fr Sa"),
        ["fr"] = new(
            "dddd d MMMM yyyy", "d MMM", "d MMM yyyy", ",", "\u202f",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
            "dimanche lundi mardi mercredi jeudi vendredi samedi", "dim. lun. mar. mer. jeu. ven. sam."),
    }.ToFrozenDictionary();

    private static Spelling Now => Of(Language);

    /// <summary>Seconds as hours and minutes.</summary>
    public static string Minutes(int seconds) => seconds switch
    {
        < 60 => Say("under a minute"),
        < 3600 => Say("{0} min", seconds / 60),
        _ => Say("{0} h {1:00} min", seconds / 3600, seconds % 3600 / 60),
    };

    /// <summary>A day with its weekday.</summary>
    public static string Day(DateOnly day) => First(day, day.ToString(Now.Long, Now.Dates));

    /// <summary>A day in short.</summary>
    public static string Date(DateOnly day) => First(day, day.ToString(Now.Short, Now.Dates));

    /// <summary>A day of a year that is known.</summary>
    public static string DayAndMonth(DateOnly day) => First(day, day.ToString(Now.DayAndMonth, Now.Dates));

    /// <summary>The name of a day of the week.</summary>
    public static string LongWeekday(DateOnly day) => day.ToString("dddd", Now.Dates);

    /// <summary>The name of a day of the week, in short.</summary>
    public static string Weekday(DateOnly day) => day.ToString("ddd", Now.Dates);

    /// <summary>An instant in somebody's zone.</summary>
    public static string Instant(DateTimeOffset instant, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(instant, zone) is var local ? $"{Date(DateOnly.FromDateTime(local.DateTime))}, {Clock(local)}" : string.Empty;

    /// <summary>The time of a day.</summary>
    public static string Clock(DateTimeOffset local) => local.ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A range of days.</summary>
    public static string Range(DateOnly from, DateOnly to) => from == to ? Date(from) : Say("{0} to {1}", from.Year == to.Year ? DayAndMonth(from) : Date(from), Date(to));

    /// <summary>A whole number, in groups of three.</summary>
    public static string Number(long number) => number.ToString("N0", Now.Numbers);

    /// <summary>A zone by name; UTC when this machine does not know it.</summary>
    public static TimeZoneInfo Zone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

    internal static Spelling Of(string language) => Spellings[language];

    /// <summary>French has an ordinal for the first of a month, and for no other day.</summary>
    private static string First(DateOnly day, string text) => Language == "fr" && day.Day == 1
        ? text.StartsWith("1 ", StringComparison.Ordinal) ? "1er " + text[2..] : text.Replace(" 1 ", " 1er ", StringComparison.Ordinal)
        : text;

    /// <summary>How a language writes them.</summary>
    internal sealed record Spelling
    {
        public Spelling(string @long, string dayAndMonth, string @short, string point, string group, string months, string monthsInShort, string days, string daysInShort)
        {
            (Long, DayAndMonth, Short) = (@long, dayAndMonth, @short);
            Numbers = new NumberFormatInfo { NumberDecimalSeparator = point, NumberGroupSeparator = group, PercentDecimalSeparator = point, PercentGroupSeparator = group };
            string[] full = [.. months.Split(' '), string.Empty], brief = [.. monthsInShort.Split(' '), string.Empty];
            Dates = new DateTimeFormatInfo
            {
                MonthNames = full, MonthGenitiveNames = full, AbbreviatedMonthNames = brief, AbbreviatedMonthGenitiveNames = brief,
                DayNames = days.Split(' '), AbbreviatedDayNames = daysInShort.Split(' '),
            };
        }

        public string Long { get; }

        public string DayAndMonth { get; }

        public string Short { get; }

        public NumberFormatInfo Numbers { get; }

        public DateTimeFormatInfo Dates { get; }
    }
}

using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Core.Minimization;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Timesheets;

/// <summary>One line of a timesheet.</summary>
/// <param name="Project">Project.</param>
/// <param name="Minutes">How long.</param>
/// <param name="Note">A note, or empty.</param>
public sealed record SheetLine(string Project, int Minutes, string Note);

/// <summary>What a person handed in: it counts in figures as a watcher's events do.</summary>
internal static class HandedIn
{
    /// <summary>The lines of a day as events; none when nothing was handed in.</summary>
    public static IReadOnlyList<RawEvent> Events(DbConnection connection, LocalTime local, string program, DateOnly day) =>
        connection.QuerySingleOrDefault<string>("SELECT entries FROM handed_in WHERE program = @program AND day = @day", new { program, day = Sql.Day(day) }) is { } entries
            ? Events(local, day, JsonSerializer.Deserialize(entries, TimesheetJson.Default.IReadOnlyListSheetLine)!)
            : [];

    /// <summary>Lines of a day as events. They have no time of day, and stand at noon.</summary>
    public static IReadOnlyList<RawEvent> Events(LocalTime local, DateOnly day, IReadOnlyList<SheetLine> lines) =>
    [
        .. lines.Select(l => new RawEvent(
            "timesheet",
            local.At(day, 12 * 60),
            TimeSpan.Zero,
            JsonSerializer.SerializeToUtf8Bytes(new SheetEvent(l.Project, l.Minutes / 60m, l.Note), TimesheetJson.Default.SheetEvent))),
    ];
}

/// <summary>A line as a charter's stream sees it.</summary>
internal sealed record SheetEvent([property: JsonPropertyName("project")] string Project, [property: JsonPropertyName("hours")] decimal Hours, [property: JsonPropertyName("note")] string Note);

/// <summary>Serialization of timesheets.</summary>
[JsonSerializable(typeof(IReadOnlyList<SheetLine>))]
[JsonSerializable(typeof(SheetEvent))]
internal sealed partial class TimesheetJson : JsonSerializerContext;

using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Agent.Store;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Words;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Daylight.Storage;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>
/// A company may ask for a reason when somebody pauses a security program. Its charter says so: it collects the stream <c>pause</c> with the field <c>reason</c>, and names who
/// reads it. The pause itself waits for nothing: the reason is handed in when the server is there.
/// </summary>
internal sealed class PauseReasons(AgentStore store, CharterBook book, PersonTime person)
{
    /// <summary>The stream.</summary>
    public const string Stream = "pause";

    /// <summary>The charter, if it asks for a reason when its program is paused today.</summary>
    public Charter? AskedBy(string program) => book.On(program, person.Today)?.Charter is { } charter && charter.Stream(Stream)?.Fields.GetValueOrDefault("reason") is not (null or Transform.Drop) ? charter : null;

    /// <summary>Who reads the reason, in words.</summary>
    public static string Readers(Charter charter) => CharterWords.English.List(charter.IndividualRules
        .Where(r => r.What == IndividualKind.Submissions && r.To is not Audience.Self && r.FieldsOf(charter.Stream(Stream)!).Contains("reason", StringComparer.Ordinal)).Select(r => CharterWords.English.Who(r.To)).Distinct());

    /// <summary>Keeps a reason until it is handed in.</summary>
    public Task AddAsync(string program, int? minutes, string reason) => store.WriteAsync((c, t) => c.Execute(
        "INSERT INTO pause_reasons (program, day, minutes, reason) VALUES (@program, @day, @minutes, @reason)", new { program, day = Sql.Day(person.Today), minutes, reason }, t));

    /// <summary>Reasons that wait to be handed in.</summary>
    public IReadOnlyList<WaitingReason> Waiting()
    {
        using var connection = store.Open();
        return [.. connection.Query<(long Id, string Program, string Day, string Reason)>("SELECT id, program, day, reason FROM pause_reasons WHERE sent = 0 ORDER BY id").Select(r => new WaitingReason(r.Id, r.Program, r.Day, r.Reason))];
    }

    /// <summary>Takes a reason back before it is handed in.</summary>
    public Task DeleteAsync(long id) => store.WriteAsync((c, t) => c.Execute("DELETE FROM pause_reasons WHERE id = @id AND sent = 0", new { id }, t));

    /// <summary>Days of which something is to be handed in, with everything of each; from then on it counts as handed in.</summary>
    public IReadOnlyList<(DateOnly Day, string Hash, IReadOnlyList<PayloadRecord> Entries)> Due(DbConnection connection, DbTransaction transaction, string program)
    {
        var days = connection.Query<string>("SELECT DISTINCT day FROM pause_reasons WHERE program = @program AND sent = 0", new { program }, transaction).ToList();
        var due = new List<(DateOnly, string, IReadOnlyList<PayloadRecord>)>();
        foreach (var day in days.Select(Sql.Day))
        {
            var all = connection.Query<(long? Minutes, string Reason)>("SELECT minutes, reason FROM pause_reasons WHERE program = @program AND day = @day ORDER BY id", new { program, day = Sql.Day(day) }, transaction);
            if (book.On(program, day) is { Charter: { } charter } page)
            {
                var minimizer = new Minimizer(charter, person.Local, new PseudonymKey(new byte[32], 1));
                due.Add((day, page.Hash, [.. all.SelectMany(r => minimizer.Records(Event(day, r.Minutes, r.Reason))).Select(r => new PayloadRecord(r.Start, 0, r.Data))]));
            }
        }

        connection.Execute("UPDATE pause_reasons SET sent = 1 WHERE program = @program", new { program }, transaction);
        connection.Execute("DELETE FROM pause_reasons WHERE sent = 1 AND day < @old", new { old = Sql.Day(person.Today.AddDays(-2)) }, transaction);
        return due;
    }

    private RawEvent Event(DateOnly day, long? minutes, string reason) =>
        new(Stream, person.Local.At(day, 12 * 60), TimeSpan.Zero, JsonSerializer.SerializeToUtf8Bytes(new PauseEvent(reason, minutes), PauseJson.Default.PauseEvent));
}

/// <summary>A reason that waits to be handed in.</summary>
public sealed record WaitingReason(long Id, string Program, string Day, string Reason);

/// <summary>A reason as a charter's stream sees it.</summary>
internal sealed record PauseEvent([property: JsonPropertyName("reason")] string Reason, [property: JsonPropertyName("minutes")] long? Minutes);

/// <summary>Serialization of reasons.</summary>
[JsonSerializable(typeof(PauseEvent))]
internal sealed partial class PauseJson : JsonSerializerContext;

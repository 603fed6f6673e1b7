using System.Data.Common;
using System.Globalization;
using Dapper;
using Daylight.Storage;

namespace Daylight.Keyholder;

/// <summary>
/// The keyholder's clock, and the latest time that it ever acted at, across restarts. A clock that went back would make old asks fresh and forgotten
/// days readable: nothing is opened until it has caught up.
/// </summary>
internal sealed class SteadyClock
{
    /// <summary>How far a clock may be set back without harm: what time synchronization does.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly TimeProvider time;
    private DateTimeOffset latest;

    public SteadyClock(IDatabase database, TimeProvider time)
    {
        this.time = time;
        using var connection = database.Open();
        latest = connection.QuerySingleOrDefault<string>("SELECT value FROM facts WHERE name = 'clock'") is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
    }

    /// <summary>Now. Cosignatures and statements never run backwards.</summary>
    public DateTimeOffset Now => time.GetUtcNow() is var now && now > latest ? now : latest;

    /// <summary>How far the clock is behind what it said before, when that is too much; else null.</summary>
    public TimeSpan? Behind => latest - time.GetUtcNow() is var behind && behind > Tolerance ? behind : null;

    /// <summary>Writes down, with whatever else is committed, that it was this late.</summary>
    public void Remember(DbConnection connection, DbTransaction transaction)
    {
        latest = Now;
        connection.Execute(
            "INSERT INTO facts (name, value) VALUES ('clock', @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", new { value = latest.ToString("O", CultureInfo.InvariantCulture) }, transaction);
    }

    /// <summary>Takes the clock as it is: the operator's word after one that ran ahead.</summary>
    public void Accept() => latest = time.GetUtcNow();
}

using System.Data.Common;
using Dapper;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Witness;

/// <summary>The clock cannot be right, so nothing is signed with its time.</summary>
internal sealed class ClockException(string message) : Exception(message);

/// <summary>What was cosigned last, and the one way to a further cosignature.</summary>
internal sealed class WitnessRecord(IDatabase database, GroupCommitWriter writer, NoteSigner signer, IReadOnlyList<NoteVerifier> logs, TimeProvider time)
{
    /// <summary>Refused checkpoints that are kept of each log: enough for evidence, and no way to fill a disk.</summary>
    private const int MostRefusals = 1000;

    /// <summary>Seconds that a clock may be set back, as time services do, without a word: the last time is signed again.</summary>
    private const long Slack = 60;

    /// <summary>Before this day no Daylight witness existed: a machine that lost its clock wakes up in 1970.</summary>
    private static readonly DateTimeOffset Earliest = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly NoteVerifier[] trusted = [.. logs];

    /// <summary>
    /// Decides, signs and records in one transaction of the one writer; completes when that is durable. INVARIANT: no cosignature leaves this
    /// method otherwise.
    /// </summary>
    public Task<(WitnessDecision Decision, NoteSignature? Cosignature)> AddAsync(AddCheckpointRequest request) => writer.WriteAsync((connection, transaction) =>
    {
        var origin = request.Checkpoint.Origin;
        var row = connection.QuerySingleOrDefault<(long Size, byte[]? Root, string Note)>("SELECT size, root, note FROM checkpoints WHERE origin = @origin", new { origin }, transaction);
        var decision = WitnessProtocol.Decide(request, row.Root is null ? null : new Checkpoint(origin, (ulong)row.Size, Hash.From(row.Root)), trusted);
        if (decision is WitnessDecision.Cosign)
        {
            return (decision, (NoteSignature?)Cosign(connection, transaction, request));
        }

        if (decision.ShowsFork || decision is WitnessDecision.Inconsistent)
        {
            Keep(connection, transaction, request, decision, row.Note ?? string.Empty);
        }

        return (decision, null);
    });

    /// <summary>The last cosigned checkpoint of a log, with its signatures; null for none.</summary>
    public string? Latest(string origin)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<string>("SELECT note FROM checkpoints WHERE origin = @origin", new { origin });
    }

    /// <summary>Finds out whether it could cosign now.</summary>
    /// <exception cref="ClockException">The clock cannot be right.</exception>
    public void Check()
    {
        using var connection = database.Open();
        Now(connection, null);
    }

    private NoteSignature Cosign(DbConnection connection, DbTransaction transaction, AddCheckpointRequest request)
    {
        var at = Now(connection, transaction);
        // What is kept and shown: the text with the signatures that were verified, and this one. Lines of other keys are dropped.
        var verified = request.Note with { Signatures = [.. request.Note.Signatures.Where(s => trusted.Any(k => k.Name == s.Name && k.Id == s.KeyId))] };
        var note = (verified with { Signatures = [.. verified.Signatures.Take(SignedNote.MaxSignatures - 1)] }).With(at, signer);
        connection.Execute(
            """
            INSERT INTO checkpoints (origin, size, root, cosigned_at, note) VALUES (@origin, @size, @root, @at, @note)
            ON CONFLICT (origin) DO UPDATE SET size = @size, root = @root, cosigned_at = @at, note = @note
            """,
            new { origin = request.Checkpoint.Origin, size = (long)request.Checkpoint.Size, root = request.Checkpoint.Root.ToArray(), at = at.ToUnixTimeSeconds(), note = note.ToString() },
            transaction);
        return note.Signatures[^1];
    }

    /// <summary>
    /// The time to sign. A cosignature says "as of then, this was the largest log I knew": with a clock behind an earlier cosignature that
    /// would be a lie.
    /// </summary>
    private DateTimeOffset Now(DbConnection connection, DbTransaction? transaction)
    {
        var now = time.GetUtcNow();
        var last = connection.QuerySingleOrDefault<long?>("SELECT MAX(cosigned_at) FROM checkpoints", transaction: transaction) ?? 0;
        if (now < Earliest || now.ToUnixTimeSeconds() < last - Slack)
        {
            throw new ClockException($"The clock of this witness says {now.UtcDateTime:u}, which is before its last cosignature or before there were witnesses. It cosigns nothing until the clock is right.");
        }

        return DateTimeOffset.FromUnixTimeSeconds(Math.Max(now.ToUnixTimeSeconds(), last));
    }

    private void Keep(DbConnection connection, DbTransaction transaction, AddCheckpointRequest request, WitnessDecision decision, string known) => connection.Execute(
        """
        INSERT INTO refusals (origin, size, root, shows_fork, refused_at, why, note, known_note)
        SELECT @origin, @size, @root, @fork, @at, @why, @note, @known WHERE (SELECT COUNT(*) FROM refusals WHERE origin = @origin AND shows_fork = @fork) < @most
        ON CONFLICT DO NOTHING
        """,
        new
        {
            origin = request.Checkpoint.Origin,
            size = (long)request.Checkpoint.Size,
            root = request.Checkpoint.Root.ToArray(),
            fork = decision.ShowsFork ? 1 : 0,
            at = time.GetUtcNow().ToUnixTimeSeconds(),
            why = decision is WitnessDecision.Inconsistent inconsistent ? inconsistent.Why : "This witness has cosigned another root for this size.",
            note = request.Note.ToString(),
            known,
            most = MostRefusals,
        },
        transaction);
}

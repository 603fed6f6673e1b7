using System.Text.Json;
using Dapper;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Keyholder;

/// <summary>Pauses that came with a signature and are obeyed before they are logged; once the log has them, the log's word counts.</summary>
internal sealed class DirectPauses
{
    private readonly GroupCommitWriter writer;
    private readonly Dictionary<string, SignedStatement> pauses;

    public DirectPauses(IDatabase database, GroupCommitWriter writer)
    {
        this.writer = writer;
        using var connection = database.Open();
        pauses = connection.Query<(string Program, string Signed)>("SELECT program, signed FROM pauses")
            .ToDictionary(p => p.Program, p => JsonSerializer.Deserialize(p.Signed, SealingJson.Default.SignedStatement)!, StringComparer.Ordinal);
    }

    /// <summary>Those that the log does not have yet.</summary>
    public IReadOnlyList<SignedStatement> Waiting => [.. pauses.Values];

    /// <summary>Whether a program is paused by one of them.</summary>
    public bool Has(string program) => pauses.ContainsKey(program) || pauses.ContainsKey(PauseProgram.Everything);

    /// <summary>Obeys a pause.</summary>
    public async Task ObeyAsync(PauseProgram pause, SignedStatement signed)
    {
        if (pauses.ContainsKey(pause.Program))
        {
            return;
        }

        var json = JsonSerializer.Serialize(signed, SealingJson.Default.SignedStatement);
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO pauses (program, signed) VALUES (@Program, @json)", new { pause.Program, json }, t));
        pauses[pause.Program] = signed;
    }

    /// <summary>The log has it now.</summary>
    public async Task LoggedAsync(ProgramPaused paused)
    {
        if (paused.Signed is { } signed && pauses.TryGetValue(paused.Program, out var waiting) && waiting.Digest() == signed.Digest())
        {
            await writer.WriteAsync((c, t) => c.Execute("DELETE FROM pauses WHERE program = @Program", new { paused.Program }, t));
            pauses.Remove(paused.Program);
        }
    }
}

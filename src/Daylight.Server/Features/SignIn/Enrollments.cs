using System.Text;
using System.Text.Json;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.SignIn;

/// <summary>Enrollment lists: an approver signs the list's Merkle root; its lines are kept here, encrypted, until their codes are used.</summary>
internal sealed class Enrollments(TransparencyLog log, LogStore store, OpeningStore openings, IDatabase database, ServerKeys keys)
{
    /// <summary>Records a signed list with its lines.</summary>
    public Task<AppendedEntry> AddAsync(SignedStatement signed, IReadOnlyList<EnrollmentLine> lines) => log.AppendAsync(new PeopleEnrolled(signed), (c, t, index) =>
    {
        var leaves = lines.SelectMany(l => l.Leaf().ToArray()).ToArray();
        c.Execute("INSERT INTO enrollment_lists (list, leaves) VALUES (@list, @leaves)", new { list = (long)index, leaves }, t);
        for (var i = 0; i < lines.Count; i++)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(lines[i], SealingJson.Default.EnrollmentLine);
            c.Execute(
                "INSERT INTO enrollment_lines (code, list, line_index, sealed) VALUES (@code, @list, @i, @sealed)",
                new { code = lines[i].Code, list = (long)index, i, @sealed = keys.Box.Seal(json, "line " + lines[i].Code) },
                t);
        }
    });

    /// <summary>The line of a code, by the hash of the code's public key.</summary>
    public EnrollmentFound? Find(string code)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(long List, int Index, byte[]? Sealed)>("SELECT list, line_index, sealed FROM enrollment_lines WHERE code = @code", new { code });
        if (row.Sealed is null)
        {
            return null;
        }

        var line = JsonSerializer.Deserialize(keys.Box.Open(row.Sealed, "line " + code), SealingJson.Default.EnrollmentLine)!;
        var bytes = connection.QuerySingle<byte[]>("SELECT leaves FROM enrollment_lists WHERE list = @list", new { list = row.List });
        var leaves = Enumerable.Range(0, bytes.Length / Hash.Size).Select(i => Hash.From(bytes.AsSpan(i * Hash.Size, Hash.Size))).ToArray();
        var proof = Merkle.Path(leaves, row.Index).Select(h => h.ToString()).ToList();
        var root = Encoding.UTF8.GetString(log.Read(a => a.Root)!.ToBytes());
        if (store.Checkpoint() is not { } note || !Checkpoint.TryOpen(note, out var checkpoint, log.Verifier))
        {
            return null;
        }

        var tree = new TileTree(checkpoint!.Size, store.Tile);
        SortedSet<ulong> indexes = [0, .. log.Read(a => a.StandingEvidence.ToList()), (ulong)row.List];
        var evidence = indexes.Select(i => new EvidenceEntry(i, Convert.ToBase64String(store.Entry(i)!), [.. Proofs.Inclusion(i, checkpoint.Size, tree.Node).Select(h => h.ToString())], openings.Find(i))).ToList();
        return new EnrollmentFound(line, (ulong)row.List, row.Index, proof, root, note, evidence);
    }
}

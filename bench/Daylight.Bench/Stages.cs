using System.Diagnostics;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;
namespace Daylight.Bench;
internal static class Stages
{
    public static void Run()
    {
        var now = new DateTimeOffset(2026,11,21,9,0,0,TimeSpan.Zero); var today = DateOnly.FromDateTime(now.UtcDateTime);
        var e = new Refusal("p000000000000000000001", "p000000000000000000002", string.Empty, "manager", ["focus-time"], "records", today, today, ["No rule of charter focus-time version 1 shows one person's records to their manager."], now, today.AddDays(730));
        var (entry, op) = LogEntry.Of(today, e); var bytes = entry.ToBytes(); var box = new SecretBox(new byte[32]);
        var opj = JsonSerializer.SerializeToUtf8Bytes(op, SealingJson.Default.Openings);
        T("LogEntry.Of", () => LogEntry.Of(today, e));
        T("ToBytes", () => entry.ToBytes());
        T("TryRead", () => LogEntry.TryRead(bytes));
        T("Open", () => entry.Open(op));
        T("view", () => CanonicalJson.Write(e.View!, SealingJson.Default.SubjectView));
        T("details write", () => CanonicalJson.Write<LogEvent>(e, SealingJson.Default.LogEvent));
        var details = System.Text.Encoding.UTF8.GetBytes(op.Details.Json);
        T("details read", () => CanonicalJson.Read(details, SealingJson.Default.LogEvent));
        T("openings json", () => JsonSerializer.SerializeToUtf8Bytes(op, SealingJson.Default.Openings));
        T("openings parse", () => JsonSerializer.Deserialize(opj, SealingJson.Default.Openings));
        T("box seal", () => box.Seal(opj, "opening 1"));
        T("leaf", () => (object)Merkle.Leaf(bytes));
        T("commitment check", () => (object)op.Details.Opens(entry.Commitments!.Details));
        var follow = new KeyholderRequest.Follow(0, [.. Enumerable.Repeat(new FollowedEntry(Convert.ToBase64String(bytes), op), 64)], "note");
        var fj = JsonSerializer.SerializeToUtf8Bytes<KeyholderRequest>(follow, ProtocolJson.Default.KeyholderRequest);
        Console.WriteLine(fj.Length);
        T("follow64 json", () => JsonSerializer.SerializeToUtf8Bytes<KeyholderRequest>(follow, ProtocolJson.Default.KeyholderRequest));
        T("follow64 parse", () => JsonSerializer.Deserialize(fj, ProtocolJson.Default.KeyholderRequest));
        var signer = new NoteSigner("x", NoteKeyType.Ed25519, new byte[32]);
        var cp = new Checkpoint("x", 5, default).ToString();
        T("note sign", () => SignedNote.Sign(cp, now, signer));
        var note = SignedNote.Sign(cp, now, signer).ToString();
        T("note verify", () => (object)Checkpoint.TryOpen(note, out _, signer.Verifier));
        var tree = new TileTree(0, (_, _) => null); for (var i = 0; i < 300; i++) tree.Append([Merkle.Leaf([(byte)i, (byte)(i>>8)])]);
        T("proof", () => Proofs.Inclusion(299, tree.Size, tree.Node));
        var key = CredentialKey.Create(); var st = SignedStatement.Sign(new PauseProgram("r", now, "p", "x"), key);
        T("ecdsa sign", () => key.Sign(bytes));
        T("signed verify", () => (object)st.IsSignedBy(key.Credential));
        T("statement read", () => Statement.TryRead(st.Bytes));
    }
    private static void T(string name, Func<object?> f) => T(name, () => { f(); });
    private static void T(string name, Action f)
    {
        for (var i = 0; i < 2000; i++) f();
        var best = double.MaxValue;
        for (var r = 0; r < 30; r++) { var s = Stopwatch.GetTimestamp(); for (var i = 0; i < 50; i++) f(); best = Math.Min(best, Stopwatch.GetElapsedTime(s).TotalMicroseconds / 50); }
        Console.WriteLine($"{name,-20} {best,8:0.00} µs");
    }
}

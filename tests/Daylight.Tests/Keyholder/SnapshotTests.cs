using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>A cold standby is brought up from a snapshot, and nobody can hide that it was.</summary>
public sealed class SnapshotTests : KeyholderTests
{
    private NoteVerifier Key => NoteVerifier.Parse(Company.Keyholder.StatementKey);

    [Fact]
    public async Task a_snapshot_of_a_running_keyholder_says_what_it_is_and_a_changed_byte_is_found()
    {
        var file = await TakeAsync();
        Assert.Contains(Key.ToString(), (await Snapshot.RestoreAsync(file, Key, Target("good"))).Keyholder, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => Snapshot.TakeAsync(Company.KeyholderFile, Company.OpenKek(), file, Company.Clock));
        await Assert.ThrowsAsync<IOException>(() => Snapshot.RestoreAsync(file, Key, Target("good")));
        var stranger = new NoteSigner(Key.Name, NoteKeyType.Ed25519, new byte[32]);
        await Assert.ThrowsAsync<InvalidDataException>(() => Snapshot.RestoreAsync(file, stranger.Verifier, Target("stranger")));

        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        foreach (var at in (int[])[100, bytes.Length / 2, bytes.Length - 1])
        {
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<InvalidDataException>(() => Snapshot.RestoreAsync(file, Key, Target("changed")));
            bytes[at] ^= 1;
        }

        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var note = await File.ReadAllTextAsync(file + ".note", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file + ".note", note.Replace("kek 1", "kek 2", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidDataException>(() => Snapshot.RestoreAsync(file, Key, Target("changed")));
        Assert.False(File.Exists(Target("changed")));
    }

    [Fact]
    public async Task what_is_restored_opens_nothing_until_it_is_accepted_and_then_what_it_should_but_nothing_erased()
    {
        var bens = await Company.EnrollDeviceAsync("ben");
        var theirs = (await Company.BundleAsync("ben", bens)).Programs[0];
        var file = await TakeAsync();
        var index = await Company.SubmitAsync("anna", new KeysDestroyed(SignedStatement.Sign(
            new DestroyKeys(Root, Now, Company.Id("anna"), ["focus-time"], "self", "mine"), Company.KeyOf("anna"))));
        await Company.RestartAsync();
        var database = Target("standby");
        var info = await Snapshot.RestoreAsync(file, Key, database);
        Assert.Equal((Now, 1), (info.Taken, info.Kek));
        Assert.True(info.Size <= index);

        await using var standby = await StartTwinAsync(new SqliteDatabase(database));
        var refused = Assert.IsType<KeyholderResponse.Refused>(await HandLog.ExchangeAsync(standby.Keyholder, await RecordByHandAsync(standby.Log, Ask())));
        Assert.Equal("rolled-back", refused.Code);
        var mark = Assert.IsType<KeyholderResponse.Refused>(await HandLog.ExchangeAsync(standby.Keyholder, new KeyholderRequest.StatusOf())).Message.Split(' ')[^1];
        await standby.Log.AppendAsync(new KeyholderAccepted(SignedStatement.Sign(new AcceptKeyholder(Root, Now, mark, "the other burnt"), Company.KeyOf("officer"), Company.KeyOf("council"))));

        var erased = Assert.IsType<KeyholderResponse.Opened>(await HandLog.ExchangeAsync(standby.Keyholder, await RecordByHandAsync(standby.Log, Ask())));
        Assert.Equal((0, 1), (erased.Records.Count, erased.Unreadable));
        var bensAsk = AskBy("ben") with { Subject = Company.Id("ben") };
        var openings = standby.Log.Add(Look(bensAsk, Company.KeyOf("ben")));
        await standby.Log.FollowAsync();
        var chunk = Stored(Daylight.Agent.Sending.ChunkSealer.Records(theirs, Company.Id("ben"), bens, "window", "2026-11-02", Records()));
        var opened = Assert.IsType<KeyholderResponse.Opened>(await HandLog.ExchangeAsync(standby.Keyholder, Message(standby.Log, openings!) with { Chunks = [chunk] }));
        Assert.Single(opened.Records);
    }

    private string Target(string name) => Path.Combine(Company.Folder, name, "keyholder.db");

    private async Task<string> TakeAsync()
    {
        var file = Path.Combine(Company.Folder, "snapshot");
        await Snapshot.TakeAsync(Company.KeyholderFile, Company.OpenKek(), file, Company.Clock);
        return file;
    }
}

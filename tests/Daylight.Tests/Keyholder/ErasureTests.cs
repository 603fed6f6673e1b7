using Dapper;
using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>Erasure destroys keys while the order is followed, once and for good.</summary>
public sealed class ErasureTests : KeyholderTests
{
    [Fact]
    public async Task what_was_sealed_is_unreadable_at_once_and_a_new_key_has_a_higher_epoch_and_works()
    {
        var (old, epoch) = (Chunk(), Program.Epoch);
        await OpenedAsync(await RecordAsync(Ask()));
        await EraseAsync();
        await UnreadableAsync(old);
        Program = (await Company.BundleAsync("anna", Device)).Programs[0];
        Assert.True(Program.Epoch > epoch);
        await OpenedAsync(await RecordAsync(Ask()));
        await UnreadableAsync(old);
        var second = Chunk();
        await EraseAsync();
        await UnreadableAsync(old, second);
        Program = (await Company.BundleAsync("anna", Device)).Programs[0];
        Assert.True(Program.Epoch > epoch + 1);
    }

    [Fact]
    public async Task the_certificate_says_how_many_keys_went_and_when_backups_are_unreadable_too()
    {
        var begun = new DateOnly(2026, 11, 2);
        Company.Clock.Now += TimeSpan.FromDays(9);
        var index = await EraseAsync();
        var said = await CertificateAsync(index);
        Assert.Equal((Company.Id("anna"), index, 1), (said.Person, said.Entry, said.Keys));
        Assert.Equal(["focus-time"], said.Programs);
        Assert.InRange(said.BackupsUnreadable, Today, begun.AddDays(31));
        Company.Clock.Now += TimeSpan.FromDays(60);
        Assert.Equal(said.BackupsUnreadable, (await CertificateAsync(index)).BackupsUnreadable);
        Assert.Equal(0, (await CertificateAsync(await EraseAsync())).Keys);
        AssertRefused("certificate", await ExchangeAsync(new KeyholderRequest.CertificateOf(index + 1000)));
        AssertRefused("certificate", await ExchangeAsync(new KeyholderRequest.CertificateOf(0)));
    }

    [Fact]
    public async Task an_order_that_nobody_who_may_signed_destroys_nothing()
    {
        var order = new DestroyKeys(Root, Now, Company.Id("anna"), ["focus-time"], "self", "not mine");
        foreach (var signed in (SignedStatement[])
        [
            SignedStatement.Sign(order),
            SignedStatement.Sign(order, Company.KeyOf("ben")),
            SignedStatement.Sign(order with { Role = "privacy-officer" }, Company.KeyOf("council")),
            SignedStatement.Sign(order with { Root = new string('0', 64) }, Company.KeyOf("anna")),
        ])
        {
            var (entry, _) = await Log.AppendAsync(new KeysDestroyed(signed));
            AssertRefused("certificate", await ExchangeAsync(new KeyholderRequest.CertificateOf(entry.Index)));
        }

        await OpenedAsync(await RecordAsync(Ask()));
    }

    [Fact]
    public async Task a_restart_destroys_no_key_that_was_made_later_and_the_same_entry_again_changes_nothing()
    {
        var index = await EraseAsync();
        Program = (await Company.BundleAsync("anna", Device)).Programs[0];
        var log = await GoOnByHandAsync();
        Assert.IsType<KeyholderResponse.Followed>(await ExchangeAsync(log.Message(index - 1, log.Size)));
        await OpenedAsync(await RecordAsync(Ask()));
        var before = await CertificateAsync(index);
        await Company.RestartAsync();
        await OpenedAsync(await RecordAsync(Ask()));
        Assert.Equal(before.Keys, (await CertificateAsync(index)).Keys);
    }

    [Fact]
    public async Task an_older_copy_of_the_servers_database_brings_nothing_back()
    {
        var old = Chunk();
        var server = Path.Combine(Company.Folder, "server", "server.db");
        var copy = Path.Combine(Company.Folder, "older.db");
        using (var connection = new SqliteDatabase(server, readOnly: true).Open())
        {
            connection.Execute("VACUUM INTO @copy", new { copy });
        }

        var index = await EraseAsync();
        await Company.RestartAsync(() =>
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            File.Delete(server + "-wal");
            File.Delete(server + "-shm");
            File.Copy(copy, server, overwrite: true);
        });
        Assert.True(Log.Size > index);
        await UnreadableAsync(old);
        Assert.Equal(1, (await CertificateAsync(index)).Keys);
    }

    [Fact]
    public async Task a_destroyed_key_is_nowhere_in_the_keyholders_files()
    {
        byte[] wrapped;
        using (var connection = new SqliteDatabase(Company.KeyholderFile, readOnly: true).Open())
        {
            wrapped = Assert.Single(connection.Query<byte[]>("SELECT sealed FROM keys"));
        }

        Assert.True(IsInFiles(wrapped));
        await EraseAsync();
        Assert.False(IsInFiles(wrapped));
        Assert.False(IsInFiles(wrapped[12..28]));
    }

    private bool IsInFiles(byte[] bytes) => ((string[])[Company.KeyholderFile, Company.KeyholderFile + "-wal"]).Any(f =>
    {
        using var file = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var all = new MemoryStream();
        file.CopyTo(all);
        return all.ToArray().AsSpan().IndexOf(bytes) >= 0;
    });

    /// <summary>An order of its own each time: the very same statement takes effect once.</summary>
    private Task<ulong> EraseAsync()
    {
        Company.Clock.Now += TimeSpan.FromSeconds(1);
        return Company.SubmitAsync("anna", new KeysDestroyed(SignedStatement.Sign(
            new DestroyKeys(Root, Now, Company.Id("anna"), ["focus-time"], "self", "mine"), Company.KeyOf("anna"))));
    }

    private async Task<DestructionCertificate> CertificateAsync(ulong index)
    {
        var answer = Assert.IsType<KeyholderResponse.Statements>(await ExchangeAsync(new KeyholderRequest.CertificateOf(index)));
        return Assert.IsType<DestructionCertificate>(KeyholderStatement.TryOpen(Assert.Single(answer.Notes), NoteVerifier.Parse(Company.Keyholder.StatementKey)));
    }

    private async Task UnreadableAsync(params IReadOnlyList<StoredChunk> chunks)
    {
        var opened = Assert.IsType<KeyholderResponse.Opened>(await SendAsync((await RecordAsync(Ask())) with { Chunks = chunks }));
        Assert.Empty(opened.Records);
        Assert.Equal(chunks.Count, opened.Unreadable);
    }
}

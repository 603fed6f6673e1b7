using System.Security.Cryptography;
using Dapper;
using Daylight.Agent.Sending;
using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Tests.Keyholder;

/// <summary>The key-encryption key: where its secret comes from, and its epochs.</summary>
public sealed class KeyEncryptionKeyTests : KeyholderTests
{
    private string Epochs => Path.Combine(Company.KeysFolder, "keyholder.epoch");

    [Fact]
    public async Task an_epoch_ends_after_28_days_and_everything_still_opens()
    {
        var before = await File.ReadAllTextAsync(Epochs, TestContext.Current.CancellationToken);
        Company.Clock.Now += TimeSpan.FromDays(27);
        await HelloAsync();
        Assert.Equal(before, await File.ReadAllTextAsync(Epochs, TestContext.Current.CancellationToken));
        Company.Clock.Now += TimeSpan.FromDays(1);
        await HelloAsync();
        Assert.Equal([2], Wrapped());
        Assert.Equal(2, Company.OpenKek().Current);
        Assert.DoesNotContain("\"epoch\": 1", await File.ReadAllTextAsync(Epochs, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await ReadsTodayAsync();
        await Company.RestartAsync();
        await ReadsTodayAsync();
        Company.Clock.Now += TimeSpan.FromDays(28);
        await HelloAsync();
        Assert.Equal([3], Wrapped());
        await ReadsTodayAsync();
    }

    [Fact]
    public async Task an_epoch_that_cannot_end_in_time_stops_openings_before_a_certificate_becomes_a_lie()
    {
        File.Delete(Epochs);
        var inTheWay = Directory.CreateDirectory(Epochs).FullName; // where the next epoch's file is to stand
        Company.Clock.Now += TimeSpan.FromDays(29);
        await ReadsTodayAsync(); // two days to mend it
        Company.Clock.Now += TimeSpan.FromDays(3);
        AssertRefused("key-overdue", await ExchangeAsync(new KeyholderRequest.StatusOf()));
        AssertRefused("key-overdue", await ExchangeAsync(await RecordAsync(Ask())));
        Directory.Delete(inTheWay);
        Company.Clock.Now += TimeSpan.FromMinutes(11);
        Assert.IsType<KeyholderResponse.Statements>(await ExchangeAsync(new KeyholderRequest.StatusOf()));
        Assert.Equal([2], Wrapped());
    }

    [Fact]
    public async Task a_crash_half_way_goes_on_at_the_next_start()
    {
        foreach (var name in (string[])["ben", "boss", "snoop"])
        {
            Assert.IsType<KeyholderResponse.Statements>(await ExchangeAsync(new KeyholderRequest.KeyOf(Company.Id(name), "focus-time")));
        }

        await Company.RestartAsync(() =>
        {
            var kek = Company.OpenKek();
            kek.Begin(Now);
            using var connection = new SqliteDatabase(Company.KeyholderFile).OpenWriter();
            foreach (var (person, program, epoch, box) in connection.Query<(string, string, int, byte[])>("SELECT person_ref, program, epoch, sealed FROM keys LIMIT 2").ToList())
            {
                var use = $"key {person} {program} {epoch}";
                var moved = kek.Box(2).Seal(kek.Box(1).Open(box, use), use);
                connection.Execute("UPDATE keys SET kek = 2, sealed = @moved WHERE person_ref = @person AND program = @program", new { moved, person, program });
            }
        });
        await HelloAsync();
        Assert.Equal([2], Wrapped());
        Assert.DoesNotContain("\"epoch\": 1", await File.ReadAllTextAsync(Epochs, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await ReadsTodayAsync();
    }

    [Fact]
    public async Task a_copy_from_before_the_rotation_cannot_be_opened_any_more()
    {
        var copy = CopyKeyholder("older");
        Company.Clock.Now += TimeSpan.FromDays(28);
        await HelloAsync();
        var error = await Assert.ThrowsAsync<CryptographicException>(() => KeyholderService.OpenAsync(new SqliteDatabase(copy), Company.OpenKek(), Company.Clock));
        Assert.Contains("Epoch 1 of the key-encryption key is not in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void what_is_wrong_with_the_secret_is_said_where_it_is_read()
    {
        var secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var folder = Directory.CreateDirectory(Path.Combine(Company.Folder, "other-keys")).FullName;
        var file = Path.Combine(folder, "keyholder.kek");
        AssertSays("There is no " + file, new KekSource.FromFile(file));
        File.WriteAllText(file, "short");
        AssertSays(file + " is not a key file", new KekSource.FromFile(file));
        AssertSays("DAYLIGHT_NO_SUCH_SECRET", new KekSource.FromEnvironment("DAYLIGHT_NO_SUCH_SECRET"));
        AssertSays("ended with 3", new KekSource.FromCommand("exit 3"));
        AssertSays("the command's output", new KekSource.FromCommand("echo nothing"));
        Assert.False(File.Exists(Path.Combine(folder, "keyholder.epoch")));

        File.WriteAllText(file, secret);
        Assert.Equal(1, KeyEncryptionKey.Open(folder, new KekSource.FromFile(file), Company.Clock).Current);
        Assert.Equal(1, KeyEncryptionKey.Open(folder, new KekSource.FromCommand("echo " + secret), Company.Clock).Current);

        void AssertSays(string words, KekSource source) =>
            Assert.Contains(words, Assert.Throws<InvalidDataException>(() => KeyEncryptionKey.Open(folder, source, Company.Clock)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void another_secret_and_a_damaged_file_are_told_apart_and_leave_the_file_as_it_is()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Company.Folder, "other-keys")).FullName;
        var path = Path.Combine(folder, "keyholder.epoch");
        KekSource One(string digit) => new KekSource.FromCommand("echo " + string.Concat(Enumerable.Repeat(digit, 64)));
        KeyEncryptionKey.Open(folder, One("1"), Company.Clock);
        var before = File.ReadAllText(path);
        Assert.Contains(path, Assert.Throws<CryptographicException>(() => KeyEncryptionKey.Open(folder, One("2"), Company.Clock)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(path));
        File.WriteAllText(path, before[..^20]);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => KeyEncryptionKey.Open(folder, One("1"), Company.Clock)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, string.Empty);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => KeyEncryptionKey.Open(folder, One("1"), Company.Clock)).Message, StringComparison.Ordinal);
    }

    private List<int> Wrapped()
    {
        using var connection = new SqliteDatabase(Company.KeyholderFile, readOnly: true).Open();
        return [.. connection.Query<int>("SELECT DISTINCT kek FROM (SELECT kek FROM keys UNION SELECT kek FROM secrets)")];
    }

    private async Task ReadsTodayAsync()
    {
        var chunk = Stored(ChunkSealer.Records(Program, Company.Id("anna"), Device, "window", Sql.Day(Today), Records()));
        await OpenedAsync((await RecordAsync(Ask() with { To = Today }, disclosure: d => d with { To = Today })) with { Chunks = [chunk] });
    }
}

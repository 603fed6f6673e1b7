using Daylight.Keyholder;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Storage.PostgreSql;

namespace Daylight.Cli.Server;

/// <summary>Server and keyholder in one process: same code and same messages as apart, only the address differs.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly KeyholderService keyholder;

    private Installation(KeyholderService keyholder, DaylightServer server) => (this.keyholder, Server) = (keyholder, server);

    public DaylightServer Server { get; }

    public static async Task<Installation> StartAsync(DataFolder folder, string keys, string? database, Func<byte[], ServerOptions> options, TimeProvider time, CancellationToken cancel)
    {
        var (kek, serverKey) = ReadKeys(keys);
        var keyholder = await KeyholderService.OpenAsync(new SqliteDatabase(Path.Combine(folder.Keyholder, "keyholder.db")), kek, time);
        try
        {
            return new Installation(keyholder, await DaylightServer.StartAsync(options(serverKey), OpenDatabase(folder, database), keyholder, time, cancel));
        }
        catch
        {
            await keyholder.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server's database: a URL, or the embedded file.</summary>
    public static IDatabase OpenDatabase(DataFolder folder, string? url, bool readOnly = false) =>
        url is null ? new SqliteDatabase(Path.Combine(folder.Server, "server.db"), readOnly) : new PostgreSqlDatabase(url);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await keyholder.DisposeAsync();
    }

    private static (byte[] KeyEncryptionKey, byte[] ServerKey) ReadKeys(string folder)
    {
        var (kek, server) = (Path.Combine(folder, "keyholder.kek"), Path.Combine(folder, "server.key"));
        return File.Exists(kek) && File.Exists(server)
            ? (SecretBox.ReadKeyFile(kek), SecretBox.ReadKeyFile(server))
            : throw new InvalidOperationException($"There are no keys in {folder}. Make them with: daylight keys new {folder}");
    }
}

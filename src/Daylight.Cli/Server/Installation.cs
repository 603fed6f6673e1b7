using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Storage.PostgreSql;

namespace Daylight.Cli.Server;

/// <summary>A server with its keyholder: in this process, or reached in another. Same code and same messages, only the address differs.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly IAsyncDisposable? keyholder;

    private Installation(IAsyncDisposable? keyholder, DaylightServer server) => (this.keyholder, Server) = (keyholder, server);

    public DaylightServer Server { get; }

    /// <summary>Starts both.</summary>
    /// <param name="folder">Data folder.</param>
    /// <param name="keys">Keys folder.</param>
    /// <param name="database">URL of a PostgreSQL, or null for the embedded file.</param>
    /// <param name="apart">A keyholder in a process of its own, or null for one in this process.</param>
    /// <param name="options">The server's options, from its key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Cancels the start.</param>
    public static async Task<Installation> StartAsync(
        DataFolder folder, string keys, string? database, IKeyholderChannel? apart, Func<byte[], ServerOptions> options, TimeProvider time, CancellationToken cancel)
    {
        var serverKey = ReadServerKey(keys);
        var here = apart is null
            ? await KeyholderService.OpenAsync(
                new SqliteDatabase(Path.Combine(folder.Keyholder, "keyholder.db")), KeyEncryptionKey.Open(keys, new KekSource.FromFile(Path.Combine(keys, "keyholder.kek")), time), time)
            : null;
        try
        {
            return new Installation(here, await DaylightServer.StartAsync(options(serverKey), OpenDatabase(folder, database), apart ?? here!, time, cancel));
        }
        catch
        {
            if (here is not null)
            {
                await here.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>The server's database: a URL, or the embedded file.</summary>
    public static IDatabase OpenDatabase(DataFolder folder, string? url, bool readOnly = false) =>
        url is null ? new SqliteDatabase(Path.Combine(folder.Server, "server.db"), readOnly) : new PostgreSqlDatabase(url);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (keyholder is not null)
        {
            await keyholder.DisposeAsync();
        }
    }

    private static byte[] ReadServerKey(string folder) => File.Exists(Path.Combine(folder, "server.key"))
        ? SecretBox.ReadKeyFile(Path.Combine(folder, "server.key"))
        : throw new InvalidOperationException($"There are no keys in {folder}. Make them with: daylight keys new {folder}");
}

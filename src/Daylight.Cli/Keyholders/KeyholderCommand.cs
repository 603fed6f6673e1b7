using System.CommandLine;
using System.Globalization;
using System.Net;
using Daylight.Cli.Server;
using Daylight.Keyholder;
using Daylight.Protocol;
using Daylight.Storage;

namespace Daylight.Cli.Keyholders;

/// <summary><c>daylight keyholder</c>: the keyholder as a process of its own.</summary>
internal static class KeyholderCommand
{
    private const string Help = """
        Runs the keyholder as a process of its own: on another machine, under another administration than the server's.

        It listens on a Unix socket, or over HTTPS with a certificate on each side. Its key-encryption key comes from --keys DIR/keyholder.kek, from an
        environment variable, or from a command such as the client of a KMS or HSM; epochs of it are kept in --keys DIR/keyholder.epoch, which must be in no backup.

        Examples:
          daylight keyholder --data /var/lib/daylight --listen unix:///run/daylight/keyholder.sock
          daylight serve --data ./acme --keyholder unix:///run/daylight/keyholder.sock

          daylight keys certificate keyholder.pem --host keys.acme.example      (there; carry keyholder.pem.crt to the server)
          daylight keys certificate server.pem --host daylight.acme.example     (here; carry server.pem.crt to the keyholder)
          daylight keyholder --data ./keyholder --listen https://0.0.0.0:8443 --certificate keyholder.pem --server-certificate server.pem.crt
          daylight serve --data ./acme --keyholder https://keys.acme.example:8443 --keyholder-certificate keyholder.pem.crt --server-certificate server.pem
        """;

    public static Command Create()
    {
        var options = new KeyholderOptions();
        var listen = new Option<string?>("--listen") { Description = "unix:///PATH or https://ADDRESS:PORT (default: unix://DIR/keyholder/keyholder.sock)", HelpName = "URL" };
        var certificate = new Option<string?>("--certificate") { Description = "With https: the keyholder's certificate and key", HelpName = "FILE" };
        var server = new Option<string?>("--server-certificate") { Description = "With https: the server's certificate (its .crt); nobody else is answered", HelpName = "FILE" };
        var acceptClock = new Option<bool>("--accept-clock") { Description = "Take the clock as it is, after one that ran ahead" };
        var command = new Command("keyholder", Help) { listen, certificate, server, acceptClock };
        options.AddTo(command);
        command.Add(SnapshotCommands.Snapshot());
        command.Add(SnapshotCommands.Restore());
        command.Add(OfficeCommands.Accept());
        command.Add(OfficeCommands.Change());
        command.SetAction(async (parsed, cancel) =>
        {
            var folder = options.Folder(parsed);
            var address = Address(parsed.GetValue(listen) ?? "unix://" + Path.GetFullPath(Path.Combine(folder.Keyholder, "keyholder.sock")), parsed.GetValue(certificate), parsed.GetValue(server));
            await using var keyholder = await KeyholderService.OpenAsync(
                new SqliteDatabase(Path.Combine(folder.Keyholder, "keyholder.db")), options.Kek(parsed, TimeProvider.System), TimeProvider.System, parsed.GetValue(acceptClock));
            await using var host = await KeyholderHost.StartAsync(keyholder, address, cancel);
            await Console.Error.WriteLineAsync($"statements  {keyholder.StatementKey}");
            await Console.Error.WriteLineAsync($"witness     {keyholder.WitnessKey}");
            Console.WriteLine($"ready: keyholder on {(address is KeyholderAddress.Https ? host.Urls.First() : address.ToString())}");
            await host.WaitForShutdownAsync(cancel);
            return CommandLine.Done;
        });
        return command;
    }

    private static KeyholderAddress Address(string text, string? certificate, string? server)
    {
        if (text.StartsWith("unix://", StringComparison.Ordinal))
        {
            var path = text["unix://".Length..];
            return System.Text.Encoding.UTF8.GetByteCount(path) is > 0 and <= 107
                ? new KeyholderAddress.Socket(path)
                : throw new UsageException($"--listen {text}: a socket's path has at most 107 bytes. Name a shorter one, such as unix:///run/daylight/keyholder.sock");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != "https" || !TryAddress(url.Host.Trim('[', ']'), out var address))
        {
            throw new UsageException("--listen is unix:///PATH or https://ADDRESS:PORT, with an address of this machine or 0.0.0.0. Without TLS nobody would know who asks.");
        }

        return certificate is not null && server is not null
            ? new KeyholderAddress.Https(address, url.Port, PinnedTls.ReadOwn(certificate), PinnedTls.ReadPeer(server))
            : throw new UsageException("--listen https://… wants both certificates: --certificate FILE and --server-certificate FILE (daylight keys certificate makes them).");
    }

    private static bool TryAddress(string host, out IPAddress? address)
    {
        address = host == "localhost" ? IPAddress.Loopback : null;
        return address is not null || IPAddress.TryParse(host, out address);
    }
}

/// <summary>Where a keyholder's files and its key-encryption key are.</summary>
internal sealed class KeyholderOptions
{
    private readonly Option<string> data = Shared.Data("Folder of the keyholder's files (in DIR/keyholder)");
    private readonly Option<string?> keys = new("--keys") { Description = "Folder with keyholder.kek and keyholder.epoch (default: DIR.keys)", HelpName = "DIR" };
    private readonly Option<string?> environment = new("--kek-env") { Description = "Take the key-encryption key from this environment variable (64 hexadecimal digits)", HelpName = "NAME" };
    private readonly Option<string?> command = new("--kek-command") { Description = "Take it from what a command prints, such as the client of a KMS or HSM", HelpName = "LINE" };

    public void AddTo(Command to)
    {
        to.Add(data);
        to.Add(keys);
        to.Add(environment);
        to.Add(command);
    }

    public DataFolder Folder(ParseResult parsed) => new(parsed.GetValue(data)!);

    public KeyEncryptionKey Kek(ParseResult parsed, TimeProvider time)
    {
        var folder = parsed.GetValue(keys) ?? Folder(parsed).DefaultKeys;
        Folders.MakePrivate(folder);
        return KeyEncryptionKey.Open(
            folder,
            (parsed.GetValue(environment), parsed.GetValue(command)) switch
            {
                ({ } name, null) => new KekSource.FromEnvironment(name),
                (null, { } line) => new KekSource.FromCommand(line),
                (null, null) => new KekSource.FromFile(Path.Combine(folder, "keyholder.kek")),
                _ => throw new UsageException("--kek-env or --kek-command, not both."),
            },
            time);
    }
}

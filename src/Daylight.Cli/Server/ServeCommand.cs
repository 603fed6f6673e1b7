using System.CommandLine;
using System.Globalization;
using Daylight.Cli.Keyholders;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.SignIn.Oidc;
using Daylight.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace Daylight.Cli.Server;

/// <summary><c>daylight serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = Shared.Data("Folder of the server's and the keyholder's files");
        var keys = new Option<string?>("--keys") { Description = "Folder with keyholder.kek and server.key (default: DIR.keys)", HelpName = "DIR" };
        var database = new Option<string?>("--database") { Description = "postgres://user:password@host/name instead of the embedded SQLite file", HelpName = "URL" };
        var listen = new Option<string>("--listen") { Description = "Where to serve", DefaultValueFactory = _ => "http://localhost:8080", HelpName = "URL" };
        var proxy = new Option<string?>("--behind-proxy") { Description = "Network of the proxy in front, such as 10.0.0.0/24: its word about who calls is believed", HelpName = "CIDR" };
        var reach = new KeyholderReach();
        var command = new Command(
            "serve",
            "Runs the server and the log, and the keyholder in the same process unless --keyholder names one of its own.\n\nExamples:\n  daylight serve --data ./acme --listen http://localhost:8080\n  daylight serve --data ./acme --keyholder unix:///run/daylight/keyholder.sock") { data, keys, database, listen, proxy };
        reach.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var folder = new DataFolder(parsed.GetValue(data)!);
            if (!Uri.TryCreate(parsed.GetValue(listen), UriKind.Absolute, out var url) || url.Scheme != "http" || (url.Host != "localhost" && !System.Net.IPAddress.TryParse(url.Host.Trim('[', ']'), out _)))
            {
                throw new UsageException("--listen is http://localhost:PORT or http://ADDRESS:PORT. TLS ends at a proxy in front.");
            }

            var settings = Settings.Of(folder.Path);
            System.Net.IPNetwork? network = parsed.GetValue(proxy) is not { } text ? null
                : System.Net.IPNetwork.TryParse(text, out var read) ? read : throw new UsageException($"--behind-proxy is a network such as 10.0.0.0/24, not '{text}'.");
            ServerOptions Options(byte[] key) => new()
            {
                Data = folder.Server,
                Key = key,
                Listen = url.ToString(),
                ShowNames = bool.TryParse(settings["Looks:ShowNames"], out var show) && show,
                HoldAbove = HoldAbove(settings),
                AccessReviewDays = AccessReviewDays(settings),
                DefaultZone = settings["Directory:Zone"] ?? "Etc/UTC",
                Contact = settings["Company:Contact"],
                StoredIn = StoredIn(settings),
                BehindProxy = network,
                KeyholderApart = reach.IsApart(parsed),
                Mail = Mail(settings),
                Oidc = Oidc(settings),
                Passwords = Flag(settings, "SignIn:Passwords", settings["SignIn:Oidc:Issuer"] is null),
            };
            await using var installation = await StartAsync(folder, parsed.GetValue(keys) ?? folder.DefaultKeys, parsed.GetValue(database), reach.Open(parsed), url.Port, Options, cancel);
            if (installation.Server.SetupCode is { } code)
            {
                Console.WriteLine($"setup code: {code}");
                await Console.Error.WriteLineAsync($"There is no trust root yet. Open {url.ToString().TrimEnd('/')}/setup and type that code; or stop, and make it with: daylight setup --data {folder.Path} …");
            }

            await Console.Error.WriteLineAsync("People sign in with passkeys: the first is made on the page /welcome, with a one-time code, or with the one that daylight credential passkey shows.");
            if (!reach.IsApart(parsed))
            {
                await Console.Error.WriteLineAsync("Server and keyholder share this process: stolen tables and backups expose nobody, but this machine's administrator could.");
            }

            Console.WriteLine($"ready: server on {url.ToString().TrimEnd('/')}");
            await installation.Server.WaitForShutdownAsync(cancel);
            return CommandLine.Done;
        });
        return command;
    }

    private static long? HoldAbove(IConfiguration settings) => settings["Directory:HoldAbove"] is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most
        : throw new UsageException("Directory:HoldAbove is a number of sights.");

    private static IReadOnlyList<string> StoredIn(IConfiguration settings)
    {
        var countries = (settings["Company:StoredIn"] ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.TrueForAll(countries, c => c.Length == 2 && c.All(char.IsAsciiLetterUpper)) ? countries
            : throw new UsageException("Company:StoredIn is countries by their two letters, such as DE,FR.");
    }

    private static int? AccessReviewDays(IConfiguration settings) => settings["AccessReview:Days"] switch
    {
        null => 30,
        "never" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= Sealing.AccessReviewOpened.FewestDays and <= Sealing.AccessReviewOpened.MostDays => days,
        _ => throw new UsageException("AccessReview:Days is a number from 14 to 60, or never."),
    };

    private static bool Flag(IConfiguration settings, string name, bool without) => settings[name] is not { } text ? without
        : bool.TryParse(text, out var flag) ? flag : throw new UsageException(name + " is true or false.");

    private static OidcOptions? Oidc(IConfiguration settings)
    {
        var oidc = settings.GetSection("SignIn:Oidc");
        if (oidc["Issuer"] is not { } issuer)
        {
            return null;
        }

        var roles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var role in oidc.GetSection("Roles").GetChildren())
        {
            if (!OidcOptions.ClaimableRoles.Contains(role.Key))
            {
                throw new UsageException($"SignIn:Oidc:Roles:{role.Key}: a group may ask for {string.Join(", ", OidcOptions.ClaimableRoles)}. Those that open people's days or judge over it are never asked for by a claim.");
            }

            if (!roles.TryAdd(role.Value ?? string.Empty, role.Key))
            {
                throw new UsageException($"SignIn:Oidc:Roles:{role.Key}: that group asks for another role already.");
            }
        }

        return new OidcOptions
        {
            Issuer = OidcOptions.IsSafe(issuer) ? issuer : throw new UsageException("SignIn:Oidc:Issuer is an https URL, or an http URL on this machine."),
            ClientId = oidc["ClientId"] ?? throw new UsageException("SignIn:Oidc:Issuer is set, and SignIn:Oidc:ClientId, what this installation is called there, is not."),
            ClientSecret = oidc["ClientSecret"],
            Name = oidc["Name"] ?? new Uri(issuer).Host,
            AddressClaim = oidc["AddressClaim"] ?? "email",
            TrustAddress = Flag(settings, "SignIn:Oidc:TrustAddress", false),
            GroupsClaim = oidc["GroupsClaim"] ?? (roles.Count == 0 ? null : throw new UsageException("SignIn:Oidc:Roles is set, and SignIn:Oidc:GroupsClaim, the claim that holds groups, is not.")),
            RoleOfGroup = roles,
        };
    }

    private static MailOptions? Mail(IConfiguration settings) => settings["Mail:Host"] is not { } host ? null : new MailOptions
    {
        Host = host,
        Port = int.TryParse(settings["Mail:Port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 587,
        Tls = !bool.TryParse(settings["Mail:Tls"], out var tls) || tls,
        From = settings["Mail:From"] ?? throw new UsageException("Mail:Host is set, and Mail:From, the sender's address, is not."),
        Portal = settings["Mail:Portal"] ?? throw new UsageException("Mail:Host is set, and Mail:Portal, the portal's URL, is not."),
        User = settings["Mail:User"],
        Password = settings["Mail:Password"],
    };

    private static async Task<Installation> StartAsync(DataFolder folder, string keys, string? database, Protocol.IKeyholderChannel? apart, int port, Func<byte[], ServerOptions> options, CancellationToken cancel)
    {
        try
        {
            return await Installation.StartAsync(folder, keys, database, apart, options, TimeProvider.System, cancel);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Port {port} is in use. Choose another: --listen http://localhost:{port + 1}"), e);
        }
    }
}

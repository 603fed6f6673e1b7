using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using Daylight.Portal;
using Daylight.Portal.Layout;
using Daylight.Portal.Texts;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Directory.Scim;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.Releases;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Features.SignIn.Oidc;
using Daylight.Server.Features.SignIn.Setup;
using Daylight.Server.Features.SignIn.Local;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Server.Hosting;

/// <summary>The company's side, in one process: API, log, portal, jobs. Holds no key that opens anything.</summary>
public sealed partial class DaylightServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly IDisposable exclusive;
    private readonly GroupCommitWriter writer;

    private DaylightServer(WebApplication app, IDisposable exclusive, GroupCommitWriter writer) => (this.app, this.exclusive, this.writer) = (app, exclusive, writer);

    /// <summary>URLs that it serves on.</summary>
    public IEnumerable<string> Urls => app.Urls.Where(u => !u.Contains("unix:", StringComparison.Ordinal));

    /// <summary>The parts, for tests that play a server gone bad.</summary>
    internal IServiceProvider Services => app.Services;

    /// <summary>Opens the database and the log, and serves.</summary>
    /// <param name="options">How.</param>
    /// <param name="database">The server's database.</param>
    /// <param name="keyholder">The keyholder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Cancels the start.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    /// <exception cref="InvalidOperationException">Another process uses the database.</exception>
    public static async Task<DaylightServer> StartAsync(ServerOptions options, IDatabase database, IKeyholderChannel keyholder, TimeProvider time, CancellationToken cancel)
    {
        Folders.MakePrivate(options.Data);
        Migrations.Apply(database, typeof(DaylightServer).Assembly);
        // One process owns an embedded file; nodes on a shared database take turns. A data folder is one node's in any case.
        var exclusive = database.IsShared ? Folders.LockExclusively(Path.Combine(options.Data, "node.lock")) : database.LockExclusively("this server's log");
        var writer = new GroupCommitWriter(database);
        try
        {
            var app = Build(options, database, writer, keyholder, time);
            await app.Services.GetRequiredService<TransparencyLog>().StartAsync(await LogKeyAsync(app.Services));
            await LogSettingsAsync(app.Services.GetRequiredService<TransparencyLog>(), options);
            await app.StartAsync(cancel);
            return new DaylightServer(app, exclusive, writer);
        }
        catch
        {
            await writer.DisposeAsync();
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>Runs every background job once, now.</summary>
    public Task RunJobsAsync(CancellationToken cancel) => app.Services.GetRequiredService<Jobs>().RunAllAsync(cancel);

    /// <summary>Founding of the trust root, on a server that has none yet.</summary>
    public Founding Founding() => app.Services.GetRequiredService<Founding>();

    /// <summary>The code with which a browser sets up an installation that has no trust root; null once it has.</summary>
    public string? SetupCode => app.Services.GetRequiredService<FirstStart>().Code;

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel) => app.WaitForShutdownAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        File.Delete(app.Services.GetRequiredService<ServerOptions>().ControlSocket);
        await app.Services.GetRequiredService<TransparencyLog>().DisposeAsync();
        await app.DisposeAsync();
        await writer.DisposeAsync();
        exclusive.Dispose();
    }

    private static WebApplication Build(ServerOptions options, IDatabase database, GroupCommitWriter writer, IKeyholderChannel keyholder, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(DaylightServer).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        // Errors go to stderr, and never with a path: ids of people stand in paths.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.None);
        Listen(builder, options);
        AddServices(builder.Services, options, database, writer, keyholder, time);
        var app = builder.Build();
        if (options.BehindProxy is { } proxy)
        {
            // Nobody else's headers: an address that a caller may choose is none.
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownIPNetworks.Add(proxy);
            app.UseForwardedHeaders(forwarded);
        }

        app.Use((context, next) => Speech.InTheirsAsync(context, next));
        app.Use(ErrorsAsync);
        app.Use((context, next) => LocalHostOnlyAsync(options, context, next));
        app.Use(SecurityHeadersAsync);
        app.Use((context, next) => Tokens.RefuseAsync(context, next, context.RequestServices.GetRequiredService<Tokens>()));
        app.Use((context, next) => FirstStartForms.LeadAsync(context, next, context.RequestServices.GetRequiredService<FirstStart>()));
        app.UseAntiforgery();
        MapRoutes(app, options);
        return app;
    }

    private static void Listen(WebApplicationBuilder builder, ServerOptions options)
    {
        var socket = options.ControlSocket;
        if (Path.GetDirectoryName(socket) is { } runtime && runtime != Path.GetFullPath(options.Data))
        {
            Folders.MakeOwn(runtime); // a shared folder: whoever made it first must be us
        }

        File.Delete(socket); // left by a process that was killed: the database lock says that none is running
        builder.WebHost.UseUrls(options.Listen is null ? [] : [options.Listen]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Callers.MostBody;
            kestrel.ListenUnixSocket(socket);
            if (options.Listen is not null)
            {
                var uri = new Uri(options.Listen.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal));
                if (uri.Host == "localhost")
                {
                    kestrel.ListenLocalhost(uri.Port);
                }
                else
                {
                    kestrel.Listen(System.Net.IPAddress.Parse(uri.Host.Trim('[', ']')), uri.Port);
                }
            }
        });
    }

    private static void AddServices(IServiceCollection services, ServerOptions options, IDatabase database, GroupCommitWriter writer, IKeyholderChannel keyholder, TimeProvider time)
    {
        services.AddSingleton(options).AddSingleton(database).AddSingleton(writer).AddSingleton(keyholder).AddSingleton(time);
        services.AddSingleton<ServerKeys>().AddSingleton<KeyholderClient>();
        services.AddSingleton<LogStore>().AddSingleton<OpeningStore>().AddSingleton<Sequencer>().AddSingleton<TransparencyLog>();
        services.AddSingleton(s => new WitnessRound(s.GetRequiredService<TransparencyLog>(), s.GetRequiredService<LogStore>(), writer, new HttpClient { MaxResponseContentBufferSize = 64 * 1024 }, time));
        services.AddSingleton<ProgramCatalog>().AddSingleton<DirectoryRows>().AddSingleton<DirectoryStore>().AddSingleton<DirectoryEditor>().AddSingleton<ScimTokens>().AddSingleton<ScimWriter>();
        services.AddSingleton<DirectoryLoop>().AddHostedService(s => s.GetRequiredService<DirectoryLoop>());
        services.AddSingleton<Worlds>().AddSingleton<ApprovalReads>().AddSingleton<GrantUses>().AddSingleton<ExposureHistory>().AddSingleton<CaseBook>().AddSingleton<NoticeStore>().AddSingleton<Mailer>();
        services.AddSingleton<Tokens>().AddSingleton<Passkeys>().AddSingleton<PasskeyInvitations>().AddSingleton<FirstStart>().AddSingleton<Passwords>().AddSingleton<Attempts>().AddSingleton<Callers>().AddSingleton<Enrollments>();
        if (options.Oidc is { } oidc)
        {
            services.AddSingleton<ProviderAccounts>().AddSingleton(new OidcProvider(oidc, OidcProvider.NewClient(), time));
        }

        services.AddSingleton<Shelves>().AddSingleton<ChunkStore>().AddSingleton<Asks>().AddSingleton<Refusals>().AddSingleton<DisclosurePath>();
        services.AddSingleton<ReleaseStore>().AddSingleton<ReleaseReader>().AddSingleton<Forecasts>().AddSingleton<ReleaseJob>().AddSingleton<Retention>().AddSingleton<Erasures>().AddSingleton<LifecycleRules>().AddSingleton<Coverage>().AddSingleton<Choices>().AddSingleton<Receipts>().AddSingleton<ReviewBook>().AddSingleton<RetentionClock>().AddSingleton<AccessReviews>().AddSingleton<IncidentBook>().AddSingleton<Tellings>().AddSingleton<UseCounts>().AddSingleton<Drafts>().AddSingleton<Export>().AddSingleton<StopSpread>().AddSingleton<EventDoor>().AddSingleton<Jobs>().AddHostedService(s => s.GetRequiredService<Jobs>()).AddSingleton<Nodes>().AddHostedService(s => s.GetRequiredService<Nodes>());
        services.AddSingleton(s => new Founding(
            s.GetRequiredService<TransparencyLog>(),
            s.GetRequiredService<KeyholderClient>(),
            s.GetRequiredService<DirectoryStore>(),
            s.GetRequiredService<Enrollments>(),
            s.GetRequiredService<Tokens>(),
            time));
        services.AddIdentityCore<PasskeyUser>().AddUserStore<PasskeyUsers>();
        services.AddScoped<IPasskeyHandler<PasskeyUser>, PasskeyHandler<PasskeyUser>>().Configure<IdentityPasskeyOptions>(o =>
        {
            o.UserVerificationRequirement = "required";
            o.ResidentKeyRequirement = "required"; // whoever types an address is not told which passkeys it has
            o.IsAllowedAlgorithm = a => a == -7; // ES256: the one that the log's keys are of
            o.ValidateOrigin = c => ValueTask.FromResult(!c.CrossOrigin && string.Equals(c.Origin, Passkeys.OriginOf(c.HttpContext), StringComparison.Ordinal)); // forms under no-referrer send none
        });
        services.AddHttpContextAccessor().AddRazorComponents();
        services.AddAntiforgery(o => o.Cookie.Name = "daylight-antiforgery");
        services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(options.Data, "sessions")));
        services.AddScoped(s => new PortalApi(s.GetRequiredKeyedService<HttpClient>("portal"), s.GetRequiredService<IHttpContextAccessor>()));
        services.AddKeyedSingleton("portal", (_, _) => ControlClient(options.ControlSocket));
        services.AddOpenApi();
        services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ProtocolJson.Default));
    }

    /// <summary>An HTTP client over a control socket.</summary>
    public static HttpClient ControlClient(string socket)
    {
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri("http://daylight") };
    }

    private static void MapRoutes(WebApplication app, ServerOptions options)
    {
        LifecycleEndpoints.Map(app);
        LogEndpoints.Map(app);
        ExplorerEndpoints.Map(app);
        Operations.Map(app);
        EventEndpoints.Map(app);
        SignInEndpoints.Map(app);
        DirectoryEndpoints.Map(app);
        DirectoryChangeEndpoints.Map(app);
        ScimEndpoints.Map(app);
        ExposureEndpoints.Map(app);
        CaseEndpoints.Map(app);
        NoticeEndpoints.Map(app);
        InboxForm.Map(app);
        Readers.Map(app);
        LifeForms.Map(app);
        ProgramEndpoints.Map(app);
        ChoiceEndpoints.Map(app);
        ErasureEndpoints.Map(app);
        Export.Map(app);
        StopEndpoints.Map(app);
        RetentionClock.Map(app);
        AccessReviews.Map(app);
        IncidentBook.Map(app);
        DisclosureEndpoints.Map(app);
        OpeningEndpoints.Map(app);
        ReleaseEndpoints.Map(app);
        MyReleaseEndpoints.Map(app);
        ForecastEndpoints.Map(app);
        IngestEndpoints.Map(app);
        PasskeyEndpoints.Map(app);
        PasskeyInvitations.Map(app);
        PersonaEndpoints.Map(app, options);
        FirstStartForms.Map(app);
        CodeForms.Map(app);
        OidcSignIn.Map(app, options);
        PasswordForms.Map(app, options);
        app.MapOpenApi();
        app.MapGet("/assets/{tag}/{name}", (string tag, string name, HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            return PortalAssets.Find(tag, name) is { } asset ? Results.Bytes(asset.Bytes, asset.Type) : Results.NotFound();
        }).ExcludeFromDescription();
        app.MapRazorComponents<App>();
    }

    private static async Task ErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && e is not OperationCanceledException)
        {
            context.Response.Clear();
            if (e is not (LogUnavailableException or KeyholderException or DbException or FormatException or BadHttpRequestException or ApiException))
            {
                // Where it happened, and never what was said: messages may hold what a person sent.
                Unexpected(context.RequestServices.GetRequiredService<ILogger<DaylightServer>>(), e.GetType().Name, new System.Diagnostics.StackTrace(e).GetFrame(0)?.GetMethod()?.DeclaringType?.FullName ?? "?");
            }

            var answer = e switch
            {
                LogUnavailableException => Problems.Unavailable(e.Message),
                KeyholderException => Problems.Unavailable(e.Message),
                DbException => Problems.Unavailable("The server's storage cannot be used now."),
                FormatException format => Problems.BadRequest(format.Message),
                BadHttpRequestException bad => Problems.BadRequest(bad.Message),
                ApiException api when api.Problem.Status is 401 => Results.Redirect("/sign-in"),
                _ => Results.Json(new Problem("about:blank", "Something went wrong here", 500, $"An error of kind {e.GetType().Name}; nothing was shown."), ProtocolJson.Default.Problem, "application/problem+json", 500),
            };
            await answer.ExecuteAsync(context);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Unexpected {Error} in {Where}; nothing was shown")]
    private static partial void Unexpected(ILogger logger, string error, string where);

    /// <summary>On the loopback address only loopback names are answered: another name there is DNS rebinding.</summary>
    private static Task LocalHostOnlyAsync(ServerOptions options, HttpContext context, RequestDelegate next) =>
        options.Listen?.Contains("://localhost", StringComparison.Ordinal) == true && context.Request.Host.Host is not ("localhost" or "127.0.0.1" or "[::1]" or "daylight")
            ? Problems.BadRequest("This server answers to localhost only.").ExecuteAsync(context)
            : next(context);

    private static Task SecurityHeadersAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)";
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000"; // TLS ends at the proxy, whose word about it is believed where it is named (RFC 6797)
        }

        return next(context);
    }

    /// <summary>The log's key and origin, made once and kept encrypted.</summary>
    private static async Task<NoteSigner> LogKeyAsync(IServiceProvider services)
    {
        var (database, writer, keys) = (services.GetRequiredService<IDatabase>(), services.GetRequiredService<GroupCommitWriter>(), services.GetRequiredService<ServerKeys>());
        if (Find() is { } known)
        {
            return known;
        }

        var seed = System.Security.Cryptography.RandomNumberGenerator.GetBytes(Ed25519.KeySize);
        var made = new LogKey("daylight.log/" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6)), Convert.ToBase64String(seed));
        var sealedKey = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(made, LogKeyJson.Default.LogKey), "setting log-key");
        await writer.WriteAsync((c, t) => Dapper.SqlMapper.Execute(c, "INSERT INTO settings (name, sealed) VALUES ('log-key', @sealedKey) ON CONFLICT DO NOTHING", new { sealedKey }, t));
        return Find()!; // another node's, when it was first

        NoteSigner? Find()
        {
            using var connection = database.Open();
            return Dapper.SqlMapper.QuerySingleOrDefault<byte[]>(connection, "SELECT sealed FROM settings WHERE name = 'log-key'") is { } box
                && JsonSerializer.Deserialize(keys.Box.Open(box, "setting log-key"), LogKeyJson.Default.LogKey) is { } stored
                ? new NoteSigner(stored.Origin, NoteKeyType.Ed25519, Convert.FromBase64String(stored.Seed))
                : null;
        }
    }

    /// <summary>Settings that people's rights touch are in the log: each change of one is an entry.</summary>
    internal static async Task LogSettingsAsync(TransparencyLog log, ServerOptions options)
    {
        const string names = "looks:show-names";
        var value = options.ShowNames ? "true" : "false";
        if (log.Trouble is null && log.Read(a => a.Root is not null && a.Settings.GetValueOrDefault(names, "false") != value))
        {
            await log.AppendAsync(new SettingsChanged(names, value));
        }
    }
}

/// <summary>The log's key as it is stored.</summary>
internal sealed record LogKey(string Origin, string Seed);

/// <summary>Serialization of the log's key.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(LogKey))]
internal sealed partial class LogKeyJson : System.Text.Json.Serialization.JsonSerializerContext;

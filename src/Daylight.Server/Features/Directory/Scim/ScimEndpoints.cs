using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Daylight.Core.Directory;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>SCIM 2.0 (RFC 7643, RFC 7644): a company's identity provider keeps the directory. Answers come when a change is durable; it is in force within a second.</summary>
internal static class ScimEndpoints
{
    private const int MostPerPage = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var scim = routes.MapGroup("/scim/v2").AddEndpointFilter(GuardAsync).ExcludeFromDescription();
        scim.MapGet("/Users", ListUsers);
        scim.MapPost("/Users", CreateUserAsync);
        scim.MapGet("/Users/{id}", GetUser);
        scim.MapPut("/Users/{id}", ReplaceUserAsync);
        scim.MapPatch("/Users/{id}", PatchUserAsync);
        scim.MapDelete("/Users/{id}", DeleteUserAsync);
        ScimGroups.Map(scim);
        ScimConfiguration.Map(scim);
    }

    /// <summary>The base URL of the resources, as the client reached it.</summary>
    public static string Location(HttpRequest request) => $"{request.Scheme}://{request.Host}/scim/v2";

    /// <summary>Reads a body; SCIM's own content type, or plain JSON.</summary>
    /// <exception cref="ScimException">It is no JSON object.</exception>
    public static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        try
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, null, new JsonDocumentOptions { AllowDuplicateProperties = false }, context.RequestAborted);
            ReadAllTexts(body);
            return body as JsonObject ?? throw new ScimException(400, "invalidSyntax", "The body is a JSON object.");
        }
        catch (JsonException e)
        {
            throw new ScimException(400, "invalidSyntax", string.Create(CultureInfo.InvariantCulture, $"The body is no JSON (line {e.LineNumber + 1})."));
        }
        catch (InvalidOperationException)
        {
            throw new ScimException(400, "invalidSyntax", "A text of the body is no Unicode: half of a surrogate pair stands alone.");
        }
    }

    /// <summary>Texts are decoded when they are read: what is none shows here, and nowhere later.</summary>
    private static void ReadAllTexts(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject parts:
                parts.ToList().ForEach(p => ReadAllTexts(p.Value));
                break;
            case JsonArray items:
                items.ToList().ForEach(ReadAllTexts);
                break;
            default:
                _ = node?.ToString();
                break;
        }
    }

    /// <summary>The page that was asked for; a page of none is only the count.</summary>
    public static (int Start, int Count) PageOf(HttpRequest request) => (
        int.TryParse(request.Query["startIndex"], NumberStyles.Integer, CultureInfo.InvariantCulture, out var start) ? Math.Max(1, start) : 1,
        int.TryParse(request.Query["count"], NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 0, MostPerPage) : 100);

    private static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        if (!await context.RequestServices.GetRequiredService<ScimTokens>().IsClientAsync(context))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return ScimAnswers.Error(401, null, "A provisioning client's token is missing, unknown or over. Make one with: daylight directory scim-token");
        }

        try
        {
            if (!HttpMethods.IsGet(context.Request.Method))
            {
                await TakeBodyAsync(context);
            }

            // Changes come one after the other: identity providers send many at once, and each is read, changed and written.
            return HttpMethods.IsGet(context.Request.Method) ? await next(invocation)
                : await context.RequestServices.GetRequiredService<DirectoryStore>().InTurnAsync(() => next(invocation).AsTask());
        }
        catch (ScimException e)
        {
            return ScimAnswers.Error(e.Status, e.Type, e.Message);
        }
        catch (FormatException e)
        {
            return ScimAnswers.Error(400, "invalidValue", e.Message);
        }
    }

    /// <summary>All of the body, in memory only, before its turn begins: a slow client keeps nobody waiting.</summary>
    private static async Task TakeBodyAsync(HttpContext context)
    {
        try
        {
            context.Request.EnableBuffering(Callers.MostBody, Callers.MostBody);
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Request.Body.Position = 0;
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new ScimException(413, null, $"A request has at most {Callers.MostBody} bytes.");
        }
    }

    private static IResult ListUsers(HttpContext context, DirectoryRows rows)
    {
        var ((start, count), location) = (PageOf(context.Request), Location(context.Request));
        if (context.Request.Query["filter"].ToString() is not { Length: > 0 } text)
        {
            var (total, page) = rows.List(start - 1, count);
            return ScimAnswers.List(page.Select(p => ScimAnswers.Select(ScimUser.ToJson(p, location), context.Request)), total, start);
        }

        var filter = ScimFilter.Parse(text);
        var found = Candidates(filter, rows).Where(p => !p.Gone).Select(p => ScimUser.ToJson(p, location)).Where(filter.Holds).ToList();
        return ScimAnswers.List(found.Skip(start - 1).Take(count).Select(u => ScimAnswers.Select(u, context.Request)), found.Count, start);
    }

    /// <summary>Who may match a filter: found by index where it asks for equality, else everybody, a page after the other.</summary>
    private static IEnumerable<StoredPerson> Candidates(ScimFilter filter, DirectoryRows rows) =>
        filter.Equal("id") is { } id ? rows.Find(id) is { } one ? [one] : []
        : filter.Equal("userName") is { } userName ? rows.ByUserName(userName)
        : filter.Equal("externalId") is { } external ? rows.ByExternalId(external)
        : (filter.Equal("emails[].value") ?? filter.Equal("emails.value") ?? filter.Equal("emails")) is { } email ? rows.ByEmail(email)
        : Everybody(rows);

    private static IEnumerable<StoredPerson> Everybody(DirectoryRows rows)
    {
        for (var skip = 0; rows.List(skip, 1000).Page is { Count: > 0 } page; skip += page.Count)
        {
            foreach (var person in page)
            {
                yield return person;
            }
        }
    }

    private static IResult GetUser(string id, HttpContext context, DirectoryRows rows) => ScimAnswers.Json(ScimAnswers.Select(ScimUser.ToJson(Find(id, rows), Location(context.Request)), context.Request));

    private static async Task<IResult> CreateUserAsync(HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var body = await BodyAsync(context);
        var wanted = ScimUser.FromJson(body, null, PeopleCsv.NewId(), writer.DefaultZone, writer.Today);
        RefuseTaken(wanted, rows);
        var made = await writer.WriteAsync(wanted);
        var resource = ScimUser.ToJson(made, Location(context.Request));
        context.Response.Headers.Location = $"{Location(context.Request)}/Users/{made.Person.Id}";
        return ScimAnswers.Json(resource, 201);
    }

    private static async Task<IResult> ReplaceUserAsync(string id, HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var before = Find(id, rows);
        return await WriteAsync(context, writer, rows, ScimUser.FromJson(await BodyAsync(context), before, id, writer.DefaultZone, writer.Today));
    }

    private static async Task<IResult> PatchUserAsync(string id, HttpContext context, ScimWriter writer, DirectoryRows rows)
    {
        var before = Find(id, rows);
        var resource = ScimUser.ToJson(before, Location(context.Request));
        var operations = ScimOperation.Read(await BodyAsync(context));
        if (operations.Any(o => o.Touches("name")) && !operations.Any(o => o.Touches("displayName")))
        {
            ScimWriter.PartName(resource); // a new name in parts is meant, where only the parts are sent
        }

        foreach (var operation in operations)
        {
            operation.Apply(resource);
        }

        return await WriteAsync(context, writer, rows, ScimUser.FromJson(resource, before, id, writer.DefaultZone, writer.Today));
    }

    private static async Task<IResult> DeleteUserAsync(string id, ScimWriter writer, DirectoryRows rows)
    {
        var before = Find(id, rows);
        await writer.WriteAsync(before with { Gone = true, Groups = [], Person = before.Person with { Left = before.Person.Left ?? writer.Today } });
        return Results.NoContent();
    }

    private static void RefuseTaken(StoredPerson wanted, DirectoryRows rows)
    {
        if (rows.ByUserName(wanted.UserName).Any(p => p.Person.Id != wanted.Person.Id && !p.Gone))
        {
            throw new ScimException(409, "uniqueness", "There is a user of that userName already.");
        }

        if (wanted.Person.Left is null && rows.ByEmail(wanted.Person.Email).Any(p => p.Person.Id != wanted.Person.Id && p.Person.Left is null))
        {
            throw new ScimException(409, "uniqueness", "There is a user of that email already.");
        }
    }

    private static async Task<IResult> WriteAsync(HttpContext context, ScimWriter writer, DirectoryRows rows, StoredPerson wanted)
    {
        RefuseTaken(wanted, rows);
        return ScimAnswers.Json(ScimUser.ToJson(await writer.WriteAsync(wanted), Location(context.Request)));
    }

    private static StoredPerson Find(string id, DirectoryRows rows) => rows.Find(id) is { Gone: false } found ? found : throw ScimException.NotFound(id);
}

/// <summary>Writes what provisioning clients want, with the team that follows from groups or department.</summary>
internal sealed class ScimWriter(DirectoryStore directory, DirectoryRows rows, DirectoryEditor editor, DirectoryLoop loop, ServerOptions options, TimeProvider time)
{
    public string DefaultZone => options.DefaultZone;

    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Takes a name apart that only parts of are replaced.</summary>
    public static void PartName(JsonObject resource)
    {
        if (resource["name"] is JsonObject name && name["formatted"]?.ToString() is { Length: > 0 } formatted)
        {
            var blank = formatted.LastIndexOf(' ');
            resource["name"] = new JsonObject { ["givenName"] = blank < 0 ? formatted : formatted[..blank], ["familyName"] = blank < 0 ? string.Empty : formatted[(blank + 1)..] };
            resource.Remove("displayName");
        }
    }

    /// <summary>Writes a person.</summary>
    /// <exception cref="FormatException">The row cannot be, by who manages whom.</exception>
    public async Task<StoredPerson> WriteAsync(StoredPerson person)
    {
        if (person.Person.Left is null)
        {
            editor.CheckOne(person.Person);
        }

        return (await WriteAsync([person], [], []))[0];
    }

    /// <summary>Writes people and teams together.</summary>
    public async Task<IReadOnlyList<StoredPerson>> WriteAsync(IReadOnlyCollection<StoredPerson> people, IReadOnlyCollection<Team> teams, IReadOnlyCollection<string> gone)
    {
        var wanted = rows.TeamsAsWanted().Where(t => !gone.Contains(t.Id)).Concat(teams).GroupBy(t => t.Id, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        var made = new List<Team>(teams);
        void Make(Team team)
        {
            if (wanted.TryAdd(team.Id, team))
            {
                made.Add(team);
            }
        }

        IReadOnlyList<StoredPerson> placed = [.. people.Select(p => Place(p, Make))];
        if (made.Count > 0)
        {
            Make(new Team(PeopleCsv.Company, "Company", string.Empty)); // where nothing stands yet, the top of the tree comes along
        }

        await directory.WantAsync(placed, made, gone);
        loop.Wake();
        return placed;
    }

    /// <summary>The last group is the team; of somebody in none, the department.</summary>
    private static StoredPerson Place(StoredPerson person, Action<Team> make)
    {
        if (person.Groups.Count > 0)
        {
            return person with { Person = person.Person with { Team = person.Groups[^1] } };
        }

        if (person.Department.Length == 0)
        {
            return person;
        }

        var id = PeopleCsv.Slug(person.Department) is { Length: > 0 } slug ? slug : throw ScimException.BadValue("A department's name has letters or digits.");
        make(new Team(id, person.Department, PeopleCsv.Company));
        return person with { Person = person.Person with { Team = id } };
    }
}

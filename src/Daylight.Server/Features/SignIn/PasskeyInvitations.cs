using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.SignIn;

/// <summary>
/// From a key file to a passkey: whoever signs with a file invites a browser, the browser makes the passkey, and the file signs for it where it is. The first approvers come to
/// passkeys so. An invitation gives no authority: the two signatures do.
/// </summary>
internal sealed class PasskeyInvitations(IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/passkeys/invitations", InviteAsync).WithSummary("Invites a browser to make a passkey for who signs this call; its code serves for a quarter of an hour").Produces<PasskeyInvitation>();
        routes.MapGet("/api/v1/passkeys/invitations/{code}", WaitingAsync).WithSummary("The passkey that the browser made, as the statement that the inviting key is to sign; 404 until there is one").Produces<SignedStatement>();
        routes.MapPost("/api/v1/passkeys/invitations/{code}", FinishAsync).WithSummary("Registers it, with the inviting key's signature").Accepts<SignedStatement>("application/json").Produces<Recorded>();
    }

    /// <summary>Whose an invitation is; null when it is none, or over.</summary>
    public string? PersonOf(string code) => Find(code)?.Person;

    /// <summary>The browser's part is done: the passkey waits for the inviting key. False when the invitation is over, or was taken.</summary>
    public async Task<bool> MadeAsync(string code, SignedStatement signed, StoredPasskey known)
    {
        if (Find(code) is not { Signed: null } found)
        {
            return false;
        }

        await StoreAsync(code, found with { Signed = signed, Known = known });
        return true;
    }

    private static async Task<IResult> InviteAsync(HttpContext context, Callers callers, PasskeyInvitations invitations, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { Credential.Use: "person" } caller)
        {
            return Problems.NotSignedIn();
        }

        var code = TypedCode.New(16, 4);
        var expires = time.GetUtcNow() + Life;
        await invitations.StoreAsync(code, new Invited(caller.Person, expires));
        return Results.Json(new PasskeyInvitation(code, expires), ProtocolJson.Default.PasskeyInvitation);
    }

    private static async Task<IResult> WaitingAsync(string code, HttpContext context, Callers callers, PasskeyInvitations invitations) => await callers.FindAsync(context) is not { } caller ? Problems.NotSignedIn()
        : invitations.Find(code) is { Signed: { } signed } found && found.Person == caller.Person ? Results.Json(signed, ProtocolJson.Default.SignedStatement)
        : Problems.NotFound("No browser has made a passkey for this invitation yet.");

    private static async Task<IResult> FinishAsync(string code, HttpContext context, Callers callers, PasskeyInvitations invitations, Passkeys passkeys, TransparencyLog log, NoticeStore notices, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        if (invitations.Find(code) is not { Signed: { } waiting, Known: { } known } found || found.Person != caller.Person
            || await Bodies.ReadAsync(context, ProtocolJson.Default.SignedStatement) is not { } signed || signed.Statement != waiting.Statement)
        {
            return Problems.NotFound("No such passkey waits here for your signature.");
        }

        var happened = new CredentialAdded(signed);
        if (log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is { } complaint)
        {
            return Problems.Conflict("That would not stand: " + complaint + ".");
        }

        var entry = (await log.AppendAsync(happened)).Entry.Index;
        await passkeys.KeepAsync(known);
        await invitations.ForgetAsync(code);
        await PasskeyEndpoints.TellAsync(notices, caller.Person, entry);
        return Results.Json(new Recorded(entry), ProtocolJson.Default.Recorded);
    }

    private Invited? Find(string code)
    {
        var hash = HashOf(code);
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM passkey_invitations WHERE hash = @hash AND expires > @now", new { hash, now = Sql.Instant(time.GetUtcNow()) }) is { } box
            ? JsonSerializer.Deserialize(keys.Box.Open(box, "invitation " + hash), InvitedJson.Default.Invited)
            : null;
    }

    private Task StoreAsync(string code, Invited invited)
    {
        var hash = HashOf(code);
        var row = new { hash, box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(invited, InvitedJson.Default.Invited), "invitation " + hash), expires = Sql.Instant(invited.Expires), now = Sql.Instant(time.GetUtcNow()) };
        return writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM passkey_invitations WHERE expires <= @now", row, t);
            c.Execute("INSERT INTO passkey_invitations (hash, sealed, expires) VALUES (@hash, @box, @expires) ON CONFLICT (hash) DO UPDATE SET sealed = excluded.sealed", row, t);
        });
    }

    private Task ForgetAsync(string code) => writer.WriteAsync((c, t) => c.Execute("DELETE FROM passkey_invitations WHERE hash = @hash", new { hash = HashOf(code) }, t));

    private static string HashOf(string code) => Hash.Of(System.Text.Encoding.UTF8.GetBytes(TypedCode.Plain(code))).ToHex();
}

/// <summary>An invitation as it is stored.</summary>
/// <param name="Person">Whose.</param>
/// <param name="Expires">When it is over.</param>
/// <param name="Signed">What the browser's passkey signed, once there is one.</param>
/// <param name="Known">The passkey.</param>
internal sealed record Invited(string Person, DateTimeOffset Expires, SignedStatement? Signed = null, StoredPasskey? Known = null);

/// <summary>Serialization of invitations.</summary>
[JsonSerializable(typeof(Invited))]
internal sealed partial class InvitedJson : JsonSerializerContext;

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.SignIn.Setup;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.SignIn;

/// <summary>
/// Signing in with a passkey, and registering one. Each is a question to the browser and its answer; what was asked travels with the browser, sealed, so that no node has to
/// remember it. The challenge is always the hash of a statement: signing in signs the session's look at oneself.
/// </summary>
internal static class PasskeyEndpoints
{
    private static readonly TimeSpan QuestionLife = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/sign-in/question", AskWhoAsync).WithSummary("Begins signing in with a passkey: the challenge for an address. The answer is the same for an address that nobody has").Accepts<SignInWanted>("application/json").Produces<PasskeyQuestion>();
        routes.MapPost("/api/v1/sign-in", SignInAsync).WithSummary("Signs in with a passkey's assertion: opens a session, and signs looks at oneself for as long").Accepts<PasskeyAnswer>("application/json");
        routes.MapGet("/api/v1/me/passkeys", async (HttpContext context, Callers callers, Passkeys passkeys, TransparencyLog log) => await callers.FindAsync(context) is { } caller
            ? Results.Json<IReadOnlyList<PasskeyView>>([.. passkeys.InForce(caller.Person, log).Select(p => new PasskeyView(Base64Url.EncodeToString(p.RawId), p.Credential, p.Made, p.Copied))], ProtocolJson.Default.IReadOnlyListPasskeyView)
            : Problems.NotSignedIn()).WithSummary("My passkeys in force").Produces<IReadOnlyList<PasskeyView>>();
        routes.MapPost("/api/v1/passkeys/question", BeginAsync).WithSummary("Begins registering a passkey: with a one-time code, or in a session with an old passkey").Accepts<PasskeyWanted>("application/json").Produces<PasskeyQuestion>();
        routes.MapPost("/api/v1/passkeys/made", MadeAsync).WithSummary("Takes the passkey that the browser made; answers what it, and the old one, have to sign").Accepts<PasskeyAnswer>("application/json").Produces<PasskeyQuestion>();
        routes.MapPost("/api/v1/passkeys", RegisterAsync).WithSummary("Registers the passkey, on its signature and that of the one-time code or the old passkey").Accepts<PasskeyAnswer>("application/json").Produces<Recorded>();
    }

    private static async Task<IResult> AskWhoAsync(HttpContext context, DirectoryStore directory, Asks asks, ServerKeys keys, TimeProvider time)
    {
        if (await Bodies.ReadAsync(context, ProtocolJson.Default.SignInWanted) is not { Address: { Length: > 0 and <= 320 } address })
        {
            return Problems.BadRequest("The body is { \"address\": … }: the address that the company's directory has of you.");
        }

        // Somebody whom nobody knows gets a question too, of the same shape: whether an address is in the directory is nobody's to find out here.
        var statement = asks.OfSignIn(directory.Current.ByEmail(address)?.Id ?? PeopleCsv.NewId()).ToBytes();
        return Question(keys, "sign-in", new PasskeyState(time.GetUtcNow() + QuestionLife, statement), statement, []);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, Passkeys passkeys, Callers callers, Tokens tokens, Asks asks, ServerKeys keys, TimeProvider time)
    {
        if (await AnswerAsync(context, keys, "sign-in", time) is not { State: { } state, Answers: [var assertion] } || Statement.TryRead(state.Statement) is not Ask ask)
        {
            return Stale();
        }

        if (await passkeys.SignatureAsync(ask.Asker, state.Statement, assertion, context) is not { } signature
            || await asks.TakeAsync(new SignedStatement(Convert.ToBase64String(state.Statement), [signature])) is not { } signed)
        {
            return Problems.SignInRefused("That passkey does not belong to that address, or is in force no more. Nothing else is said here, to nobody.");
        }

        await callers.NoteSignInAsync(ask.Asker, "passkey");
        var session = await tokens.BeginSessionAsync(context, ask.Asker, "passkey", by: signature.Credential);
        await asks.KeepAsync(signed, session);
        return Results.NoContent();
    }

    private static async Task<IResult> BeginAsync(HttpContext context, Callers callers, Passkeys passkeys, PasskeyInvitations invitations, FirstStart start, Enrollments enrollments, DirectoryStore directory, TransparencyLog log, ServerKeys keys, TimeProvider time)
    {
        if (await Bodies.ReadAsync(context, ProtocolJson.Default.PasskeyWanted) is not { } wanted)
        {
            return Problems.BadRequest("The body is { \"code\": … } with your one-time code, or { } in a session.");
        }

        string person;
        var name = (string?)null;
        var (code, invitation) = ((string?)null, (string?)null);
        if (wanted.Code is { Length: > 0 } shown && start.Invited(shown) is { } approver)
        {
            (person, name, invitation) = (approver.Id, approver.Email, shown);
        }
        else if (wanted.Code is { Length: > 0 } typed && invitations.PersonOf(typed) is { } invited)
        {
            (person, invitation) = (invited, typed);
        }
        else if (wanted.Code is { Length: > 0 } text)
        {
            if (EnrollmentCode.TryParse(text) is not { } first || enrollments.Find(first.KeyHash()) is not { Line: { Use: "person" } line } || log.Read(a => a.HasSigned(line.Person)))
            {
                return Problems.NotFound("No enrollment list has this code for a key to sign with, or it was used. Was it copied whole? A code for a machine is another.");
            }

            (person, code) = (line.Person, text);
        }
        else if (await callers.FindAsync(context) is { } caller)
        {
            if (passkeys.InForce(caller.Person, log).Count == 0)
            {
                return Problems.Forbidden("A further passkey is signed by one that you have. Who signs with a key file runs: daylight credential passkey. Who has neither gets a one-time code, which a root approver makes: daylight credential codes ADDRESS --use person", "credential");
            }

            person = caller.Person;
        }
        else
        {
            return Problems.NotSignedIn();
        }

        var (options, asked) = await passkeys.BeginAsync(person, name ?? directory.Current.Person(person)?.Email ?? person, context);
        return Results.Json(new PasskeyQuestion(keys.Pack("passkey", new PasskeyState(time.GetUtcNow() + QuestionLife, [], person, code, invitation, asked), PasskeyStateJson.Default.PasskeyState), [], []) { Options = JsonDocument.Parse(options).RootElement }, ProtocolJson.Default.PasskeyQuestion);
    }

    private static async Task<IResult> MadeAsync(HttpContext context, Passkeys passkeys, TransparencyLog log, ServerKeys keys, TimeProvider time)
    {
        if (await AnswerAsync(context, keys, "passkey", time) is not { State: { Asked: { } asked, Person: { } person } state, Answers: [var made] })
        {
            return Stale();
        }

        if (await passkeys.MadeAsync(made.GetRawText(), asked, context) is not var (info, credential) || credential is null)
        {
            return Problems.BadRequest("The browser's answer is none to that question, or the passkey is of another kind than ES256.");
        }

        var (root, now) = (log.Read(a => a.RootHash), time.GetUtcNow());
        var statement = (state.Code is { } code
            ? new RegisterCredential(root, now, person, credential.Text, "person", EnrollmentCode.TryParse(code)!.KeyHash())
            : (Statement)new AddCredential(root, now, person, credential.Text)).ToBytes();
        var known = StoredPasskey.Of(person, credential, info);
        return Question(
            keys, "passkey", new PasskeyState(time.GetUtcNow() + QuestionLife, statement, person, state.Code, state.Invitation, null, known), statement,
            [[known.RawId], .. state.Code is null && state.Invitation is null ? (IReadOnlyList<byte[]>[])[[.. passkeys.InForce(person, log).Select(p => p.RawId)]] : []]);
    }

    private static async Task<IResult> RegisterAsync(HttpContext context, Callers callers, Passkeys passkeys, PasskeyInvitations invitations, FirstStart start, Enrollments enrollments, TransparencyLog log, NoticeStore notices, Tokens tokens, ServerKeys keys, TimeProvider time)
    {
        if (await AnswerAsync(context, keys, "passkey", time) is not { State: { Person: { } person, Known: { } known } state, Answers: [var own, ..] answers }
            || Passkeys.CredentialOf(known, context) is not { } credential || Passkeys.Read(own, credential) is not { } proof)
        {
            return Stale();
        }

        var signed = new SignedStatement(Convert.ToBase64String(state.Statement), [proof]);
        if (state.Invitation is { } shown && start.Invited(shown) is { } approver)
        {
            return approver.Id != person || !credential.Signed(state.Statement, proof) ? Stale()
                : await start.TakeAsync(shown, credential, known, context.RequestAborted) is { } root ? Results.Json(new PasskeyWaits($"The trust root stands: its words are {TrustWords.Of(root.Fingerprint)}. Publish them outside Daylight, and sign in."), ProtocolJson.Default.PasskeyWaits, statusCode: StatusCodes.Status202Accepted)
                : Results.Json(new PasskeyWaits("Your passkey is made. The trust root stands as soon as the others have made theirs; then sign in."), ProtocolJson.Default.PasskeyWaits, statusCode: StatusCodes.Status202Accepted);
        }

        if (state.Invitation is { } invitation)
        {
            return credential.Signed(state.Statement, proof) && await invitations.MadeAsync(invitation, signed, known) ? Results.Accepted() : Stale(); // the key file that invited it signs next
        }

        PersonEvent? happened = state.Code is { } code ? WithCode(signed, EnrollmentCode.TryParse(code)!, enrollments)
            : answers is [_, var assertion] && await passkeys.SignatureAsync(person, state.Statement, assertion, context) is { } signature ? new CredentialAdded(signed.With(signature))
            : null;
        if (happened is null || log.Read(a => a.Complaint(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), happened)) is not null)
        {
            return Problems.Conflict("That does not stand: the passkey, and the code or the old passkey, both sign for it, and neither was used before.");
        }

        var entry = (await log.AppendAsync(happened)).Entry.Index;
        await passkeys.KeepAsync(known);
        await TellAsync(notices, person, entry);
        if (state.Code is not null)
        {
            await callers.NoteSignInAsync(person, "passkey");
            await tokens.BeginSessionAsync(context, person, "passkey", by: signed.Signatures[0].Credential);
        }

        return Results.Json(new Recorded(entry), ProtocolJson.Default.Recorded);
    }

    /// <summary>Whose passkey it is learns of it, whoever registered it.</summary>
    internal static Task TellAsync(NoticeStore notices, string person, ulong entry) => notices.TellAsync(
        [person], "credential", $"A passkey was registered for you (entry {entry} of the log). If that was not you, end it under Keys and sessions, and tell a privacy officer at once.", entry);

    private static CredentialRegistered? WithCode(SignedStatement signed, EnrollmentCode code, Enrollments enrollments)
    {
        using var key = code.DeriveKey();
        return enrollments.Find(code.KeyHash()) is { } found ? new CredentialRegistered(signed.With(key), key.Credential.Text, found.Line, found.List, found.Index, found.Proof) : null;
    }

    private static IResult Question(ServerKeys keys, string use, PasskeyState state, byte[] statement, IReadOnlyList<IReadOnlyList<byte[]>> allow) => Results.Json(
        new PasskeyQuestion(keys.Pack(use, state, PasskeyStateJson.Default.PasskeyState), SHA256.HashData(statement), allow), ProtocolJson.Default.PasskeyQuestion);

    private static async Task<(PasskeyState? State, IReadOnlyList<JsonElement> Answers)> AnswerAsync(HttpContext context, ServerKeys keys, string use, TimeProvider time) =>
        await Bodies.ReadAsync(context, ProtocolJson.Default.PasskeyAnswer) is { State: { } text, Answers: { Count: > 0 } answers } && keys.Unpack(use, text, PasskeyStateJson.Default.PasskeyState) is { } state && state.Expires > time.GetUtcNow()
            ? (state, answers)
            : (null, []);

    private static IResult Stale() => Problems.BadRequest("The answer came too late, or belongs to no question: begin again.");
}

/// <summary>What was asked of a browser, as it travels with it, sealed.</summary>
/// <param name="Expires">When it stops serving.</param>
/// <param name="Statement">What is to be signed, canonical bytes.</param>
/// <param name="Person">Whose passkey it is.</param>
/// <param name="Code">The one-time code of an enrollment list, where one is used.</param>
/// <param name="Invitation">The code of a key file's invitation, or of the first start, where one is used.</param>
/// <param name="Asked">What .NET's handler keeps of its question.</param>
/// <param name="Known">The passkey that was made.</param>
internal sealed record PasskeyState(DateTimeOffset Expires, byte[] Statement, string? Person = null, string? Code = null, string? Invitation = null, string? Asked = null, StoredPasskey? Known = null);

/// <summary>Serialization of what was asked.</summary>
[JsonSerializable(typeof(PasskeyState))]
internal sealed partial class PasskeyStateJson : JsonSerializerContext;

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Portal.Layout;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// The portal's buttons in the life of a program. Each makes exactly one statement and brings it through the door that everybody's events come through. Who has a
/// passkey is shown what they sign, and signs it; who has none is told the command; stopping needs no signature.
/// </summary>
internal static class LifeForms
{
    private const int MostText = 2000;

    private static readonly TimeSpan SaidFor = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, (Func<Filled, Statement> Says, Func<SignedStatement, Filled, LogEvent> Is, Func<Filled, string> Command)> Acts = new(StringComparer.Ordinal)
    {
        ["consent-give"] = (f => new GiveConsent(f.Root, f.Now, f.Me, f["program"], f["charter"]), (s, _) => new ConsentGiven(s), f => $"daylight consent give {f["program"]}"),
        ["consent-withdraw"] = (f => new WithdrawConsent(f.Root, f.Now, f.Me, f["program"]), (s, _) => new ConsentWithdrawn(s), f => $"daylight consent withdraw {f["program"]}{(f.Optional("erase") is null ? string.Empty : " --erase --yes")}"),
        ["acknowledge"] = (f => new AcknowledgeNotice(f.Root, f.Now, f.Me, f["program"], f["charter"]), (s, _) => new NoticeAcknowledged(s), f => $"daylight consent acknowledge {f["program"]}"),
        ["object"] = (f => new RaiseObjection(f.Root, f.Now, f.Me, f["program"], f["grounds"]), (s, _) => new ObjectionRaised(s), f => $"daylight objection raise {f["program"]} --grounds \"…\""),
        ["answer"] = (f => new AnswerObjection(f.Root, f.Now, f.Number("objection"), f["outcome"] == "upheld", f["reason"], f["person"], f["program"]), (s, _) => new ObjectionAnswered(s), f => $"daylight objection answer {f["objection"]} --outcome {f["outcome"]} --reason \"…\""),
        ["erase"] = (f => new DestroyKeys(f.Root, f.Now, f.Me, [f["program"]], "self", "erased by the person"), (s, _) => new KeysDestroyed(s), f => $"daylight erase me --program {f["program"]} --yes"),
        ["erase-for"] = (f => new DestroyKeys(f.Root, f.Now, f["person"], [f["program"]], DestroyKeys.OfficerRole, f["reason"]), (s, _) => new KeysDestroyed(s), f => $"daylight erase {f["address"]} --program {f["program"]} --reason \"…\" --yes"),
        ["key-end"] = (f => new RevokeCredential(f.Root, f.Now, f.Me, f["credential"], f["reason"]), (s, _) => new CredentialRevoked(s), f => $"daylight credential revoke {f["credential"]} --reason \"…\""),
        ["propose"] = (f => new ProposeCharter(f.Root, f.Now, f.Program(), Authority.CharterHash(f.Lines("text"))), (s, f) => new CharterProposed(s, f.Lines("text")), _ => "daylight program propose FILE"),
        ["approve"] = (f => new ApproveCharter(f.Root, f.Now, f["program"], f["charter"], f["role"], f.Read()), (s, _) => new CharterApproved(s), f => $"daylight program approve {f["program"]} --role {f["role"]} --charter FILE"),
        ["refuse"] = (f => new RefuseCharter(f.Root, f.Now, f["program"], f["charter"], f["role"], f["reason"]), (s, _) => new CharterRefused(s), f => $"daylight program refuse {f["program"]} --role {f["role"]} --reason \"…\""),
        ["activate"] = (f => new ActivateCharter(f.Root, f.Now, f["program"], f["charter"]), (s, _) => new CharterActivated(s), f => $"daylight program activate {f["program"]}"),
        ["end"] = (f => new EndCharter(f.Root, f.Now, f["program"], f["charter"], f["role"], f["reason"]), (s, _) => new CharterEnded(s), f => $"daylight program end {f["program"]} --role {f["role"]} --reason \"…\""),
        ["review-sign"] = (f => new SignReview(f.Root, f.Now, f["program"], f.Number("review"), f["report"], f["role"]), (s, _) => new ReviewSigned(s), f => $"daylight review sign {f["program"]} --role {f["role"]}"),
        ["review-report"] = (f => new ReportReview(f.Root, f.Now, f["program"], f.Number("review"), f.Report().Digest(), f["role"]), (s, f) => new ReviewReported(s, f.Report()), f => $"daylight review report {f["program"]} --file FILE --role {f["role"]}"),
        ["review-close"] = (f => new CloseReview(f.Root, f.Now, f["program"], f.Number("review"), f["role"], f["outcome"], f["finding"]), (s, _) => new ReviewClosed(s), f => $"daylight review close {f["program"]} --outcome {f["outcome"]} --finding \"…\" --role {f["role"]}"),
        ["resume"] = (f => new ResumeProgram(f.Root, f.Now, f["program"], f.Number("pause"), f.Number("review"), f["role"]), (s, _) => new ProgramResumed(s), f => $"daylight resume {f["program"]} --role {f["role"]}"),
        ["role-review"] = (f => new ReviewRole(f.Root, f.Now, f.Number("review"), f["person"], f["role"], f.Number("granted"), f["outcome"], f.Day("until"), f["as"], f.Optional("scope")), (s, _) => new RoleReviewed(s), f => $"daylight access-review {f["outcome"]} role-{f["granted"]}"),
        ["rule-review"] = (f => new ReviewRule(f.Root, f.Now, f.Number("review"), f["program"], f["charter"], f["rule"], f["outcome"], f["as"]), (s, _) => new RuleReviewed(s), f => $"daylight access-review {f["outcome"]} {f["program"]}/{f["rule"]}"),
        ["case-open"] = (f => new OpenCase(f.Root, f.Now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), f.Me, f["person"], f.Many("program"), f["rule"], f.Day("from"), f.Day("to"), f.Day("until"), DateOnly.FromDateTime(f.Now.UtcDateTime).AddDays(f.Days("tell")), f["reason"], f.Optional("hold") is not null), (s, _) => new CaseOpened(s), f => $"daylight case open {f["address"]} --program {f.Many("program")[0]} --from {f["from"]} --to {f["to"]} --until {f["until"]} --tell {f["tell"]} --reason \"…\""),
        ["case-approve"] = (f => new ApproveCase(f.Root, f.Now, f["case"], f["role"]), (s, _) => new CaseApproved(s), f => $"daylight case approve {f["case"]} --role {f["role"]}"),
        ["case-close"] = (f => new CloseCase(f.Root, f.Now, f["case"], f["role"], f["reason"], f.Numbers("look")), (s, _) => new CaseClosed(s), f => $"daylight case close {f["case"]} --role {f["role"]} --reason \"…\""),
        ["incident-note"] = (f => new NoteIncident(f.Root, f.Now, f["incident"], f["step"], f["text"], f["role"]), (s, _) => new IncidentNoted(s), f => $"daylight incident note {f["incident"]} --step {f["step"]} --text \"…\""),
        ["incident-open"] = (f => new OpenIncident(f.Root, f.Now, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), f["what"], f.Instant("since"), f.Now, f.Many("program"), f["facts"], f["role"]), (s, _) => new IncidentOpened(s), f => $"daylight incident open --program {f["program"]} --what \"…\" --since …"),
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapForm("/act/{what}", ActAsync);
        routes.MapForm("/export", () => Results.LocalRedirect("/api/v1/me/export")); // a person's own export is asked for with a form, so that no other site can have it made
    }

    private static async Task<IResult> ActAsync(string what, HttpContext context, Callers callers, EventDoor door, IncidentBook incidents, DirectoryStore directory, Passkeys passkeys, Tokens tokens, TransparencyLog log, ServerOptions options, TimeProvider time)
    {
        if (await callers.FindAsync(context) is not { } caller)
        {
            return Problems.NotSignedIn();
        }

        var filled = new Filled(await context.Request.ReadFormAsync(context.RequestAborted), log.Read(a => a.RootHash), caller.Person, time.GetUtcNow());
        var outcome = await DoAsync(what, filled, caller, callers, incidents, directory, new Signing(context, door, passkeys, tokens, log, options));
        if (outcome.ToSign is { } page)
        {
            return page;
        }

        if (!outcome.Done && filled.Written.Count > 0)
        {
            return new RazorComponentResult<Mend>(new { What = what, filled.Label, filled.Back, Why = outcome.Text, filled.Held, filled.Written })
            {
                StatusCode = StatusCodes.Status422UnprocessableEntity,
            };
        }

        context.Response.Cookies.Append(Portal.PortalApi.Said, Portal.PortalApi.Tell(outcome.Done, outcome.Text), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/", MaxAge = SaidFor });
        return Results.LocalRedirect(filled.Back);
    }

    private static async Task<Outcome> DoAsync(string what, Filled filled, Caller caller, Callers callers, IncidentBook incidents, DirectoryStore directory, Signing by)
    {
        try
        {
            return what switch
            {
                "pause" => Said(await by.Door.BringAsync(caller, new ProgramPaused(filled["program"], filled["reason"], filled.Now), by.Context.RequestAborted)),
                "review-open" => Said(await by.Door.BringAsync(caller, new ReviewOpened(filled["program"], filled["charter"], DateOnly.FromDateTime(filled.Now.UtcDateTime).AddDays(30), filled.Number("pause")), by.Context.RequestAborted)),
                "consent-withdraw" when filled.Optional("erase") is not null && await SignAsync(what, filled, caller, by) is var no => no.Done && await SignAsync("erase", filled, caller, by) is var erased
                    ? erased with { Text = $"{no.Text} {erased.Text}" }
                    : no,
                "erase-for" => callers.RolesOf(caller.Person).Contains(DestroyKeys.OfficerRole) && directory.Current.ByEmail(filled["address"]) is { } person
                    ? await SignAsync(what, filled.With("person", person.Id), caller, by)
                    : Nothing(Say("For somebody else a privacy-officer erases, and there must be somebody of that address in the directory.")),
                "case-open" => callers.RolesOf(caller.Person).Count > 0 && directory.Current.ByEmail(filled["address"]) is { } subject
                    ? await SignAsync(what, filled.With("person", subject.Id), caller, by)
                    : Nothing(Say("A case is asked for by who holds a role, and there must be somebody of that address in the directory.")),
                "incident-open" when callers.RolesOf(caller.Person).Any(OpenIncident.Roles.Contains) => await SignAsync(what, filled.With("facts", (await incidents.ComputeAsync(new IncidentAsked(filled.Instant("since"), filled.Many("program")))).Digest), caller, by),
                "incident-open" => Nothing(Say("The breach register is kept by privacy-officer and security.")),
                _ => await SignAsync(what, filled, caller, by),
            };
        }
        catch (FormatException e)
        {
            return Nothing(e.Message);
        }
    }

    /// <summary>With a passkey: the first time the page that shows what is to be signed, the second time its signature.</summary>
    private static async Task<Outcome> SignAsync(string what, Filled filled, Caller caller, Signing by)
    {
        if (!Acts.TryGetValue(what, out var act))
        {
            return Nothing(Say("There is no such button."));
        }

        var (says, cancel) = (act.Says(filled), by.Context.RequestAborted);
        if (by.Options.StandIn?.KeyOf(caller.Person) is { } key)
        {
            // The demo holds its personas' credentials and says so on every page. Anybody else signs where their key is.
            return Said(await by.Door.BringAsync(caller, act.Is(SignedStatement.Sign(says, key), filled), cancel));
        }

        if (by.Passkeys.InForce(caller.Person, by.Log) is not { Count: > 0 } passkeys)
        {
            return Nothing(Say("This takes your signature, and you have no passkey here. Register one under Keys and sessions, or sign it with: {0} --server URL --key FILE", act.Command(filled)));
        }

        // What counts is the statement that was shown and signed; it must be of this button's kind.
        if (filled.Signed is not var (statement, assertion) || Statement.TryRead(statement)?.GetType() != says.GetType())
        {
            return new Outcome(false, string.Empty, Page(what, filled, says.ToBytes(), passkeys));
        }

        if (await by.Passkeys.SignatureAsync(caller.Person, statement, assertion, by.Context) is not { } signature)
        {
            return Nothing(Say("That is no signature of a passkey of yours over what was shown."));
        }

        var session = await by.Tokens.FindAsync(by.Context);
        var outcome = Said(await by.Door.BringAsync(caller, act.Is(new SignedStatement(Convert.ToBase64String(statement), [signature]), filled), cancel));
        if (outcome.Done && session is { Held.By: { } began } known && began == filled.Optional("credential") && began != signature.Credential)
        {
            // The passkey that began this session was just ended with another one, which was at hand this very moment.
            await by.Tokens.GoOnAsync(known, signature.Credential);
        }

        return outcome;
    }

    private static RazorComponentResult<Sign> Page(string what, Filled filled, byte[] statement, IReadOnlyList<StoredPasskey> passkeys) => ToSign("/act/" + what, filled.Label, filled.Back, statement, passkeys, filled.Fields);

    /// <summary>A passkey's answer, as the page that has it sign sends it; null where there is none.</summary>
    internal static JsonElement? AssertionIn(IFormCollection form)
    {
        try
        {
            return form["assertion"].ToString() is { Length: > 0 } text ? JsonDocument.Parse(text).RootElement : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The page that shows a statement, and has a passkey sign it.</summary>
    /// <param name="action">Form that takes what was signed.</param>
    /// <param name="label">What is done with it.</param>
    /// <param name="back">Page that it was on.</param>
    /// <param name="statement">Canonical bytes.</param>
    /// <param name="passkeys">Those that may sign.</param>
    /// <param name="fields">What goes along.</param>
    internal static RazorComponentResult<Sign> ToSign(string action, string label, string back, byte[] statement, IReadOnlyList<StoredPasskey> passkeys, IReadOnlyList<(string Name, string Value)> fields)
    {
        using var json = JsonDocument.Parse(statement);
        List<(string, string)> says = [.. json.RootElement.EnumerateObject().Select(m => (m.Name, m.Value.ValueKind == JsonValueKind.String ? m.Value.GetString()! : m.Value.GetRawText()))];
        var allow = JsonSerializer.Serialize<IReadOnlyList<string>>([.. passkeys.Select(p => System.Buffers.Text.Base64Url.EncodeToString(p.RawId))], ProtocolJson.Default.IReadOnlyListString);
        return new RazorComponentResult<Sign>(new { Action = action, Label = label, Back = back, Statement = Convert.ToBase64String(statement), Says = (IReadOnlyList<(string, string)>)says, Allow = allow, Fields = fields });
    }

    private static Outcome Said(Brought brought) => brought switch
    {
        Brought.Done done => new(true, Say("Done: entry {0} of the log.", done.Entry) + (done.Says is { } more ? " " + Again(more) : string.Empty)),
        Brought.Unreadable bad => Nothing(bad.Why),
        Brought.Forbidden forbidden => Nothing(forbidden.Why),
        Brought.Refused refused => Nothing(refused.Why),
        _ => throw new InvalidOperationException("Brought is closed."),
    };

    private static Outcome Nothing(string why) => new(false, Say("Nothing was done. {0}", Again(why)));


    private sealed record Outcome(bool Done, string Text, IResult? ToSign = null);

    /// <summary>What signing takes.</summary>
    private sealed record Signing(HttpContext Context, EventDoor Door, Passkeys Passkeys, Tokens Tokens, TransparencyLog Log, ServerOptions Options);

    /// <summary>A form as it was filled in, with who filled it in.</summary>
    /// <exception cref="FormatException">A field is missing, too long, or not what it should be.</exception>
    private sealed record Filled(IFormCollection Form, string Root, string Me, DateTimeOffset Now)
    {
        private readonly Dictionary<string, string> more = new(StringComparer.Ordinal);

        /// <summary>Page that it was on.</summary>
        public string Back => Forms.BackOf(Form);

        /// <summary>What its button says.</summary>
        public string Label => Form["label"].ToString() is { Length: > 0 and <= MostText } label ? label : Say("Send it again");

        /// <summary>Everything that was sent, but what a passkey signed.</summary>
        public IReadOnlyList<(string Name, string Value)> Fields => All(Form.Keys.Except(["statement", "assertion", "__RequestVerificationToken"], StringComparer.Ordinal));

        /// <summary>The statement that was shown, and a passkey's answer to its hash; null where there is none yet.</summary>
        public (byte[] Statement, JsonElement Assertion)? Signed =>
            Form["statement"].ToString() is { Length: > 0 } statement && AssertionIn(Form) is { } assertion ? (Convert.FromBase64String(statement), assertion) : null;

        /// <summary>What the page said by itself.</summary>
        public IReadOnlyList<(string Name, string Value)> Held => All(Form["held"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries));

        /// <summary>What a person wrote or chose.</summary>
        public IReadOnlyList<(string Name, string Value)> Written => All(Form.Keys.Except([.. Held.Select(f => f.Name), "back", "label", "held", "statement", "assertion", "__RequestVerificationToken"], StringComparer.Ordinal));

        public string this[string name] => Optional(name) ?? throw new FormatException(Say("something is missing: {0}.", name));

        public Filled With(string name, string value)
        {
            more[name] = value;
            return this;
        }

        public string? Optional(string name) => more.TryGetValue(name, out var set) ? set
            : Form[name].ToString().Trim() is { Length: > 0 } text ? text.Length <= (name == "text" ? CharterReader.MaxLength : MostText) ? text : throw new FormatException(Say("{0} is too long.", name)) : null;

        private List<(string, string)> All(IEnumerable<string> names) => [.. names.SelectMany(name => Form[name].Select(value => (name, value ?? string.Empty)))];

        public IReadOnlyList<string> Many(string name)
        {
            List<string> all = [.. Form[name].Select(v => v?.Trim() ?? string.Empty).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal)];
            return all.Count > 0 ? all : throw new FormatException(Say("something is missing: {0}.", name));
        }

        // Browsers send a line break as two characters; what is signed has one.
        public string Lines(string name) => Form[name].ToString().ReplaceLineEndings("\n") is { Length: > 0 } text ? text : throw new FormatException(Say("something is missing: {0}.", name));

        public string Program() => CharterReader.Read(Lines("text"), "charter") switch
        {
            CharterReading.Good good => good.Charter.Program,
            CharterReading.Bad bad => throw new FormatException(string.Join("\n", bad.Problems)),
            _ => throw new FormatException(Say("this is a template: its days are dates first (daylight charter fix).")),
        };

        public ulong Number(string name) => ulong.TryParse(this[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException(Say("{0} is not a number.", name));

        /// <summary>A number of days, as many as a person may wait to be told at the most.</summary>
        public int Days(string name) => Number(name) is <= OpenCase.MostDays and var days ? (int)days : throw new FormatException(Say("{0} is too long.", name));

        /// <summary>Numbers that the page knows; there may be none.</summary>
        public IReadOnlyList<ulong> Numbers(string name) => [.. Form[name].Select(v => ulong.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException(Say("{0} is not a number.", name)))];

        public DateOnly Day(string name) => DateOnly.TryParseExact(this[name], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw new FormatException(Say("{0} is not a day.", name));

        public DateTimeOffset Instant(string name) => DateTimeOffset.TryParse(this[name], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : throw new FormatException(Say("{0} is not a time.", name));

        /// <summary>What the page showed of the exposure; what is signed is exactly that.</summary>
        public ExposureRead Read()
        {
            try
            {
                return JsonSerializer.Deserialize(Convert.FromBase64String(this["read"]), ProtocolJson.Default.ExposureRead) ?? throw new FormatException(Say("what was read is missing."));
            }
            catch (JsonException e)
            {
                throw new FormatException(Say("what was read cannot be understood: reload the page."), e);
            }
        }

        public ReviewReport Report() => new(this["summary"], [new ReviewFinding(this["what"], this["fix"], new NegativeTest(this["tried"], this["refused"], Optional("output") ?? string.Empty))]);
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;
using Daylight.Tests.Sealing;

namespace Daylight.Tests.Server;

/// <summary>Registering a passkey and signing in with it, with an authenticator that may lie, through .NET's WebAuthn, the log's rules and the keyholder.</summary>
public sealed class PasskeySignInTests : IAsyncLifetime
{
    private const string Portal = "http://localhost:8080";

    private readonly TestPasskey passkey = new(Portal);
    private TestCompany company = null!;
    private string? session;

    public async ValueTask InitializeAsync() => company = await TestCompany.StartAsync();

    [Fact]
    public async Task a_code_registers_the_first_passkey_and_it_signs_in_and_opens_ones_own_records()
    {
        using var device = await company.EnrollDeviceAsync("dora");
        await RegisterAsync(passkey);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/api/v1/me")).StatusCode); // registering opened a session
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("/api/v1/me/records")).StatusCode); // which opens nothing
        Assert.Equal(HttpStatusCode.NoContent, (await SignInAsync(passkey)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/api/v1/me/records")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/api/v1/me/submissions")).StatusCode);
        company.Clock.Now += Ask.SelfLife + TimeSpan.FromMinutes(1);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task an_assertion_signs_in_once_and_only_whose_it_is()
    {
        await RegisterAsync(passkey);
        var (state, challenge) = await QuestionAsync(Address);
        var answer = Answer(state, passkey.AssertJson(challenge));
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync("/api/v1/sign-in", answer)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/api/v1/sign-in", answer)).StatusCode);
        (state, challenge) = await QuestionAsync("anna@test.example");
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/api/v1/sign-in", Answer(state, passkey.AssertJson(challenge)))).StatusCode);
        (state, _) = await QuestionAsync(Address);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("/api/v1/sign-in", Answer(state, passkey.AssertJson(challenge)))).StatusCode); // another question's
        passkey.Page = "https://evil.example";
        Assert.Equal(HttpStatusCode.Unauthorized, (await SignInAsync(passkey)).StatusCode);
    }

    [Fact]
    public async Task an_address_that_nobody_has_is_answered_like_any_other()
    {
        await RegisterAsync(passkey);
        var known = await (await PostAsync("/api/v1/sign-in/question", Json(Address))).Content.ReadAsStringAsync();
        var unknown = await (await PostAsync("/api/v1/sign-in/question", Json("nobody@test.example"))).Content.ReadAsStringAsync();
        Assert.Equal(known.Length, unknown.Length);
        var (state, challenge) = await QuestionAsync("nobody@test.example");
        var refused = await PostAsync("/api/v1/sign-in", Answer(state, passkey.AssertJson(challenge)));
        using var stranger = new TestPasskey(Portal);
        (state, challenge) = await QuestionAsync(Address);
        var other = await PostAsync("/api/v1/sign-in", Answer(state, stranger.AssertJson(challenge)));
        Assert.Equal((other.StatusCode, await other.Content.ReadAsStringAsync()), (refused.StatusCode, await refused.Content.ReadAsStringAsync()));

        static string Json(string address) => $$"""{"address":"{{address}}"}""";
    }

    [Fact]
    public async Task a_further_passkey_is_signed_by_the_old_one_and_a_code_serves_once()
    {
        await RegisterAsync(passkey);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("/api/v1/passkeys/question", Code)).StatusCode);
        using var second = new TestPasskey(Portal);
        using var thief = new TestPasskey(Portal);
        Assert.Equal(HttpStatusCode.Conflict, (await AddAsync(second, old: thief)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AddAsync(second, old: passkey)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await SignInAsync(second)).StatusCode);
        Assert.Contains(await NoticesAsync(), n => n.GetProperty("text").GetString()!.Contains("passkey was registered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task sessions_end_with_the_passkey_that_began_them_and_no_others_do()
    {
        await RegisterAsync(passkey);
        using var second = new TestPasskey(Portal);
        await AddAsync(second, old: passkey);
        var byFirst = session;
        session = null;
        Assert.Equal(HttpStatusCode.NoContent, (await SignInAsync(second)).StatusCode);
        using var sessions = await ReadAsync(await GetAsync("/api/v1/me/tokens"));
        Assert.Equal(2, sessions.RootElement.GetArrayLength());

        var first = company.Part<TransparencyLog>().Read(a => a.Credentials.First(c => c.Value.Person == company.Id("dora") && c.Value.Key.Text == passkey.Credential.Text).Key);
        var revoke = SignedStatement.Sign(new RevokeCredential(company.Root.Fingerprint, company.Clock.Now, company.Id("dora"), first.Value, "Lost."), company.KeyOf("officer"), company.KeyOf("council"));
        await company.SubmitAsync("officer", new CredentialRevoked(revoke));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/api/v1/me")).StatusCode);
        using var left = await ReadAsync(await GetAsync("/api/v1/me/tokens"));
        Assert.Equal(1, left.RootElement.GetArrayLength());
        session = byFirst;
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task who_lost_every_key_is_told_of_a_promised_one_which_signs_after_the_wait()
    {
        using var key = CredentialKey.Create();
        var dora = company.Id("dora");
        var promise = new PromiseCredential(company.Root.Fingerprint, company.Clock.Now, dora, key.Credential.Text, "Telephone lost.");
        var index = await company.SubmitAsync("officer", new CredentialPromised(SignedStatement.Sign(promise, company.KeyOf("officer"), company.KeyOf("council"))));
        var anna = company.As("anna"); // who brings it does not matter
        var taken = new CredentialRestored(SignedStatement.Sign(new TakeCredential(company.Root.Fingerprint, company.Clock.Now, dora, index), key));
        Assert.Contains("waits until", (await TakeAsync()).Problem!.Detail, StringComparison.Ordinal);
        company.Clock.Now += TimeSpan.FromDays(PromiseCredential.WaitDays + 1);
        (await TakeAsync()).OrThrow();
        var notices = (await ApiClient.WithCredential(company.Http, key, company.Root.Fingerprint, company.Clock).GetAsync("/api/v1/me/notices", ProtocolJson.Default.IReadOnlyListNoticeView, default)).OrThrow();
        Assert.Contains(notices, n => n.Kind == "credential-promised" && n.Text.Contains(key.Credential.Id.Value, StringComparison.Ordinal));
        Assert.Contains(notices, n => n.Kind == "credential");

        Task<ApiResult<Recorded>> TakeAsync() => anna.PostAsync("/api/v1/events", new SubmitEvent(taken), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, default);
    }

    [Fact]
    public async Task what_is_no_answer_is_refused_and_breaks_nothing()
    {
        var (state, _) = await QuestionAsync(Address);
        foreach (var answer in (string[])["null", "7", "\"x\"", "[]", "{}", """{"response":7}""", """{"id":"eA","rawId":"eA","type":"public-key","clientExtensionResults":{},"response":{"authenticatorData":"!","clientDataJSON":"e30","signature":"eA"}}"""])
        {
            Assert.Equal((answer, HttpStatusCode.Unauthorized), (answer, (await PostAsync("/api/v1/sign-in", Answer(state, answer))).StatusCode));
            using var options = await ReadAsync(await PostAsync("/api/v1/passkeys/question", Code));
            Assert.Equal((answer, HttpStatusCode.BadRequest), (answer, (await PostAsync("/api/v1/passkeys/made", Answer(StateOf(options), answer))).StatusCode));
            Assert.Equal((answer, HttpStatusCode.BadRequest), (answer, (await PostAsync("/api/v1/passkeys", Answer(StateOf(options), answer))).StatusCode));
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/api/v1/sign-in", Answer("AAAA", "{}"))).StatusCode);
        company.Clock.Now += TimeSpan.FromMinutes(6);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("/api/v1/sign-in", Answer(state, "{}"))).StatusCode); // too late
    }

    [Fact]
    public async Task machines_believe_what_approvers_sign_with_keys_that_came_later()
    {
        var root = company.Root.Fingerprint;
        var add = new AddCredential(root, company.Clock.Now, company.Id("officer"), passkey.Credential.Text);
        await company.SubmitAsync("officer", new CredentialAdded(SignedStatement.Sign(add, company.KeyOf("officer")).With(passkey.Sign(add.ToBytes()))));
        using var second = CredentialKey.Create();
        add = new AddCredential(root, company.Clock.Now, company.Id("officer"), second.Credential.Text);
        await company.SubmitAsync("officer", new CredentialAdded(passkey.Sign(add).With(second)));

        // A charter that a passkey approved, and a list that a further key signed.
        var yaml = TestCompany.Charter(program: "another");
        var (hash, now) = (Authority.CharterHash(yaml), company.Clock.Now);
        await company.SubmitAsync("owner", new CharterProposed(SignedStatement.Sign(new ProposeCharter(root, now, "another", hash), company.KeyOf("owner")), yaml));
        await company.SubmitAsync("officer", new CharterApproved(passkey.Sign(new ApproveCharter(root, now, "another", hash, "privacy-officer", await company.ReadAsync("officer", new ChangeWanted(Charter: hash))))));
        await company.SubmitAsync("council", new CharterApproved(SignedStatement.Sign(new ApproveCharter(root, now, "another", hash, "works-council", await company.ReadAsync("council", new ChangeWanted(Charter: hash))), company.KeyOf("council"))));
        await company.SubmitAsync("owner", new CharterActivated(SignedStatement.Sign(new ActivateCharter(root, now, "another", hash), company.KeyOf("owner"))));
        var codes = await company.Server.Founding().EnrollAsync([company.Id("dora")], "device", second);
        using var device = (await Daylight.Agent.Trust.Enrollment.RegisterAsync(company.Http, codes[company.Id("dora")].ToString(), "device", null, company.Clock, default)).Key;
        Assert.Contains("another", (await company.BundleAsync("dora", device)).InForce.Select(h => h == hash ? "another" : h));
    }

    [Fact]
    public async Task another_sites_page_sends_nothing_and_a_session_is_no_token()
    {
        await RegisterAsync(passkey);
        var from = await PostAsync("/api/v1/passkeys/question", "{}", origin: "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, from.StatusCode);
        foreach (var (site, allowed) in new[] { ("cross-site", false), ("same-site", false), ("same-origin", true) })
        {
            using var form = new HttpRequestMessage(HttpMethod.Post, "/sign-out") { Headers = { { "Sec-Fetch-Site", site }, { "Origin", "null" } } };
            Assert.Equal(allowed, (await SendAsync(form)).StatusCode != HttpStatusCode.Forbidden);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/me") { Headers = { { "Authorization", "Bearer " + session!.Split('=')[1] } } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await company.Http.SendAsync(request)).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        passkey.Dispose();
        await company.DisposeAsync();
    }

    private string Address => company.People.First(p => p.Name == "dora").Email;

    private string Code => $$"""{"code":"{{company.PersonCode("dora")}}"}""";

    private async Task RegisterAsync(TestPasskey made)
    {
        using var options = await ReadAsync(await PostAsync("/api/v1/passkeys/question", Code));
        var challenge = options.RootElement.GetProperty("options").GetProperty("challenge").GetString()!;
        made.Handle = options.RootElement.GetProperty("options").GetProperty("user").GetProperty("id").GetString()!;
        using var prove = await ReadAsync(await PostAsync("/api/v1/passkeys/made", Answer(StateOf(options), made.AttestJson(System.Buffers.Text.Base64Url.DecodeFromChars(challenge)))));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/v1/passkeys", Answer(StateOf(prove), made.AssertJson(ChallengeOf(prove))))).StatusCode);
    }

    private async Task<HttpResponseMessage> AddAsync(TestPasskey made, TestPasskey old)
    {
        using var options = await ReadAsync(await PostAsync("/api/v1/passkeys/question", "{}"));
        var challenge = options.RootElement.GetProperty("options").GetProperty("challenge").GetString()!;
        made.Handle = options.RootElement.GetProperty("options").GetProperty("user").GetProperty("id").GetString()!;
        using var prove = await ReadAsync(await PostAsync("/api/v1/passkeys/made", Answer(StateOf(options), made.AttestJson(System.Buffers.Text.Base64Url.DecodeFromChars(challenge)))));
        return await PostAsync("/api/v1/passkeys", Answer(StateOf(prove), made.AssertJson(ChallengeOf(prove)), old.AssertJson(ChallengeOf(prove))));
    }

    private async Task<HttpResponseMessage> SignInAsync(TestPasskey with)
    {
        var (state, challenge) = await QuestionAsync(Address);
        return await PostAsync("/api/v1/sign-in", Answer(state, with.AssertJson(challenge)));
    }

    private async Task<(string State, byte[] Challenge)> QuestionAsync(string address)
    {
        using var question = await ReadAsync(await PostAsync("/api/v1/sign-in/question", $$"""{"address":"{{address}}"}"""));
        return (StateOf(question), ChallengeOf(question));
    }

    private async Task<IReadOnlyList<JsonElement>> NoticesAsync()
    {
        using var notices = await ReadAsync(await GetAsync("/api/v1/me/notices"));
        return [.. notices.RootElement.EnumerateArray().Select(n => n.Clone())];
    }

    private static string StateOf(JsonDocument question) => question.RootElement.GetProperty("state").GetString()!;

    private static byte[] ChallengeOf(JsonDocument question) => question.RootElement.GetProperty("challenge").GetBytesFromBase64();

    private static string Answer(string state, params string[] answers) => $$"""{"state":"{{state}}","answers":[{{string.Join(',', answers)}}]}""";

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text);
    }

    private Task<HttpResponseMessage> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    private Task<HttpResponseMessage> PostAsync(string path, string json, string origin = Portal)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Origin", origin);
        return SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        request.Headers.Host = "localhost:8080";
        if (session is not null)
        {
            request.Headers.Add("Cookie", session);
        }

        var answer = await company.Http.SendAsync(request);
        if (answer.Headers.TryGetValues("Set-Cookie", out var set) && set.FirstOrDefault(c => c.StartsWith("__Host-daylight-session=", StringComparison.Ordinal)) is { } cookie)
        {
            Assert.Contains("; path=/; secure; samesite=strict; httponly", cookie, StringComparison.OrdinalIgnoreCase);
            session = cookie.Split(';')[0];
        }

        return answer;
    }
}

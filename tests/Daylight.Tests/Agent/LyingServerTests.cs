using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Agent;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;

namespace Daylight.Tests.Agent;

/// <summary>A server that is slow, that lies, that shows what it showed before, that is rolled back or has other keys: nothing is sent, nothing is lost, and the page says why.</summary>
public sealed class LyingServerTests : IAsyncLifetime
{
    private readonly Meddler server = new();
    private TestCompany company = null!;
    private AgentHost agent = null!;
    private HttpClient http = null!;

    public async ValueTask InitializeAsync()
    {
        company = await TestCompany.StartCopyAsync();
        var port = Ports.Free();
        agent = await company.StartAgentAsync("anna", port, between: server.Before);
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.True((await agent.FlushAsync(default)).Ok);
        await SeeAsync("08:00:00");
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await agent.DisposeAsync();
        await company.DisposeAsync();
    }

    [Fact]
    public async Task what_was_shown_before_is_not_believed_once_it_is_stale()
    {
        var shown = await server.RecordAsync(company, "/api/v1/agent/bundle");
        company.Clock.Now = company.Clock.Now.AddMinutes(16);
        server.Answer = (path, _) => path.StartsWith("/api/v1/agent/bundle", StringComparison.Ordinal) ? Json(shown with { Consistency = [] }) : null;
        await RefusesAsync("no fresh statement of the keyholder");
    }

    [Fact]
    public async Task a_log_that_is_shorter_than_before_is_a_rolled_back_one()
    {
        var shown = await server.RecordAsync(company, "/api/v1/agent/bundle");
        await company.EnrollDeviceAsync("cleo"); // the log grows
        Assert.True((await agent.FlushAsync(default)).Ok);
        await SeeAsync("08:10:00");
        server.Answer = (path, _) => path.StartsWith("/api/v1/agent/bundle", StringComparison.Ordinal) ? Json(shown) : null;
        await RefusesAsync("rewritten or rolled back");
    }

    [Fact]
    public async Task another_companys_server_with_another_log_and_another_keyholder_gets_nothing()
    {
        await using var other = await TestCompany.StartAnotherAsync();
        var device = await other.EnrollDeviceAsync("anna");
        var theirs = (await ApiClient.WithCredential(other.Http, device, other.Root.Fingerprint, other.Clock).GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, default)).OrThrow();
        server.Answer = (path, _) => path.StartsWith("/api/v1/agent/bundle", StringComparison.Ordinal) ? Json(theirs) : null;
        await RefusesAsync("not signed by the pinned log");
    }

    [Fact]
    public async Task a_key_that_the_keyholder_did_not_sign_for_this_person_is_not_sealed_to()
    {
        var bens = await company.EnrollDeviceAsync("ben");
        var his = (await ApiClient.WithCredential(company.Http, bens, company.Root.Fingerprint, company.Clock).GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, default)).OrThrow();
        server.Change = (bundle, _) => bundle with { Keys = his.Keys };
        await RefusesAsync("no fresh key statement of the keyholder");
    }

    [Fact]
    public async Task approvals_that_are_left_out_leave_no_program()
    {
        server.Change = (bundle, _) => bundle with { Evidence = [.. bundle.Evidence.Take(bundle.Evidence.Count - 2), .. bundle.Evidence.Skip(bundle.Evidence.Count - 1)] };
        await RefusesAsync("does not stand");
    }

    [Fact]
    public async Task a_pause_cannot_be_hidden_by_the_statement_of_before_it_once_that_is_old()
    {
        var before = await server.RecordAsync(company, "/api/v1/agent/bundle");
        await company.SubmitAsync("officer", new ProgramPaused(TestCompany.Program, "a test", company.Clock.Now));
        server.Change = (bundle, _) => bundle with { Status = before.Status };
        company.Clock.Now = company.Clock.Now.AddMinutes(16);
        await RefusesAsync("no fresh statement of the keyholder");
    }

    [Fact]
    public async Task a_page_of_a_hotel_instead_of_the_server_stops_nothing_but_sending()
    {
        server.Answer = (_, _) => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>Welcome to our Wi-Fi</html>", Encoding.UTF8, "text/html") };
        Assert.False((await agent.FlushAsync(default)).Ok);
        server.Answer = null;
        Assert.Equal(1, await FlushedAsync());
    }

    [Fact]
    public async Task an_answer_without_end_is_cut_off()
    {
        server.Answer = (path, _) => path.StartsWith("/api/v1/agent/bundle", StringComparison.Ordinal) ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Endless()) } : null;
        Assert.False((await agent.FlushAsync(default)).Ok);
        server.Answer = null;
        Assert.Equal(1, await FlushedAsync());
    }

    [Fact]
    public async Task a_server_that_does_not_answer_holds_no_watcher_up()
    {
        server.Patience = new TaskCompletionSource();
        var sending = agent.FlushAsync(default);
        await server.Reached.Task;
        await SeeAsync("08:20:00");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/")).StatusCode);
        Assert.False(sending.IsCompleted);
        server.Patience.SetException(new HttpRequestException("gone"));
        Assert.Contains("cannot be reached", (await sending).Message, StringComparison.Ordinal);
        server.Patience = null;
        Assert.Equal(1, await FlushedAsync());
    }

    [Fact]
    public async Task an_answer_that_is_lost_leads_to_the_same_parcel_again_which_is_stored_once()
    {
        server.LoseAnswers = true;
        Assert.False((await agent.FlushAsync(default)).Ok);
        server.LoseAnswers = false;
        Assert.True((await agent.FlushAsync(default)).Ok);
        using var connection = company.Database.Open();
        Assert.Equal(1, Dapper.SqlMapper.QuerySingle<long>(connection, "SELECT COUNT(*) FROM chunks WHERE kind = 'records'"));
    }

    [Fact]
    public async Task a_server_that_acknowledges_what_was_not_sent_or_nothing_at_all_makes_nothing_disappear()
    {
        foreach (var outcomes in (string[])["[]", """[{"id":"00000000000000000000000000000000","state":"stored"}]""", """[{"id":"x","state":"later","reason":"busy"}]"""])
        {
            server.Answer = (path, _) => path == "/api/v1/agent/chunks" ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($$"""{"outcomes":{{outcomes}}}""", Encoding.UTF8, "application/json") } : null;
            Assert.False((await agent.FlushAsync(default)).Ok);
        }

        server.Answer = null;
        Assert.Equal(1, await FlushedAsync());
    }

    [Fact]
    public async Task the_server_cannot_lead_a_machine_back_behind_a_witness_policy()
    {
        var policy = company.Part<TransparencyLog>().Read(a => a.Policy!.ToString());
        var entry = await company.SubmitAsync("officer", new WitnessesChanged(SignedStatement.Sign(new SetWitnesses(company.Root.Fingerprint, company.Clock.Now, policy), company.KeyOf("officer"), company.KeyOf("council"))));
        Assert.True((await agent.FlushAsync(default)).Ok);
        await SeeAsync("08:10:00");
        server.Change = (bundle, _) => bundle with { Evidence = [.. bundle.Evidence.Where(e => e.Index != entry)] };
        await RefusesAsync($"leaves out entry {entry}");
    }

    private async Task RefusesAsync(string why)
    {
        var outcome = await agent.FlushAsync(default);
        Assert.False(outcome.Ok);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Uploads);
        Assert.Contains(why, WebUtility.HtmlDecode(await http.GetStringAsync("/")), StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(await agent.Parts.Outbox.ItemsAsync()); // it waits
        server.Answer = null;
        server.Change = null;
        _ = await agent.FlushAsync(default); // and when the server is itself again, all goes on
        Assert.Null(agent.Parts.Sender.Unverifiable);
    }

    private async Task<int> FlushedAsync()
    {
        var outcome = await agent.FlushAsync(default);
        Assert.True(outcome.Ok, outcome.Message);
        return outcome.Sent;
    }

    private async Task SeeAsync(string time)
    {
        using var made = await http.PostAsync("/api/0/buckets/aw-watcher-window_x", new StringContent("""{"client":"t","type":"currentwindow","hostname":"x"}""", Encoding.UTF8, "application/json"));
        using var answer = await http.PostAsync("/api/0/buckets/aw-watcher-window_x/heartbeat?pulsetime=0", new StringContent($$$"""{"timestamp":"2026-11-02T{{{time}}}Z","duration":60,"data":{"app":"Code"} }""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    internal static HttpResponseMessage Json(AgentBundle bundle) =>
        new(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(bundle, ProtocolJson.Default.AgentBundle), Encoding.UTF8, "application/json") };

    /// <summary>Bytes without end.</summary>
    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

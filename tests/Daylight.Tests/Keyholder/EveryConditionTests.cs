using System.Text.Json;
using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>
/// In each test one condition is violated, only this one, and the seal stays shut. Cases, witnesses and the keyholder's own state have files of their own.
/// </summary>
public sealed class EveryConditionTests : KeyholderTests
{
    [Fact]
    public async Task with_every_condition_met_the_seal_opens_and_shows_what_the_rule_shows()
    {
        var opened = Assert.IsType<KeyholderResponse.Opened>(await SendAsync(await RecordAsync(Ask())));
        var record = Assert.Single(opened.Records);
        Assert.Equal("Editor", record.Data["app"]);
        Assert.Equal(["app"], record.Data.Keys);
        Assert.Equal(0, opened.Unreadable + opened.Unsigned);
    }

    [Fact]
    public async Task an_entry_that_the_keyholder_has_not_followed() => await RefusedAsync("not-followed", (await RecordAsync(Ask())) with { Index = 10_000 });

    [Fact]
    public async Task openings_that_do_not_open_the_entry()
    {
        var open = await RecordAsync(Ask());
        await RefusedAsync("opening", open with { Openings = open.Openings with { Details = open.Openings.Details with { Salt = Convert.ToBase64String(new byte[32]) } } });
    }

    [Fact]
    public async Task an_entry_of_another_kind()
    {
        var (entry, openings) = await Log.AppendAsync(
            new Refusal(Company.Id("boss"), Company.Id("anna"), "", "manager", ["focus-time"], "records", Day, Day, ["no"], Company.Clock.Now, Day.AddDays(9)));
        await RefusedAsync("opening", Message(entry, openings));
    }

    [Fact]
    public async Task a_checkpoint_that_the_log_did_not_sign()
    {
        var open = await RecordAsync(Ask());
        var forger = new NoteSigner(Company.Root.Origin, NoteKeyType.Ed25519, new byte[32]);
        SignedNote.TryParse(open.Checkpoint, out var note);
        await RefusedAsync("checkpoint-signature", open with { Checkpoint = SignedNote.Sign(note!.Text, Company.Clock.Now, forger).ToString() });
    }

    [Fact]
    public async Task a_checkpoint_of_another_history_signed_by_the_log_itself()
    {
        var open = await RecordAsync(Ask());
        SignedNote.TryParse(open.Checkpoint, out var note);
        Checkpoint.TryParse(note!.Text, out var checkpoint);
        var fork = checkpoint! with { Root = Hash.Of("another history"u8) };
        await RefusedAsync("consistency", open with { Checkpoint = SignedNote.Sign(fork.ToString(), Company.Clock.Now, LogSigner()).ToString() });
    }

    [Fact]
    public async Task a_proof_with_one_hash_changed()
    {
        var open = await RecordAsync(Ask());
        await RefusedAsync("inclusion", open with { Proof = [Hash.Of("x"u8).ToString(), .. open.Proof.Skip(1)] });
    }

    [Fact]
    public async Task a_proof_for_another_entry()
    {
        var first = await RecordAsync(Ask());
        var second = await RecordAsync(Ask());
        await RefusedAsync("inclusion", second with { Proof = first.Proof });
    }

    [Fact]
    public async Task an_ask_that_nobody_signed() => await RefusedAsync("ask-signature", await RecordAsync(Ask(), signed => signed with { Signatures = [signed.Signatures[0] with { Value = Convert.ToBase64String(new byte[64]) }] }));

    [Fact]
    public async Task an_ask_changed_after_it_was_signed()
    {
        var signed = SignedStatement.Sign(Ask(), Company.KeyOf("anna"));
        var changed = signed with { Statement = Convert.ToBase64String((Ask() with { To = Day.AddDays(30) }).ToBytes()) };
        await RefusedAsync("ask-signature", await RecordAsync(Ask(), _ => changed));
    }

    [Fact]
    public async Task an_ask_signed_by_somebody_else_in_the_askers_name() =>
        await RefusedAsync("credential", await RecordAsync(Ask() with { Credential = Company.KeyOf("ben").Credential.Id.Value }, key: Company.KeyOf("ben")));

    [Fact]
    public async Task an_ask_signed_by_a_credential_that_no_trust_root_knows()
    {
        using var stranger = CredentialKey.Create();
        await RefusedAsync("credential", await RecordAsync(Ask() with { Credential = stranger.Credential.Id.Value }, key: stranger));
    }

    [Fact]
    public async Task an_ask_of_another_company() => await RefusedAsync("ask", await RecordAsync(Ask() with { Root = new string('0', 64) }));

    [Fact]
    public async Task an_expired_ask()
    {
        var ask = Ask();
        Company.Clock.Now += TimeSpan.FromHours(9);
        await RefusedAsync("ask-expired", await RecordAsync(ask));
    }

    [Fact]
    public async Task an_ask_that_lives_longer_than_asks_may() => await RefusedAsync("ask-expired", await RecordAsync(Ask() with { Expires = Company.Clock.Now.AddHours(9) }));

    [Fact]
    public async Task an_ask_from_the_future() => await RefusedAsync("ask-expired", await RecordAsync(Ask() with { Time = Company.Clock.Now.AddHours(1), Expires = Company.Clock.Now.AddHours(2) }));

    [Fact]
    public async Task an_entry_recorded_long_before_it_is_opened()
    {
        var open = await RecordAsync(Ask());
        Company.Clock.Now += TimeSpan.FromMinutes(30);
        await RefusedAsync("stale", open);
    }

    [Fact]
    public async Task an_entry_opened_a_second_time()
    {
        var open = await RecordAsync(Ask());
        Assert.IsType<KeyholderResponse.Opened>(await SendAsync(open));
        await RefusedAsync("used", open);
    }

    [Fact]
    public async Task an_entry_opened_a_second_time_after_a_restart_of_the_keyholder()
    {
        var open = await RecordAsync(Ask());
        Assert.IsType<KeyholderResponse.Opened>(await SendAsync(open));
        await Company.RestartAsync();
        await RefusedAsync("used", open);
    }

    [Fact]
    public async Task more_days_than_were_signed_for() => await RefusedAsync("beyond-ask", await RecordAsync(Ask() with { To = Day }, disclosure: d => d with { To = Day.AddDays(1) }));

    [Fact]
    public async Task another_program_than_was_signed_for() => await RefusedAsync("beyond-ask", await RecordAsync(Ask() with { Programs = ["another"] }));

    [Fact]
    public async Task a_rule_that_the_charter_does_not_have() => await RefusedAsync("rule", await RecordAsync(Ask() with { Rule = "manager/records" }));

    [Fact]
    public async Task the_rule_for_oneself_used_by_somebody_else() =>
        await RefusedAsync("relation", await RecordAsync(AskBy("boss"), key: Company.KeyOf("boss"), disclosure: d => d with { Relation = "manager" }));

    [Fact]
    public async Task a_rule_for_a_role_that_the_asker_does_not_hold() =>
        await RefusedAsync("role", await RecordAsync(AskBy("boss") with { Rule = "role:investigator/records" }, key: Company.KeyOf("boss"), disclosure: d => d with { Relation = "investigator" }));

    [Fact]
    public async Task a_rule_that_needs_a_case_without_a_case() =>
        await RefusedAsync("case", await RecordAsync(AskBy("snoop") with { Rule = "role:investigator/records" }, key: Company.KeyOf("snoop"), disclosure: d => d with { Relation = "investigator" }));

    [Fact]
    public async Task a_devices_key_used_to_look_at_somebody_else()
    {
        var machine = await Company.EnrollDeviceAsync("boss");
        await RefusedAsync("credential-use", await RecordAsync(AskBy("boss") with { Credential = machine.Credential.Id.Value }, key: machine, disclosure: d => d with { Relation = "manager" }));
    }

    [Fact]
    public async Task a_machine_that_came_after_another_key_of_its_person_used_before_they_had_time_to_end_it() =>
        await RefusedAsync("credential-new", await RecordAsync(Ask() with { Credential = Device.Credential.Id.Value }, key: Device));

    [Fact]
    public async Task a_subject_who_would_be_told_another_purpose() => await RefusedAsync("purpose", await RecordAsync(Ask(), disclosure: d => d with { Why = ["security"] }));

    [Fact]
    public async Task a_subject_who_would_be_told_another_relation() => await RefusedAsync("relation", await RecordAsync(Ask(), disclosure: d => d with { Relation = "investigator" }));

    [Fact]
    public async Task a_paused_program()
    {
        await Company.SubmitAsync("officer", new ProgramPaused("focus-time", "a test", Company.Clock.Now));
        await RefusedAsync("paused", await RecordAsync(Ask()));
    }

    [Fact]
    public async Task a_program_that_no_charter_put_in_force() =>
        await RefusedAsync("charter", await RecordAsync(Ask() with { Programs = ["shadow"] }, disclosure: d => d with { Programs = ["shadow"] }));

    [Fact]
    public async Task a_chunk_of_a_day_outside_of_the_entry()
    {
        var open = await RecordAsync(Ask());
        await RefusedAsync("beyond-entry", open with { Chunks = [Chunk() with { Day = "2026-11-03" }] });
    }

    [Fact]
    public async Task a_chunk_of_another_kind()
    {
        var open = await RecordAsync(Ask());
        await RefusedAsync("beyond-entry", open with { Chunks = [Chunk() with { Kind = "contribution" }] });
    }

    [Fact]
    public async Task a_chunk_past_its_retention()
    {
        Company.Clock.Now += TimeSpan.FromDays(15);
        await RefusedAsync("expired", await RecordAsync(Ask()));
    }

    [Fact]
    public async Task too_many_openings_within_a_minute()
    {
        for (var i = 0; i < 600; i++)
        {
            Assert.IsType<KeyholderResponse.Opened>(await SendAsync((await RecordAsync(Ask())) with { Chunks = [] }));
        }

        await RefusedAsync("rate", await RecordAsync(Ask()));
    }

    [Fact]
    public async Task a_chunk_of_another_person_moved_into_the_subjects_rows_does_not_open()
    {
        var other = await Company.EnrollDeviceAsync("ben");
        var theirs = (await Company.BundleAsync("ben", other)).Programs[0];
        var moved = Stored(ChunkSealer.Records(theirs, Company.Id("ben"), other, "window", "2026-11-02", Records()));
        await UnreadableAsync(moved);
    }

    [Fact]
    public async Task a_chunk_moved_to_another_day_does_not_open() =>
        await UnreadableAsync(Stored(ChunkSealer.Records(Program, Company.Id("anna"), Device, "window", "2026-11-03", Records())) with { Day = "2026-11-02" });

    [Fact]
    public async Task a_chunk_moved_to_another_stream_does_not_open() => await UnreadableAsync(Chunk() with { Stream = "afk" });

    [Fact]
    public async Task a_chunk_under_a_charter_that_was_never_in_force_does_not_open() =>
        await UnreadableAsync(Stored(ChunkSealer.Records(Program with { Hash = new string('a', 64) }, Company.Id("anna"), Device, "window", "2026-11-02", Records())));

    [Fact]
    public async Task a_chunk_with_one_bit_changed_does_not_open()
    {
        var bytes = Convert.FromBase64String(Chunk().Sealed);
        bytes[^20] ^= 1;
        await UnreadableAsync(Chunk() with { Sealed = Convert.ToBase64String(bytes) });
    }

    [Fact]
    public async Task a_chunk_that_no_device_of_the_person_signed_is_left_out()
    {
        using var stranger = CredentialKey.Create();
        var forged = Stored(ChunkSealer.Records(Program, Company.Id("anna"), stranger, "window", "2026-11-02", Records()));
        var opened = Assert.IsType<KeyholderResponse.Opened>(await SendAsync((await RecordAsync(Ask())) with { Chunks = [forged] }));
        Assert.Empty(opened.Records);
        Assert.Equal(1, opened.Unsigned);
    }

    [Fact]
    public async Task a_second_history_is_not_cosigned()
    {
        var size = Log.Size;
        var entry = LogEntry.Of(Day, new RetentionPurge(Day, [new PurgedLine("p", "records", 1, "keep", 0)])).ToBytes();
        var body = new Checkpoint(Company.Root.Origin, size, Hash.Of("fork"u8));
        var response = await ExchangeAsync(new KeyholderRequest.Follow(size - 1, [new FollowedEntry(Convert.ToBase64String(entry), null)], SignedNote.Sign(body.ToString(), Company.Clock.Now, LogSigner()).ToString()));
        Assert.Equal("fork", Assert.IsType<KeyholderResponse.Refused>(response).Code);
    }

    [Fact]
    public async Task entries_are_followed_without_gaps()
    {
        var response = await ExchangeAsync(new KeyholderRequest.Follow(Log.Size + 1, [], "x"));
        Assert.Equal("gap", Assert.IsType<KeyholderResponse.Refused>(response).Code);
    }

    [Fact]
    public async Task a_message_that_is_none_is_refused_without_harm()
    {
        foreach (var message in (string[])["", "{", "[]", "{\"verb\":\"open\"}", "{\"verb\":\"nothing\"}"])
        {
            var answer = JsonSerializer.Deserialize(await Company.Keyholder.ExchangeAsync(System.Text.Encoding.UTF8.GetBytes(message), default), ProtocolJson.Default.KeyholderResponse);
            Assert.IsType<KeyholderResponse.Refused>(answer);
        }
    }

    private async Task UnreadableAsync(StoredChunk chunk)
    {
        var opened = Assert.IsType<KeyholderResponse.Opened>(await SendAsync((await RecordAsync(Ask())) with { Chunks = [chunk] }));
        Assert.Empty(opened.Records);
        Assert.Equal(1, opened.Unreadable);
    }
}

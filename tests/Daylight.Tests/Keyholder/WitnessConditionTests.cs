using System.Security.Cryptography;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>Root approvers named a second witness: what waits for its cosignature, and what never does.</summary>
public sealed class WitnessConditionTests : KeyholderTests
{
    private readonly NoteSigner witness = new("council.example/witness", NoteKeyType.Cosignature, RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task for_a_look_at_oneself_a_cosignature_serves_for_a_day_whatever_it_covers()
    {
        await SetWitnessesAsync();
        var open = await RecordAsync(Ask());
        await RefusedAsync("witness", open); // the keyholder's alone is not enough
        var cosigned = Cosigned(open.Checkpoint, Now);
        await OpenedAsync(open with { Witnessed = cosigned });
        Company.Clock.Now += TimeSpan.FromHours(24);
        await OpenedAsync((await RecordAsync(Ask())) with { Witnessed = cosigned });
        Company.Clock.Now += TimeSpan.FromHours(1);
        await RefusedAsync("witness", (await RecordAsync(Ask())) with { Witnessed = cosigned });
    }

    [Fact]
    public async Task for_a_look_at_somebody_else_the_cosigned_checkpoint_covers_the_entry()
    {
        var digest = await OpenCaseAsync();
        await SetWitnessesAsync();
        var before = Cosigned((await RecordAsync(Ask())).Checkpoint, Now);
        var open = await RecordCaseAsync(digest);
        await RefusedAsync("witness", open with { Witnessed = before });
        await OpenedAsync(open with { Witnessed = Cosigned(open.Checkpoint, Now) });
        var later = await RecordCaseAsync(digest);
        await OpenedAsync(later with { Checkpoint = Cosigned(later.Checkpoint, Now) });
    }

    [Fact]
    public async Task a_cosignature_that_is_not_the_witnesss_own_word_on_this_history_counts_for_nothing()
    {
        await SetWitnessesAsync();
        var open = await RecordAsync(Ask());
        var stranger = new NoteSigner(witness.Verifier.Name, NoteKeyType.Cosignature, RandomNumberGenerator.GetBytes(32));
        await RefusedAsync("witness", open with { Witnessed = Cosigned(open.Checkpoint, Now, stranger) });
        await RefusedAsync("witness", open with { Witnessed = Cosigned(open.Checkpoint, Now.AddMinutes(6)) });
        await RefusedAsync("witness", open with { Witnessed = "nonsense" });

        // Even if log, keyholder's key and witness all signed it: it is not what this keyholder followed.
        SignedNote.TryParse(open.Checkpoint, out var note);
        Checkpoint.TryParse(note!.Text, out var checkpoint);
        var fork = checkpoint! with { Root = Hash.Of("another history"u8) };
        var forked = SignedNote.Sign(fork.ToString(), Now, LogSigner(), KeyholdersWitness(), witness).ToString();
        Assert.True(Policy().TryOpen(forked, out _));
        await RefusedAsync("witness", open with { Witnessed = forked });
        await OpenedAsync(open with { Witnessed = Cosigned(open.Checkpoint, Now.AddMinutes(4)) });
    }

    [Fact]
    public async Task pause_objection_and_erasure_wait_for_no_witness()
    {
        await SetWitnessesAsync();
        await Company.SubmitAsync("anna", new ObjectionRaised(SignedStatement.Sign(new RaiseObjection(Root, Now, Company.Id("anna"), "focus-time", "mine"), Company.KeyOf("anna"))));
        var erased = await Company.SubmitAsync("anna", new KeysDestroyed(SignedStatement.Sign(
            new DestroyKeys(Root, Now, Company.Id("anna"), ["focus-time"], "self", "mine"), Company.KeyOf("anna"))));
        Assert.IsType<KeyholderResponse.Statements>(await ExchangeAsync(new KeyholderRequest.CertificateOf(erased)));
        var pause = SignedStatement.Sign(new PauseProgram(Root, Now, "focus-time", "stop"), Company.KeyOf("council"));
        Assert.IsType<KeyholderResponse.Paused>(await ExchangeAsync(new KeyholderRequest.Pause(pause)));
        await Company.Part<Daylight.Server.Features.Log.TransparencyLog>().LookAsync();
        Assert.NotNull(Log.Read(a => a.Program("focus-time").PausedBy));
    }

    private string PolicyText() =>
        $"log {Company.Root.Log}\nwitness keyholder {Company.Keyholder.WitnessKey}\nwitness council {witness.Verifier}\ngroup both all keyholder council\nquorum both\n";

    private TlogPolicy Policy() => TlogPolicy.Parse(PolicyText());

    private Task SetWitnessesAsync() => Company.SubmitAsync("officer", new WitnessesChanged(SignedStatement.Sign(
        new SetWitnesses(Root, Now, PolicyText()), Company.KeyOf("officer"), Company.KeyOf("council"))));

    private string Cosigned(string checkpoint, DateTimeOffset at, NoteSigner? by = null)
    {
        Assert.True(SignedNote.TryParse(checkpoint, out var note));
        return note!.With(at, by ?? witness).ToString();
    }

    private NoteSigner KeyholdersWitness()
    {
        using var connection = new SqliteDatabase(Company.KeyholderFile, readOnly: true).Open();
        var (kek, box) = connection.QuerySingle<(int, byte[])>("SELECT kek, sealed FROM secrets WHERE name = 'witness'");
        return new NoteSigner(NoteVerifier.Parse(Company.Keyholder.WitnessKey).Name, NoteKeyType.Cosignature, Company.OpenKek().Box(kek).Open(box, "seed witness"));
    }
}

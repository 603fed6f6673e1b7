using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Tests.Company;
using Daylight.Tests.Core;

namespace Daylight.Tests.Server;

/// <summary>One file of the access corpus as a real company. All that its file says stands in the log, signed by whoever the file names, or in the directory.</summary>
internal sealed class LivingCorpus(CorpusCompany corpus, TestCompany company)
{
    private readonly Dictionary<string, string> digests = [];

    private TransparencyLog Log => company.Part<TransparencyLog>();

    private string Root => company.Root.Fingerprint;

    private DateTimeOffset Now => company.Clock.Now;

    /// <summary>Founds it, days before the first look; cases are opened when their time comes.</summary>
    public async Task FoundAsync()
    {
        // The first directory keeps the dates that it came with; nobody has left it yet.
        await company.FoundAsync([.. corpus.People.Select(p => p with { Left = null })], corpus.Teams);
        foreach (var name in Signers().Distinct().Where(IsKnown).Except(CorpusCompany.Founders.Select(f => f.Person)))
        {
            await company.EnrollPersonAsync(name);
        }

        await GrantAsync();
        foreach (var charter in corpus.Charters)
        {
            await ActivateAsync(charter);
        }

        foreach (var program in corpus.Paused)
        {
            await AppendAsync(new ProgramPaused(program, "the corpus says so", Now));
        }

        await company.Part<DirectoryStore>().WantAsync([.. corpus.People.Where(p => p.Left is not null).Select(StoredPerson.Of)], [], []);
        Assert.IsType<Settled.Active>(await company.Part<DirectoryStore>().SettleAsync());
    }

    /// <summary>Whether the directory has somebody.</summary>
    public bool IsKnown(string person) => corpus.People.Any(p => p.Id == person);

    /// <summary>What a case of the file is called in the log; one that nobody opened is called as the file calls it.</summary>
    public string? Digest(string? name) => name is null ? null : digests.GetValueOrDefault(name, name);

    /// <summary>Opens a case; others approve it, and it is closed where the file says so.</summary>
    public async Task OpenAsync(CorpusCase said)
    {
        var facts = said.Facts;
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        var opened = SignedStatement.Sign(
            new OpenCase(Root, facts.Opened, facts.Digest, facts.Asker, facts.Subject, [.. facts.Programs], facts.Rule, facts.From, facts.To, facts.Until, today, "the corpus says so"), company.KeyOf(facts.Asker));
        var digest = digests[facts.Digest] = opened.Digest().ToHex();
        await AppendAsync(new CaseOpened(opened));
        var before = new List<string> { facts.Asker, facts.Subject };
        foreach (var (role, person) in said.Approvals)
        {
            // The log takes no approval of who asks, of whom it is about, or of one person twice: it is written down, and counts for nothing.
            var approved = new CaseApproved(SignedStatement.Sign(new ApproveCase(Root, Now, digest, role), company.KeyOf(person)));
            Assert.Equal(before.Contains(person), Complaint(approved) is not null);
            await Log.AppendAsync(approved);
            before.Add(person);
        }

        if (facts.Closed)
        {
            await AppendAsync(new CaseClosed(SignedStatement.Sign(new CloseCase(Root, Now, digest, string.Empty, "the corpus says so", []), company.KeyOf(facts.Asker))));
        }
    }

    /// <summary>Everybody who signs anything.</summary>
    private IEnumerable<string> Signers() =>
        [.. corpus.Approvers.Values, .. corpus.Consents.Select(c => c.Who), .. corpus.Cases.SelectMany(c => c.Approvals.Select(a => a.Person).Append(c.Facts.Asker)), .. corpus.Looks.Select(l => l.Look.Asker)];

    private async Task GrantAsync()
    {
        foreach (var role in corpus.Roles.Where(r => !CorpusCompany.Founders.Contains((r.Person, r.Role))))
        {
            var grant = new GrantRole(Root, Now, role.Person, role.Role, role.Until, role.Scope?.ToString(), Read());
            await AppendAsync(new RoleGranted(SignedStatement.Sign(grant, company.KeyOf("officer"), company.KeyOf("council"))));
        }
    }

    /// <summary>Puts a charter in force, after the one before it where somebody agreed to that one; then people say what they say.</summary>
    private async Task ActivateAsync(CorpusCharter charter)
    {
        var said = corpus.Consents.Where(c => c.Program == charter.Charter.Program).ToList();
        if (said.Exists(c => c.Says == "earlier"))
        {
            await ActivateAsync(charter.Charter.Program, charter.Earlier);
            await ConsentAsync(said.Where(c => c.Says == "earlier"), charter.EarlierHash);
        }

        await ActivateAsync(charter.Charter.Program, charter.Text);
        await ConsentAsync(said.Where(c => c.Says != "earlier"), charter.Hash);
    }

    private async Task ActivateAsync(string program, string text)
    {
        var hash = Authority.CharterHash(text);
        await AppendAsync(new CharterProposed(SignedStatement.Sign(new ProposeCharter(Root, Now, program, hash), company.KeyOf("owner")), text));
        foreach (var (role, person) in corpus.Approvers)
        {
            await AppendAsync(new CharterApproved(SignedStatement.Sign(new ApproveCharter(Root, Now, program, hash, role, Read()), company.KeyOf(person))));
        }

        await AppendAsync(new CharterActivated(SignedStatement.Sign(new ActivateCharter(Root, Now, program, hash), company.KeyOf("owner"))));
    }

    private async Task ConsentAsync(IEnumerable<CorpusConsent> said, string hash)
    {
        foreach (var consent in said)
        {
            var key = company.KeyOf(consent.Who);
            await (consent.Says == "no"
                ? AppendAsync(new ConsentWithdrawn(SignedStatement.Sign(new WithdrawConsent(Root, Now, consent.Who, consent.Program), key)))
                : AppendAsync(new ConsentGiven(SignedStatement.Sign(new GiveConsent(Root, Now, consent.Who, consent.Program, hash), key))));
        }
    }

    /// <summary>What approvers read is of no meaning to the log, but that they read it.</summary>
    private ExposureRead Read() => new(Now, corpus.People.Count, 0, 0, string.Empty);

    private async Task AppendAsync(PublicEvent happened)
    {
        Assert.Null(Complaint(happened));
        await Log.AppendAsync(happened);
    }

    private async Task AppendAsync(PersonEvent happened)
    {
        Assert.Null(Complaint(happened));
        await Log.AppendAsync(happened);
    }

    private string? Complaint(LogEvent happened) => Log.Read(a => a.Complaint(DateOnly.FromDateTime(Now.UtcDateTime), happened));
}

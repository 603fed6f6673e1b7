using Daylight.Core.Directory;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;

namespace Daylight.Server.Hosting;

/// <summary>The first acts of an installation: trust root, directory, enrollment lists. They happen once, on the operator's console.</summary>
public sealed class Founding
{
    private readonly TransparencyLog log;
    private readonly KeyholderClient keyholder;
    private readonly DirectoryStore directory;
    private readonly Enrollments enrollments;
    private readonly Tokens tokens;
    private readonly TimeProvider time;

    internal Founding(TransparencyLog log, KeyholderClient keyholder, DirectoryStore directory, Enrollments enrollments, Tokens tokens, TimeProvider time) =>
        (this.log, this.keyholder, this.directory, this.enrollments, this.tokens, this.time) = (log, keyholder, directory, enrollments, tokens, time);

    /// <summary>The trust root, or null before there is one.</summary>
    public TrustRoot? Root => log.Read(a => a.Root);

    /// <summary>Makes the trust root: entry 0 of the log.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public async Task<TrustRoot> FoundAsync(string company, IReadOnlyList<RootApprover> approvers, int quorum, CancellationToken cancel)
    {
        if (Root is not null)
        {
            throw new InvalidOperationException("This server has its trust root already; it never changes.");
        }

        var identity = await keyholder.HelloAsync(cancel);
        var root = new TrustRoot(1, company, log.Verifier.Name, log.Verifier.ToString(), identity.StatementKey, identity.WitnessKey, approvers, quorum);
        await log.AppendAsync(new TrustRootSet(root));
        return root;
    }

    /// <summary>Replaces the directory.</summary>
    public async Task SetDirectoryAsync(IReadOnlyCollection<Person> people, IReadOnlyCollection<Team> teams)
    {
        if (await directory.ReplaceAsync(people, teams) is Settled.Held held)
        {
            throw new InvalidOperationException($"The directory waits for a privacy officer: {held.Change.Why}. See: daylight directory status");
        }
    }

    /// <summary>Ids of people in the directory, by email.</summary>
    public IReadOnlyDictionary<string, string> KnownPeople => directory.Current.People.Where(p => p.Left is null).GroupBy(p => p.Email, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.OrdinalIgnoreCase);

    /// <summary>Records an enrollment list signed by an approver; returns each person's one-time code. The codes are kept nowhere.</summary>
    /// <param name="people">Person ids.</param>
    /// <param name="use">What the codes may register: <c>device</c> or <c>person</c>.</param>
    /// <param name="approver">A root approver's credential.</param>
    public async Task<IReadOnlyDictionary<string, EnrollmentCode>> EnrollAsync(IEnumerable<string> people, string use, CredentialKey approver)
    {
        var root = Root ?? throw new InvalidOperationException("There is no trust root yet.");
        var list = EnrollmentList.Make(root, people, use, approver, time.GetUtcNow());
        await enrollments.AddAsync(list.Signed, list.Lines);
        return list.Codes;
    }

    /// <summary>Makes a token for a person. The console has no authority: a token opens no seal.</summary>
    public async Task<string> MakeTokenAsync(string person, int days) => (await tokens.MakeAsync(SignInEndpoints.Prefix, person, "made at the console", Tokens.All, days)).Token;
}

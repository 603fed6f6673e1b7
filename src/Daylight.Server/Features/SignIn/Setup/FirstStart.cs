using System.Security.Cryptography;
using System.Text;
using Daylight.Core.Directory;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;

namespace Daylight.Server.Features.SignIn.Setup;

/// <summary>One of the three who are to be in the trust root, and the passkey that they made, once they have.</summary>
/// <param name="Role">The role.</param>
/// <param name="Person">Who.</param>
/// <param name="Code">What they type on the page <c>/welcome</c>.</param>
/// <param name="Made">Their passkey.</param>
internal sealed record FirstApprover(string Role, Person Person, string Code, (Credential Credential, StoredPasskey Known)? Made = null);

/// <summary>An installation that is being set up.</summary>
internal sealed record FirstDraft(string Company, IReadOnlyList<Person> People, IReadOnlyList<Team> Teams, IReadOnlyList<FirstApprover> Approvers);

/// <summary>
/// The first start in a browser: whoever reads the code on the server's console names the company, its people, and three of them for the roles that must be apart; each of the three
/// makes a passkey, and the three are the trust root. Nothing of it is stored before that: a server that is started again begins anew, with another code.
/// </summary>
internal sealed class FirstStart(TransparencyLog log, Founding founding, Passkeys passkeys, ServerOptions options) : IDisposable
{
    private readonly string code = NewCode();
    private readonly SemaphoreSlim turn = new(1, 1);
    private volatile FirstDraft? draft;

    /// <summary>Roles of the three, who are three people.</summary>
    public static readonly IReadOnlyList<string> Roles = [Authority.OwnerRole, .. Authority.ApprovingRoles];

    /// <summary>The one-time code, for the console; null once there is a trust root.</summary>
    public string? Code => IsOver ? null : code;

    /// <summary>Whether there is a trust root.</summary>
    public bool IsOver => log.Read(a => a.Root is not null);

    /// <summary>What is being set up; null before anything is.</summary>
    public FirstDraft? Draft => IsOver ? null : draft;

    /// <summary>Whether a code is the one on the console.</summary>
    public bool Knows(string typed) => !IsOver && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(TypedCode.Plain(typed)), Encoding.UTF8.GetBytes(TypedCode.Plain(code)));

    /// <summary>Takes what was filled in; returns what is wrong with it, or null. What was filled in before is forgotten, with its codes.</summary>
    /// <param name="company">The company's name.</param>
    /// <param name="csv">Everybody, as CSV.</param>
    /// <param name="zone">Time zone where the CSV names none.</param>
    /// <param name="addresses">Addresses of the three, in the order of <see cref="Roles"/>.</param>
    public string? Begin(string company, string csv, string zone, IReadOnlyList<string> addresses)
    {
        if (company.Trim() is not { Length: > 0 and <= 200 } name)
        {
            return "A company has a name.";
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            return $"'{zone}' is no time zone, such as Europe/Berlin.";
        }

        using var reader = new StringReader(csv);
        var read = PeopleCsv.Read(reader, "people", new Dictionary<string, string>(), zone);
        if (read.Problems.Count > 0)
        {
            return string.Join('\n', read.Problems);
        }

        var approvers = new List<FirstApprover>();
        foreach (var (role, address) in Roles.Zip(addresses))
        {
            if (read.People.FirstOrDefault(p => p.Email.Equals(address.Trim(), StringComparison.OrdinalIgnoreCase)) is not { } person)
            {
                return $"The {role}'s address is not among the people.";
            }

            if (approvers.Exists(a => a.Person.Id == person.Id))
            {
                return "These roles are held by three different people: whoever proposes a program does not approve it, and the two who approve it are apart.";
            }

            approvers.Add(new FirstApprover(role, person, NewCode()));
        }

        draft = new FirstDraft(name, read.People, read.Teams, approvers);
        return null;
    }

    /// <summary>Who was invited with a code, and has no passkey yet; null for nobody.</summary>
    public Person? Invited(string typed) => Draft?.Approvers.FirstOrDefault(a => a.Made is null && TypedCode.Plain(a.Code) == TypedCode.Plain(typed))?.Person;

    /// <summary>Takes a passkey that somebody who was invited made. With the third, the trust root stands: returns what it is; null while others are missing.</summary>
    /// <exception cref="InvalidOperationException">The invitation serves no more.</exception>
    public async Task<TrustRoot?> TakeAsync(string typed, Credential credential, StoredPasskey known, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var invited = Invited(typed) ?? throw new InvalidOperationException("This invitation serves no more.");
            var now = Draft! with { Approvers = [.. Draft!.Approvers.Select(a => a.Person.Id == invited.Id ? a with { Made = (credential, known) } : a)] };
            if (now.Approvers.Any(a => a.Made is null))
            {
                draft = now;
                return null;
            }

            // What may fail comes before the invitation is used up: whoever was the third tries again.
            foreach (var approver in now.Approvers)
            {
                await passkeys.KeepAsync(approver.Made!.Value.Known);
            }

            var root = await founding.FoundAsync(now.Company, [.. now.Approvers.Select(a => new RootApprover(a.Person.Id, a.Made!.Value.Credential.Text, [a.Role]))], 2, cancel);
            await DaylightServer.LogSettingsAsync(log, options);
            await founding.SetDirectoryAsync([.. now.People], [.. now.Teams]);
            draft = null;
            return root;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private static string NewCode() => TypedCode.New(20, 5);
}

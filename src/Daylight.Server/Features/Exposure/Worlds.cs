using System.Collections.Concurrent;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Core.Exposure;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;

namespace Daylight.Server.Features.Exposure;

/// <summary>Everything that decisions rest on, as directory and log have it now: one object, made anew when either goes on.</summary>
internal sealed class Worlds(DirectoryStore directory, ProgramCatalog programs, TransparencyLog log, TimeProvider time)
{
    private Known? known;

    /// <summary>As it is: for deciding about a look, and for what a person is told of themselves.</summary>
    public World Current => Now.World;

    /// <summary>
    /// The same as if everybody who is asked agreed and nobody objected: whom a rule could let see at the most, and nothing of who said what. Whatever is shown to anybody
    /// about others rests on this one.
    /// </summary>
    public World IfAllAgree => Now.Agreeing.Value;

    /// <summary>Every program's exposure, if everybody agreed. Counted once for each world: of a large company it is many sights.</summary>
    public IReadOnlyList<ProgramExposure> Summary => Now.Summary.Value;

    /// <summary>How many sights would go with somebody's role.</summary>
    public long SightsOf(string person, string role)
    {
        var now = Now;
        return now.OfRoles.GetOrAdd((person, role), _ => new ExposureDiff(now.Agreeing.Value, now.Agreeing.Value.With(roles: now.Agreeing.Value.HeldRoles.Where(r => (r.Person, r.Role) != (person, role)))).Disappear);
    }

    private Known Now
    {
        get
        {
            var (people, authority, today) = (directory.Current, log.AuthorityVersion, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
            if (known is { } current && ReferenceEquals(current.People, people) && current.Authority == authority && current.Day == today)
            {
                return current;
            }

            var world = Make(people, programs, log);
            var agreeing = new Lazy<World>(world.IfAllAgree);
            return known = new Known(people, authority, today, world, agreeing, new Lazy<IReadOnlyList<ProgramExposure>>(() => [.. new ExposureOf(agreeing.Value).Summary()]), new ConcurrentDictionary<(string Person, string Role), long>()); // one reference: whoever reads it meanwhile reads all of one
        }
    }

    /// <summary>Puts a world together from a directory and what the log says.</summary>
    public static World Make(OrgSnapshot people, ProgramCatalog programs, TransparencyLog log)
    {
        var inForce = programs.InForce().Select(p => p.ForGate).ToList();
        var (roles, cases, consents) = log.Read(a => (
            a.Roles.Select(r => new RoleFacts(r.Person, r.Role.Role, r.Role.Until, ScopeOf(r.Role.Scope))).ToList(),
            a.Cases.Select(c => new CaseFacts(
                c.Key, c.Value.Statement.Asker, c.Value.Statement.Subject, c.Value.Statement.Rule, [.. c.Value.Statement.Programs], c.Value.Statement.From, c.Value.Statement.To, c.Value.Statement.Until,
                c.Value.Statement.Time, c.Value.Closed, [.. c.Value.Approvals.Select(p => (p.Key, p.Value))])).ToList(),
            a.Consents.Select(c => new ConsentFacts(c.Key.Person, c.Key.Program, c.Value.Charter, c.Value.Given)).ToList()));
        return new World(people, inForce, roles.Where(r => r.Scope is not { Kind: GroupKind.Role }), cases, consents);
    }

    /// <summary>A scope as a grant has it. One that cannot be read is of nobody: it widens nothing.</summary>
    public static PeopleGroup? ScopeOf(string? text) => text is null ? null : PeopleGroup.TryParse(text, out var group) ? group : new PeopleGroup(GroupKind.Role, text);

    private sealed record Known(OrgSnapshot People, long Authority, DateOnly Day, World World, Lazy<World> Agreeing, Lazy<IReadOnlyList<ProgramExposure>> Summary, ConcurrentDictionary<(string Person, string Role), long> OfRoles);
}

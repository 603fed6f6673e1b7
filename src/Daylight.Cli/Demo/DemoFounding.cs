using System.Text.Json;
using System.Text;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Cli.Demo;

/// <summary>Sets the sample company up, by the same steps as a real one: trust root, lists, enrollments, roles, a charter with three signatures.</summary>
internal sealed class DemoFounding(DataFolder folder, string keys, Founding founding, HttpClient http, DemoClock clock)
{
    private static readonly string[] Roots = [Authority.OwnerRole, .. Authority.ApprovingRoles];

    private readonly Dictionary<string, CredentialKey> personaKeys = [];

    public async Task<DemoState> RunAsync(DateOnly firstDay, CancellationToken cancel)
    {
        var read = PeopleCsv.Read(new StringReader(SampleCompany.Csv()), "sample company", new Dictionary<string, string>(), SampleCompany.Zone);
        var seats = SampleCompany.Seats.ToDictionary(
            s => s.Key,
            s => s.Value.Position == 0
                ? read.People.First(p => p.Team.Equals(s.Value.Team, StringComparison.OrdinalIgnoreCase) && read.People.Any(q => q.Managers.Any(m => m.Manager == p.Id) && q.Team == p.Team))
                : read.People.Where(p => p.Team.Equals(s.Value.Team, StringComparison.OrdinalIgnoreCase) && read.People.All(q => q.Managers.All(m => m.Manager != p.Id))).ElementAt(s.Value.Position - 1));
        foreach (var role in Roots)
        {
            personaKeys[role] = CredentialKey.Create();
        }

        var root = await founding.FoundAsync(
            "Sample Company (synthetic)", [.. Roots.Select(r => new RootApprover(seats[r].Id, personaKeys[r].Credential.Text, [r]))], quorum: 2, cancel);
        await founding.SetDirectoryAsync([.. read.People], [.. read.Teams]);
        var officer = personaKeys["privacy-officer"];
        var deviceCodes = await founding.EnrollAsync(read.People.Select(p => p.Id), "device", officer);
        var machineCode = (await founding.EnrollAsync([seats["employee"].Id], "device", officer)).Values.Single();
        var personCodes = await founding.EnrollAsync(seats.Where(s => !Roots.Contains(s.Key)).Select(s => s.Value.Id), "person", officer);
        foreach (var (name, person) in seats.Where(s => !Roots.Contains(s.Key)))
        {
            personaKeys[name] = (await Enrollment.RegisterAsync(http, personCodes[person.Id].ToString(), "person", null, clock, cancel)).Key;
        }

        foreach (var (name, key) in personaKeys)
        {
            Folders.WritePrivate(DemoStandIn.FileOf(keys, name), key.ToPem());
        }

        var people = new List<SamplePerson>();
        foreach (var person in read.People)
        {
            var (key, _, _) = await Enrollment.RegisterAsync(http, deviceCodes[person.Id].ToString(), "device", null, clock, cancel);
            people.Add(new SamplePerson(person.Id, person.Team, [.. person.Managers.Select(m => m.Manager)], key.ToPem()));
        }

        await GrantRolesAsync(root, seats, cancel);
        await StartProgramAsync(root, "focus-time", DemoCharter("focus-time", firstDay), cancel);
        await StartProgramAsync(root, "time-tracking", DemoCharter("time-tracking", firstDay), cancel);
        // The machine that really runs: the employee's second one, beside the one that is replayed.
        await new Enrollment(folder.Agent).EnrollAsync(http, "http://daylight", machineCode.ToString(), new RootProof.Known(root.Fingerprint), clock, cancel);
        var personas = new Dictionary<string, DemoPersona>();
        foreach (var (name, person) in seats)
        {
            personas[name] = new DemoPersona(await founding.MakeTokenAsync(person.Id, 366), person.Id, person.Team, Vocabulary.Roles.Contains(name) ? name : string.Empty);
        }

        return new DemoState(people, personas, Convert.ToBase64String(root.ToBytes()), firstDay.AddDays(-1));
    }

    private async Task GrantRolesAsync(TrustRoot root, Dictionary<string, Daylight.Core.Directory.Person> seats, CancellationToken cancel)
    {
        var api = ApiClient.WithCredential(http, personaKeys["privacy-officer"], root.Fingerprint, clock);
        foreach (var (name, person) in seats.Where(s => Vocabulary.Roles.Contains(s.Key) && !Roots.Contains(s.Key)))
        {
            var until = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(GrantRole.MostDays);
            var exposure = await ExposureAsync(api, new ChangeWanted(Grant: new RoleWanted(person.Id, name, null, until)), cancel);
            var grant = SignedStatement.Sign(new GrantRole(root.Fingerprint, clock.GetUtcNow(), person.Id, name, until, null, exposure), personaKeys["privacy-officer"], personaKeys["works-council"]);
            (await api.PostAsync("/api/v1/events", new SubmitEvent(new RoleGranted(grant)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
        }
    }

    private static async Task<ExposureRead> ExposureAsync(ApiClient api, ChangeWanted change, CancellationToken cancel) =>
        (await api.PostAsync("/api/v1/exposure/diff", change, ProtocolJson.Default.ChangeWanted, ProtocolJson.Default.ChangeExposure, cancel)).OrThrow().Read;

    private async Task StartProgramAsync(TrustRoot root, string program, string text, CancellationToken cancel)
    {
        var (hash, now) = (Authority.CharterHash(text), clock.GetUtcNow());
        await SubmitAsync(root, Authority.OwnerRole, new ProposeCharter(root.Fingerprint, now, program, hash), s => new CharterProposed(s, text), cancel);
        foreach (var role in Authority.ApprovingRoles)
        {
            var api = ApiClient.WithCredential(http, personaKeys[role], root.Fingerprint, clock);
            await SubmitAsync(root, role, new ApproveCharter(root.Fingerprint, now, program, hash, role, await DraftAsync(api, program, cancel)), s => new CharterApproved(s), cancel);
        }

        await SubmitAsync(root, Authority.OwnerRole, new ActivateCharter(root.Fingerprint, now, program, hash), s => new CharterActivated(s), cancel);
    }

    /// <summary>What an approver reads of a charter.</summary>
    private static async Task<ExposureRead> DraftAsync(ApiClient api, string program, CancellationToken cancel) => JsonSerializer.Deserialize(
        Convert.FromBase64String((await api.GetAsync($"/api/v1/programs/{program}/draft", ProtocolJson.Default.DraftView, cancel)).OrThrow().Read), ProtocolJson.Default.ExposureRead)!;

    private async Task SubmitAsync(TrustRoot root, string persona, Statement statement, Func<SignedStatement, PublicEvent> make, CancellationToken cancel)
    {
        var api = ApiClient.WithCredential(http, personaKeys[persona], root.Fingerprint, clock);
        (await api.PostAsync("/api/v1/events", new SubmitEvent(make(SignedStatement.Sign(statement, personaKeys[persona]))), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
    }

    /// <summary>What the demo shows beside the team's own figure.</summary>
    private static readonly string[] FiguresAbove =
    [
        "  - { to: manager, what: focus-minutes, by: company, per: week, minimum-group: 5 }",
        "  - { to: role:analyst, what: focus-minutes, by: department, per: week, minimum-group: 8 }",
        "  - { to: role:analyst, what: focus-minutes, by: site, per: week, minimum-group: 8, round: 10 }",
        "  - { to: role:analyst, what: focus-minutes, by: company, per: week, minimum-group: 8 }",
    ];

    /// <summary>The one sentence of the ready-made charter in the other languages that its readers may have.</summary>
    private static readonly string[] InThreeLanguages =
    [
        "  de: Wir messen, wie viel ungestörte Zeit jedes Team hat, damit Besprechungen verschoben werden können; niemand sieht Ihren Tag außer Ihnen, oder die Ermittlung in einem Fall, dem zugestimmt wurde, und Sie erfahren es.",
        "  fr: Nous mesurons combien de temps sans interruption chaque équipe obtient, pour pouvoir déplacer des réunions ; personne ne voit votre journée sauf vous, ou un enquêteur dans un dossier approuvé, et vous l'apprenez.",
    ];

    /// <summary>A ready-made charter, with the demo's dates, hours and levels, and a line that says so.</summary>
    private static string DemoCharter(string program, DateOnly firstDay)
    {
        using var stream = typeof(DemoFounding).Assembly.GetManifestResourceStream(program + ".yaml")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n').Select(line => line switch
        {
            _ when line.StartsWith("from:", StringComparison.Ordinal) => "from: " + Storage.Sql.Day(firstDay),
            _ when line.StartsWith("until:", StringComparison.Ordinal) => "until: " + Storage.Sql.Day(firstDay.AddDays(720)),
            _ when line.StartsWith("hours: Mon", StringComparison.Ordinal) => "hours: { when: always, because: this is a demo and its visitors come at any hour }",
            _ when line.StartsWith("explain: We measure", StringComparison.Ordinal) => string.Join('\n', InThreeLanguages.Prepend("  en: " + line["explain: ".Length..]).Prepend("explain:")),
            _ when line.StartsWith("  - { to: manager, what: focus-minutes", StringComparison.Ordinal) => string.Join('\n', FiguresAbove.Prepend(line)),
            _ => line,
        });
        return "# The demo's charter: synthetic people, all teams and levels, any hour, and longer than a real charter should run.\n" + string.Join('\n', lines);
    }
}

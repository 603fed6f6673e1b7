using System.CommandLine;
using System.Globalization;
using System.Text;
using Daylight.Cli.Keyholders;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Cli.Server;

/// <summary><c>daylight setup</c>: trust root, first approvers, directory and enrollment list.</summary>
internal static class SetupCommand
{
    private const string Help = """
        Makes the trust root, the directory and the enrollment list of a new installation.

        The first approvers make their credentials themselves (daylight credential new FILE) and hand in FILE.pub. One of them signs the
        enrollment list with --key.

        Example:
          daylight keys new ./acme.keys
          daylight setup --data ./acme --company Acme --people people.csv \
            --approver program-owner=olga@acme.example:olga.pem.pub --approver privacy-officer=petra@acme.example:petra.pem.pub \
            --approver works-council=wim@acme.example:wim.pem.pub --key petra.pem
        """;

    public static Command Create()
    {
        var data = Shared.Data("Folder for the server's and the keyholder's files");
        var keys = new Option<string?>("--keys") { Description = "Folder with keyholder.kek and server.key (default: DIR.keys)", HelpName = "DIR" };
        var database = new Option<string?>("--database") { Description = "postgres://… instead of the embedded SQLite file", HelpName = "URL" };
        var company = new Option<string>("--company") { Description = "The company's name", Required = true, HelpName = "NAME" };
        var people = new Option<string>("--people") { Description = "CSV: email, name, team; optionally department, manager, site, zone", Required = true, HelpName = "FILE" };
        var approvers = new Option<string[]>("--approver") { Description = "One of the first approvers", Required = true, HelpName = "ROLE=EMAIL:FILE.pub" };
        var key = new Option<string>("--key") { Description = "Credential of the approver who signs the enrollment list", Required = true, HelpName = "FILE" };
        var zone = new Option<string>("--zone") { Description = "Time zone where the CSV names none", DefaultValueFactory = _ => "Europe/Berlin", HelpName = "ZONE" };
        var command = new Command("setup", Help) { data, keys, database, company, people, approvers, key, zone };
        var reach = new KeyholderReach();
        reach.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var folder = new DataFolder(parsed.GetValue(data)!);
            await using var installation = await Installation.StartAsync(
                folder,
                parsed.GetValue(keys) ?? folder.DefaultKeys,
                parsed.GetValue(database),
                reach.Open(parsed),
                serverKey => new ServerOptions { Data = folder.Server, Key = serverKey, Listen = null, RunJobs = false },
                TimeProvider.System,
                cancel);
            return await SetUpAsync(
                folder, parsed.GetValue(keys) ?? folder.DefaultKeys, installation.Server.Founding(), parsed.GetValue(company)!, parsed.GetValue(people)!, parsed.GetValue(approvers)!, parsed.GetValue(key)!, parsed.GetValue(zone)!, cancel);
        });
        return command;
    }

    private static async Task<int> SetUpAsync(
        DataFolder folder, string keysFolder, Founding founding, string company, string csv, string[] approvers, string keyFile, string zone, CancellationToken cancel)
    {
        if (founding.Root is not null)
        {
            throw new InvalidOperationException("This installation has its trust root already; it never changes.");
        }

        using var reader = new StreamReader(csv);
        var read = PeopleCsv.Read(reader, csv, new Dictionary<string, string>(), zone);
        if (read.Problems.Count > 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, read.Problems));
        }

        var roots = Approvers(approvers, read.People);
        using var signer = CredentialKey.FromPem(await File.ReadAllTextAsync(keyFile, cancel));
        if (roots.TrueForAll(r => r.Key != signer.Credential.Text))
        {
            throw new UsageException($"{keyFile} is not the credential of one of the approvers.");
        }

        var root = await founding.FoundAsync(company, roots, Math.Min(2, roots.Count), cancel);
        await founding.SetDirectoryAsync([.. read.People], [.. read.Teams]);
        var devices = await founding.EnrollAsync(read.People.Select(p => p.Id), "device", signer);
        var persons = await founding.EnrollAsync(read.People.Where(p => roots.TrueForAll(r => r.Person != p.Id)).Select(p => p.Id), "person", signer);
        var codes = new StringBuilder("email,name,code for the machine,code for the person's own key\n");
        foreach (var person in read.People)
        {
            codes.Append(CultureInfo.InvariantCulture, $"{person.Email},\"{person.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{devices[person.Id]},{(persons.TryGetValue(person.Id, out var code) ? code : "")}\n");
        }

        var file = Path.Combine(keysFolder, "enrollment-codes.csv"); // a code is a key until it is used: never in a data folder or its backup
        Folders.WritePrivate(file, codes.ToString());
        Console.WriteLine($"trust root    {root.Fingerprint}");
        Console.WriteLine($"words         {TrustWords.Of(root.Fingerprint)}");
        Console.WriteLine($"log           {root.Log}");
        Console.WriteLine($"keyholder     {root.Keyholder}");
        Console.WriteLine($"people        {read.People.Count} in {read.Teams.Count} teams");
        Console.WriteLine($"codes         {file}");
        await Console.Error.WriteLineAsync("Publish the trust root and its words outside Daylight (on paper, the works council's notice): whoever joins a machine types them. Hand each person their codes, then delete the file: every code serves once.");
        await Console.Error.WriteLineAsync($"Next: daylight serve --data {folder.Path}");
        return CommandLine.Done;
    }

    private static List<RootApprover> Approvers(string[] texts, IReadOnlyList<Person> people)
    {
        var byPerson = new Dictionary<string, RootApprover>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [var role, var rest] || rest.Split(':', 2) is not [var email, var file] || !Vocabulary.Roles.Contains(role))
            {
                throw new UsageException($"--approver {text}: write ROLE=EMAIL:FILE.pub. Roles: {string.Join(", ", Vocabulary.Roles)}.");
            }

            var person = people.FirstOrDefault(p => p.Email.Equals(email, StringComparison.OrdinalIgnoreCase)) ?? throw new UsageException($"--approver {text}: {email} is not in the CSV.");
            var credential = Credential.TryParse(File.ReadAllText(file)) ?? throw new UsageException($"--approver {text}: {file} is not the public half of a credential.");
            byPerson[person.Id] = byPerson.TryGetValue(person.Id, out var known)
                ? known with { Roles = [.. known.Roles, role] }
                : new RootApprover(person.Id, credential.Text, [role]);
        }

        foreach (var role in (string[])[Authority.OwnerRole, .. Authority.ApprovingRoles])
        {
            if (byPerson.Values.Count(a => a.Roles.Contains(role)) != 1 || byPerson.Values.Any(a => a.Roles.Contains(role) && a.Roles.Count > 1))
            {
                throw new UsageException("The first approvers are at least program-owner, privacy-officer and works-council, three different people.");
            }
        }

        return [.. byPerson.Values];
    }
}

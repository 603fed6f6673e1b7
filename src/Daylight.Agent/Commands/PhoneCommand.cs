using System.CommandLine;
using System.Globalization;
using Daylight.Agent.Intake;
using Daylight.Agent.OwnTracks;

namespace Daylight.Agent.Commands;

/// <summary><c>phone</c>: what to enter in OwnTracks.</summary>
internal static class PhoneCommand
{
    private const string Help = """
        What to enter in OwnTracks on your phone, so that it tells this machine at which site you are.

        The phone reports to this machine over your network, encrypted and with a key of its own. Points become names of sites that a charter lists; nothing else of them is
        kept, and without such a charter nothing at all. Put the address under which your phone finds this machine into the setting Phone, and restart the agent.

        Example:
        """;

    public static Command Create()
    {
        var command = new Command("phone", $"{Help}\n  DAYLIGHT__PHONE=laptop.local:5602 {AgentCommands.Program} phone") { AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var folder = AgentCommands.FolderOf(parsed);
            if (Settings.Of(folder)["Phone"] is not { } setting)
            {
                throw new UsageException($"No phone reports to this machine. Write {{\"Phone\": \"laptop.local:{PhoneAddress.DefaultPort}\"}} into {Path.Combine(folder, "appsettings.json")}, with the name or address of this machine on your network.");
            }

            var address = PhoneAddress.Parse(setting);
            using var certificate = address.Certificate(folder);
            Console.WriteLine("mode         HTTP");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"url          https://{address.Host}:{address.Port}{OwnTracksEndpoint.Path}"));
            Console.WriteLine("user         phone");
            Console.WriteLine($"password     {ApiKey.Open(folder, "phone-key").Text}");
            Console.WriteLine($"certificate  {Path.Combine(folder, "phone.crt")}   (install it on the phone as a trusted authority)");
            await Console.Error.WriteLineAsync("Anybody who has the password can say where your phone is, to this machine only. To change it, delete the file phone-key and restart the agent.");
            return CommandLine.Done;
        });
        return command;
    }
}

using Daylight.Bench;

// Side-by-side runs: each figure stands next to a peer or the machine's limit, measured in the same run.
var seconds = args.Length > 1 ? double.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 10;
switch (args.FirstOrDefault())
{
    case "heartbeats":
        await Heartbeats.RunAsync(TimeSpan.FromSeconds(seconds));
        break;
    case "disclosure":
        await Disclosures.RunAsync(TimeSpan.FromSeconds(seconds));
        break;
    default:
        Console.Error.WriteLine("bench/run heartbeats|disclosure [SECONDS]");
        return 2;
}

return 0;

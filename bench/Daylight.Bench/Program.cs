using Daylight.Bench;

// Side-by-side runs: each figure stands next to a peer or the machine's limit, measured in the same run.
var seconds = args.Length > 1 && double.TryParse(args[1], System.Globalization.CultureInfo.InvariantCulture, out var given) ? given : 10;
switch (args.FirstOrDefault())
{
    case "heartbeats":
        await Heartbeats.RunAsync(TimeSpan.FromSeconds(seconds));
        break;
    case "disclosure":
        await Disclosures.RunAsync(TimeSpan.FromSeconds(seconds));
        break;
    case "log":
        await Appends.RunAsync(TimeSpan.FromSeconds(seconds));
        break;
    case "minimize":
        Minimizing.Run(TimeSpan.FromSeconds(seconds));
        break;
    case "verify":
        await Verifying.VerifyAsync(TimeSpan.FromSeconds(seconds));
        break;
    case "append":
        await Verifying.AppendAsync(TimeSpan.FromSeconds(seconds));
        break;
    case "check":
        Minimizing.Check(people: 100_000);
        break;
    case "access":
        Access.Run(args.Length > 1 ? [(int)seconds] : [10_000, 100_000, 1_000_000]);
        break;
    case "releases":
        Releases.Run(args.Length > 1 ? (int)seconds : 100_000);
        break;
    case "lifecycle":
        await Lifecycle.RunAsync(args.Length > 1 ? (int)seconds : 100_000);
        break;
    case "pages":
        await Pages.RunAsync(args.Length > 1 ? (int)seconds : 100_000);
        break;
    case "stopping":
        await Stopping.RunAsync(args.Length > 1 ? (int)seconds : 10_000);
        break;
    case "stopping-machines":
        await Stopping.MachinesAsync(args[1], args[2], args[3], args[4]);
        break;
    case "access-peers":
        AccessPeers.Write(args[1], int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
        break;
    case "fuzz":
        return Fuzzing.Run(inputs: args.Length > 1 ? (long)seconds : 10_000_000, seed: args.Length > 2 ? ulong.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 20_261_121);
    case "fuzz-agent":
        await AgentFuzzing.RunAsync(args.Length > 1 ? (long)seconds : 10_000_000, args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 20_261_128);
        break;
    case "agent":
        await AgentWork.RunAsync(args.Length > 1 ? (long)seconds : 10_000_000);
        break;
    default:
        Console.Error.WriteLine("bench/run heartbeats|disclosure|log|minimize|verify|append [SECONDS], bench/run check, bench/run access|releases|lifecycle|pages [PEOPLE], bench/run stopping [MACHINES], bench/run fuzz|fuzz-agent [INPUTS] [SEED], bench/run agent [EVENTS]");
        return 2;
}

return 0;

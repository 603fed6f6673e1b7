using System.Diagnostics;
using System.Globalization;
using Daylight.Agent.Trust;
using Daylight.Core.Directory;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Lifecycle;
using Daylight.Server.Features.Log;
using Daylight.Server.Hosting;
using Daylight.Tests.Company;

namespace Daylight.Bench;

/// <summary>A pause on its way to many connected machines: each an enrolled credential with a connection of its own, in another process on the same two cores.</summary>
internal static class Stopping
{
    public static async Task RunAsync(int machines)
    {
        await using var company = await TestCompany.StartAsync(found: false);
        var people = Enumerable.Range(0, machines + 3).Select(i => new Person($"p{i:x20}", $"n{i}@test.example", i < 3 ? ((string[])["owner", "officer", "council"])[i] : $"n{i}", "crew", ManagerLink.To(""), "Berlin", "Europe/Berlin")).ToList();
        await company.FoundAsync(people, [new Team("company", "Company", ""), new Team("crew", "Crew", "company")]);
        await company.ActivateAsync(TestCompany.Charter());
        var start = Stopwatch.GetTimestamp();
        var codes = await company.Server.Founding().EnrollAsync(people.Skip(3).Select(p => p.Id), "device", company.KeyOf("officer"));
        var keys = new List<string>();
        await Parallel.ForEachAsync(codes.Values, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (code, cancel) =>
        {
            var (key, _, _) = await Enrollment.RegisterAsync(company.Http, code.ToString(), "device", null, company.Clock, cancel);
            lock (keys)
            {
                keys.Add(key.ToPem());
            }
        });
        Print($"{machines} machines enrolled in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");

        var file = Path.Combine(company.Folder, "machines.pem");
        await File.WriteAllTextAsync(file, string.Join('\0', keys));
        var socket = ServerOptions.ControlSocketOf(Path.Combine(company.Folder, "server"));
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["stopping-machines", socket, file, company.Root.Fingerprint, company.Clock.Now.ToString("O", CultureInfo.InvariantCulture)]))!;
        var spread = company.Part<StopSpread>();
        await UntilAsync(() => spread.Waiting == machines);
        for (var round = 0; round < 3; round++)
        {
            start = Stopwatch.GetTimestamp();
            var pause = await company.SubmitAsync("council", new ProgramPaused(PauseProgram.Everything, "a leak", company.Clock.Now));
            var logged = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var most = await UntilAsync(() => spread.Confirmed() >= machines * 99 / 100, start);
            var all = await UntilAsync(() => spread.Confirmed() == machines, start);
            Print($"pause of {machines} connected machines: in the log after {logged:0.000} s, confirmed by 99 % after {most:0.00} s, by all after {all:0.00} s");
            await UntilAsync(() => spread.Waiting == machines);
            await company.ResumeAsync(pause);
            await UntilAsync(() => spread.Confirmed() == machines && spread.Waiting == machines);
            company.Clock.Now += TimeSpan.FromSeconds(1);
        }

        child.Kill();
        await child.WaitForExitAsync();
    }

    /// <summary>The machines: each asks, waits, and asks with what it was told, which confirms it.</summary>
    public static async Task MachinesAsync(string socket, string file, string root, string now)
    {
        var clock = new TestClock(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));
        var keys = (await File.ReadAllTextAsync(file)).Split('\0').Select(CredentialKey.FromPem).ToList();
        using var http = DaylightServer.ControlClient(socket);
        using var door = new SemaphoreSlim(100); // a socket's queue of newcomers is short
        await Task.WhenAll(keys.Select(key => Task.Run(async () =>
        {
            var api = ApiClient.WithCredential(http, key, root, clock);
            await door.WaitAsync();
            var seen = (await api.GetAsync("/api/v1/agent/changes?seen=", ProtocolJson.Default.AgentChanges, default)).OrThrow().Mark;
            var waiting = api.GetAsync("/api/v1/agent/changes?seen=" + seen, ProtocolJson.Default.AgentChanges, default);
            door.Release();
            while (true)
            {
                seen = (await waiting).OrThrow().Mark;
                waiting = api.GetAsync("/api/v1/agent/changes?seen=" + seen, ProtocolJson.Default.AgentChanges, default);
            }
        })));
    }

    private static async Task<double> UntilAsync(Func<bool> holds, long start = 0)
    {
        while (!holds())
        {
            await Task.Delay(20);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

namespace Daylight.Agent;

/// <summary>How an agent is set up.</summary>
public sealed record AgentOptions
{
    /// <summary>The agent's folder.</summary>
    public required string Data { get; init; }

    /// <summary>Port on the loopback address; 5600 is ActivityWatch's own, which its clients expect.</summary>
    public int Port { get; init; } = 5600;

    /// <summary>How often the outbox is sealed and sent. One day by default; the demo says 5 seconds.</summary>
    public TimeSpan UploadEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How many days raw events stay on this machine, unless the employee said otherwise.</summary>
    public int RawDays { get; init; } = 7;

    /// <summary>Whether the key of raw events goes into the user's key store, where there is one. Off in the demo and in tests, which touch nobody's.</summary>
    public bool UseKeyStore { get; init; }

    /// <summary>Where a phone reports to: an address of this machine's on the network, such as <c>laptop.local:5602</c>; null for nowhere.</summary>
    public string? Phone { get; init; }

    /// <summary>Origins of further browser extensions that may report, such as <c>chrome-extension://…</c> of one that a company built itself.</summary>
    public IReadOnlyCollection<string> Origins { get; init; } = [];

    /// <summary>Whether the agent works by itself. Off in tests that drive it step by step.</summary>
    public bool RunInBackground { get; init; } = true;

    /// <summary>Whether everything here is made up; the page says so.</summary>
    public bool Synthetic { get; init; }

    /// <summary>The runtime file of this agent: port and a secret, mode 0600.</summary>
    public string RuntimeFile => Path.Combine(Data, "runtime.json");

    /// <summary>Where the agent of this user that was started last is found without <c>--data</c>.</summary>
    public static string UserRuntimeFile
    {
        get
        {
            // Never in a folder that others may write: who puts a file there first would be asked, and told.
            var folder = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? runtime : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
            return Path.Combine(folder, "daylight", "agent.json");
        }
    }
}

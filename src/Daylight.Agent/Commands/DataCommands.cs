using System.CommandLine;
using System.Globalization;

namespace Daylight.Agent.Commands;

/// <summary><c>flush</c>, <c>forget</c> and <c>import</c>.</summary>
internal static class DataCommands
{
    public static Command Flush()
    {
        var command = new Command("flush", "Sends everything in the outbox now; exit 0 when the server has acknowledged it.") { AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var outcome = await AgentCommands.WithAgentAsync(parsed, agent => agent.FlushAsync(cancel), cancel);
            if (outcome.Ok)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Sent} chunks sent; {outcome.Message}"));
                return CommandLine.Done;
            }

            await Console.Error.WriteLineAsync(outcome.Message);
            return CommandLine.Refused;
        });
        return command;
    }

    public static Command Forget()
    {
        var yes = Shared.Yes();
        var command = new Command("forget", "Deletes everything on this machine that has not been sent: raw events and the outbox.") { AgentCommands.Folder, yes };
        command.SetAction(async (parsed, cancel) =>
        {
            if (!parsed.GetValue(yes))
            {
                throw new UsageException("This deletes every raw event and everything in the outbox of this machine. Say --yes if you are sure.");
            }

            await AgentCommands.WithAgentAsync(
                parsed,
                async agent =>
                {
                    await agent.ForgetAsync(cancel);
                    return true;
                },
                cancel);
            Console.WriteLine("forgotten");
            return CommandLine.Done;
        });
        return command;
    }

    public static Command Import()
    {
        var file = new Argument<string>("FILE") { Description = "An ActivityWatch export (JSON)" };
        var command = new Command("import", $"Takes an ActivityWatch export, as if its watchers had reported it here. What is here already is not taken twice.\n\nExample:\n  {AgentCommands.Program} import aw-buckets-export.json") { file, AgentCommands.Folder };
        command.SetAction(async (parsed, cancel) =>
        {
            var path = parsed.GetValue(file)!;
            await using var stream = File.Exists(path) ? File.OpenRead(path) : throw new UsageException($"There is no file {path}.");
            var imported = await AgentCommands.WithAgentAsync(
                parsed,
                agent => CommandLine.WithProgressAsync("importing", Math.Max(1, stream.Length), at => agent.ImportAsync(new Watched(stream, at), cancel)),
                cancel);
            if (imported.Problem is { } problem)
            {
                throw new InvalidOperationException($"{path} was not read to its end: {problem}. An ActivityWatch export is JSON of the form {{\"buckets\": {{…}}}}. {imported.Events} events before that were taken.");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{imported.Events} events taken{(imported.Skipped > 0 ? $", {imported.Skipped} left out: not readable, private, or of a kind that no charter asks for" : "")}"));
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>A stream that says how far it was read.</summary>
    private sealed class Watched(Stream inner, Action<double> at) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            at(inner.Position);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

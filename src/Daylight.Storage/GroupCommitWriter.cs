using System.Data.Common;

namespace Daylight.Storage;

/// <summary>
/// The one writer of a database. Work that waits while a commit is under way goes into the next one together: callers share the cost of
/// a durable commit, and a lone caller waits for nobody. A task completes only after its commit.
/// </summary>
public sealed class GroupCommitWriter : IAsyncDisposable
{
    private const int MostPerCommit = 1024;

    private readonly IDatabase database;
    private readonly Lock gate = new();
    private readonly Queue<Work> queue = new(); // under the gate
    private readonly List<Work> batch = []; // whoever is busy
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DbConnection connection; // whoever is busy
    private bool busy; // under the gate: somebody commits
    private bool closed; // under the gate

    private Action? rolledBack;

    /// <summary>Opens the writing connection.</summary>
    public GroupCommitWriter(IDatabase database)
    {
        this.database = database;
        connection = database.OpenWriter();
    }

    /// <summary>Calls back, on the writing thread, when work was undone: whoever remembers what it wrote must forget it.</summary>
    public void OnRollback(Action forget) => rolledBack += forget;

    /// <summary>Runs work in a transaction; completes when it is durable. The work may run twice and must only touch the database.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, T> work)
    {
        var item = new Work<T>(work);
        if (Take(item))
        {
            _ = Task.Run(Drain);
        }

        return item.Task;
    }

    /// <summary>
    /// The same for a lone caller in a hurry: where nobody else commits, the calling thread does, and no other thread is woken for it. Whoever hands in many things
    /// one after the other wants the other one.
    /// </summary>
    public Task<T> WriteNowAsync<T>(Func<DbConnection, DbTransaction, T> work)
    {
        var item = new Work<T>(work);
        if (Take(item) && CommitNext())
        {
            _ = Task.Run(Drain);
        }

        return item.Task;
    }

    /// <summary>Runs work in a transaction; completes when it is durable.</summary>
    public Task WriteAsync(Action<DbConnection, DbTransaction> work) => WriteAsync((c, t) =>
    {
        work(c, t);
        return true;
    });

    /// <summary>Finishes what was handed in, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closed = true;
            if (!busy)
            {
                idle.TrySetResult();
            }
        }

        await idle.Task;
        await connection.DisposeAsync();
    }

    /// <summary>Queues work; true when the caller is to commit, since nobody does.</summary>
    private bool Take(Work work)
    {
        lock (gate)
        {
            if (closed)
            {
                work.Fail(new ObjectDisposedException(nameof(GroupCommitWriter)));
                return false;
            }

            queue.Enqueue(work);
            return !busy && (busy = true);
        }
    }

    private void Drain()
    {
        while (CommitNext())
        {
        }
    }

    /// <summary>Commits what waits, up to a limit, together. True when more waits; else whoever comes next commits.</summary>
    private bool CommitNext()
    {
        lock (gate)
        {
            while (batch.Count < MostPerCommit && queue.TryDequeue(out var work))
            {
                batch.Add(work);
            }
        }

        Commit(batch);
        batch.Clear();
        lock (gate)
        {
            if (queue.Count > 0)
            {
                return true;
            }

            busy = false;
            if (closed)
            {
                idle.TrySetResult();
            }

            return false;
        }
    }

    private void Commit(List<Work> batch)
    {
        try
        {
            CommitTogether(batch);
            batch.ForEach(w => w.Succeed());
        }
        catch (Exception e) when (batch.Count == 1)
        {
            rolledBack?.Invoke();
            batch[0].Fail(e);
        }
        catch (Exception)
        {
            rolledBack?.Invoke();
            // One of them failed and took the others with it: give each its own transaction, so that only the guilty one fails.
            foreach (var work in batch)
            {
                Commit([work]);
            }
        }
    }

    private void CommitTogether(List<Work> batch)
    {
        if (connection.State != System.Data.ConnectionState.Open)
        {
            // A database server that went away and came back: go on by ourselves.
            connection.Dispose();
            connection = database.OpenWriter();
        }

        database.CheckInPlace(connection);
        using var transaction = connection.BeginTransaction();
        foreach (var work in batch)
        {
            work.Run(connection, transaction);
        }

        transaction.Commit();
    }

    private abstract class Work
    {
        public abstract void Run(DbConnection connection, DbTransaction transaction);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    private sealed class Work<T>(Func<DbConnection, DbTransaction, T> run) : Work
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;

        public Task<T> Task => done.Task;

        public override void Run(DbConnection connection, DbTransaction transaction) => result = run(connection, transaction);

        public override void Succeed() => done.TrySetResult(result);

        public override void Fail(Exception e) => done.TrySetException(e);
    }
}

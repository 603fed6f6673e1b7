using System.Data.Common;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Daylight.Storage;

/// <summary>An embedded SQLite file, readable by its owner only, in write-ahead mode, on the platform's own SQLite.</summary>
public sealed partial class SqliteDatabase : IDatabase
{
    private readonly string path;
    private readonly string connectionString;

    static SqliteDatabase()
    {
        // The NuGet binding carries no engine: the platform's SQLite, which its distributor patches, is what runs.
        NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, Resolve);
        NativeLibrary.SetDllImportResolver(typeof(SqliteDatabase).Assembly, Resolve);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
    }

    /// <summary>Opens or makes the file.</summary>
    /// <param name="path">The file; its folder is made, mode 0700.</param>
    /// <param name="readOnly">Reads only, and never makes the file.</param>
    public SqliteDatabase(string path, bool readOnly = false)
    {
        this.path = Path.GetFullPath(path);
        if (!readOnly)
        {
            Folders.MakePrivate(Path.GetDirectoryName(this.path)!);
            if (!File.Exists(this.path))
            {
                using var file = new FileStream(this.path, Folders.PrivateFile(FileMode.OpenOrCreate));
            }
        }

        connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = this.path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite,
            Pooling = true,
            DefaultTimeout = 30,
        }.ToString();
    }

    /// <inheritdoc/>
    public string Description => "SQLite, " + path;

    /// <inheritdoc/>
    public DbConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    /// <inheritdoc/>
    public DbConnection OpenWriter()
    {
        var connection = new SqliteConnection(connectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        // EXTRA is FULL, and besides it the folder is synchronised when a rollback journal goes: one that came back after a power cut would undo the file's beginning.
        command.CommandText = "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=30000; PRAGMA secure_delete=ON;";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <inheritdoc/>
    public IDisposable LockExclusively(string what)
    {
        try
        {
            return Folders.LockExclusively(path + ".lock");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"Another process is using {what} ({path}). Stop it first, or name another --data folder.", e);
        }
    }

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public IDisposable TakeTurn(string what) => Nothing.ToDo;

    /// <inheritdoc/>
    public void CheckInPlace(DbConnection connection)
    {
        // SQLite goes on with a file that was deleted under it, as any open file does: a log that nobody can find again.
        const int hasMoved = 20; // SQLITE_FCNTL_HAS_MOVED
        if (((SqliteConnection)connection).Handle is { } handle && sqlite3_file_control(handle.DangerousGetHandle(), "main", hasMoved, out var moved) == 0 && moved != 0)
        {
            throw new IOException($"The database file was moved, deleted or replaced under this process ({path}).");
        }
    }

    /// <inheritdoc/>
    public void Scrub()
    {
        using var connection = OpenWriter();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public bool HasPartitions => false;

    /// <inheritdoc/>
    public string PartitionedBy(string column) => string.Empty;

    /// <inheritdoc/>
    public void Prepare(string table, DateOnly day)
    {
        // One table holds every day.
    }

    /// <inheritdoc/>
    public IReadOnlyList<DateOnly> Partitions(string table) => [];

    /// <inheritdoc/>
    public void DropPartition(DbConnection connection, DbTransaction transaction, string table, DateOnly day) => throw new NotSupportedException("SQLite has no partitions.");

    [LibraryImport("e_sqlite3", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sqlite3_file_control(nint database, string name, int operation, out int answer);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != "e_sqlite3")
        {
            return 0;
        }

        string[] candidates = OperatingSystem.IsWindows() ? ["winsqlite3.dll"] : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"] : ["libsqlite3.so.0", "libsqlite3.so"];
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, search, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException("SQLite is not installed. On Debian and Ubuntu: apt-get install libsqlite3-0");
    }
}

/// <summary>A turn that nobody else can want.</summary>
internal sealed class Nothing : IDisposable
{
    public static Nothing ToDo { get; } = new();

    public void Dispose()
    {
    }
}

/// <summary>Folders and files that only their owner may read.</summary>
public static class Folders
{
    /// <summary>Makes a folder, mode 0700.</summary>
    public static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Makes a folder in a shared place, mode 0700, and makes sure that it is ours: no link, and of this user, also where this user is root.</summary>
    /// <exception cref="UnauthorizedAccessException">Somebody else made it.</exception>
    public static void MakeOwn(string folder)
    {
        MakePrivate(folder);
        if (new DirectoryInfo(folder).LinkTarget is not null || (OperatingSystem.IsLinux() && !LinuxOwner.IsMine(folder)))
        {
            throw new UnauthorizedAccessException($"Somebody else made {folder}.");
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Takes a lock file for this process; over when disposed, or when the process dies.</summary>
    /// <exception cref="InvalidOperationException">Another process has it.</exception>
    public static IDisposable LockExclusively(string path)
    {
        try
        {
            return new FileStream(path, PrivateFile(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"Another process is using {path}. Stop it first, or name another --data folder.", e);
        }
    }

    /// <summary>How to open a file, mode 0600.</summary>
    public static FileStreamOptions PrivateFile(FileMode mode, FileShare share = FileShare.ReadWrite)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>Writes a small file, mode 0600, replacing it whole.</summary>
    public static void WritePrivate(string path, string text)
    {
        MakePrivate(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = $"{path}.{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4))}.new"; // two processes may write at once
        try
        {
            using (var file = new FileStream(temporary, PrivateFile(FileMode.CreateNew)))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}

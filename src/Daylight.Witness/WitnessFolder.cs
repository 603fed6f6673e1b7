using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Witness;

/// <summary>A witness's folder: its key, its record and the lock that keeps a second process out.</summary>
internal sealed class WitnessFolder : IDisposable
{
    private readonly IDisposable exclusive;

    private WitnessFolder(IDatabase database, IDisposable exclusive, NoteSigner signer, IReadOnlyList<NoteVerifier> logs, string listen) =>
        (Database, this.exclusive, Signer, Logs, Listen) = (database, exclusive, signer, logs, listen);

    public IDatabase Database { get; }

    public NoteSigner Signer { get; }

    public IReadOnlyList<NoteVerifier> Logs { get; }

    public string Listen { get; }

    public static string DatabaseOf(string data) => Path.Combine(data, "witness.db");

    public static bool Exists(string data) => File.Exists(DatabaseOf(data));

    /// <summary>Opens the folder, or makes it on the first run, and remembers what the options add.</summary>
    /// <exception cref="InvalidOperationException">It cannot be used as it is; the message says what to do.</exception>
    public static WitnessFolder Open(WitnessOptions options, TimeProvider time)
    {
        var keyFile = Path.Combine(options.Data, "witness.key");
        var fresh = IsFirstRun(options, keyFile) ? NewKey(options.Name) : ((NoteSigner Signer, byte[] Seed)?)null; // a name that cannot be is refused before anything is made
        var database = new SqliteDatabase(DatabaseOf(options.Data));
        var exclusive = database.LockExclusively("this witness");
        try
        {
            Migrations.Apply(database, typeof(WitnessFolder).Assembly);
            using var connection = database.OpenWriter();
            var signer = fresh is not null ? Keep(connection, fresh.Value, keyFile) : ReadKey(connection, options.Name, keyFile);
            using var transaction = connection.BeginTransaction();
            var (logs, listen) = Remember(connection, transaction, options);
            if (options.ClockWasAhead)
            {
                connection.Execute("UPDATE checkpoints SET cosigned_at = @now WHERE cosigned_at > @now", new { now = time.GetUtcNow().ToUnixTimeSeconds() }, transaction);
            }

            transaction.Commit();
            return new WitnessFolder(database, exclusive, signer, logs, listen);
        }
        catch
        {
            exclusive.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => exclusive.Dispose();

    /// <summary>
    /// INVARIANT: a key is never used without the record that was made with it. It would start at nothing, and cosign any history.
    /// </summary>
    private static bool IsFirstRun(WitnessOptions options, string keyFile)
    {
        if (options.Logs.FirstOrDefault(l => l.Type != NoteKeyType.Ed25519) is { } other)
        {
            throw new InvalidOperationException($"{other} is a witness's key. A log's key is what 'daylight log vkey' prints.");
        }

        switch (File.Exists(keyFile), Exists(options.Data))
        {
            case (true, true):
                return false;
            case (true, false):
                throw new InvalidOperationException(
                    $"{keyFile} is there, and its record {DatabaseOf(options.Data)} is gone. Without it this key would cosign any history. Make a new witness in another folder, and have its key put into the policy.");
            case (false, true):
                throw new InvalidOperationException(
                    $"{DatabaseOf(options.Data)} is there, and its key {keyFile} is gone. Put the file back; or make a new witness in another folder, and have its key put into the policy.");
            case (false, false) when options.Logs.Count == 0:
                throw new InvalidOperationException("A new witness must know which log it watches: --log VKEY (what 'daylight log vkey' prints; compare it with what was published outside Daylight).");
            default:
                return true;
        }
    }

    private static (NoteSigner Signer, byte[] Seed) NewKey(string? name)
    {
        var seed = RandomNumberGenerator.GetBytes(Ed25519.KeySize);
        return (Signing(name ?? "daylight.witness/" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), seed), seed);
    }

    private static NoteSigner Keep(DbConnection connection, (NoteSigner Signer, byte[] Seed) fresh, string keyFile)
    {
        // The record first: should this stop half-way, a record without a key is refused, and a key without a record does not come to be.
        connection.Execute("INSERT INTO settings (name, value) VALUES ('vkey', @vkey)", new { vkey = fresh.Signer.Verifier.ToString() });
        Folders.WritePrivate(keyFile, Convert.ToHexStringLower(fresh.Seed) + "\n");
        return fresh.Signer;
    }

    private static NoteSigner ReadKey(DbConnection connection, string? name, string keyFile)
    {
        if (connection.QuerySingleOrDefault<string>("SELECT value FROM settings WHERE name = 'vkey'") is not { } vkey || !NoteVerifier.TryParse(vkey, out var made))
        {
            throw new InvalidOperationException($"The record of this witness is empty or damaged. Without it {keyFile} would cosign any history. Make a new witness in another folder, and have its key put into the policy.");
        }

        if (name is not null && name != made!.Name)
        {
            throw new InvalidOperationException($"This witness is called {made.Name}, and its name is part of its key. Leave --name out, or make another witness in another folder.");
        }

        var signer = Signing(made!.Name, ReadSeed(keyFile));
        return signer.Verifier.ToString() == vkey ? signer : throw new InvalidOperationException($"{keyFile} is not the key that this record was made with ({vkey}). Put the right one back.");
    }

    private static byte[] ReadSeed(string keyFile)
    {
        try
        {
            return Convert.FromHexString(File.ReadAllText(keyFile).Trim()) is { Length: Ed25519.KeySize } seed ? seed : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw new InvalidOperationException($"{keyFile} is damaged: it is 64 hexadecimal digits. Put the right one back.", e);
        }
    }

    private static NoteSigner Signing(string name, byte[] seed)
    {
        try
        {
            return name != "none" ? new NoteSigner(name, NoteKeyType.Cosignature, seed) : throw new ArgumentException("A policy reads 'none' as no witness.", nameof(name));
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"'{name}' cannot name a witness: no spaces, no plus, and not 'none'. A name looks like council.acme.example", e);
        }
    }

    private static (IReadOnlyList<NoteVerifier> Logs, string Listen) Remember(DbConnection connection, DbTransaction transaction, WitnessOptions options)
    {
        foreach (var log in options.Logs)
        {
            connection.Execute("INSERT INTO trusted_keys (vkey, origin) VALUES (@vkey, @origin) ON CONFLICT DO NOTHING", new { vkey = log.ToString(), origin = log.Name }, transaction);
        }

        var known = connection.QuerySingleOrDefault<string>("SELECT value FROM settings WHERE name = 'listen'", transaction: transaction);
        var listen = options.Listen ?? known ?? WitnessOptions.DefaultListen;
        connection.Execute("INSERT INTO settings (name, value) VALUES ('listen', @listen) ON CONFLICT (name) DO UPDATE SET value = @listen", new { listen }, transaction);
        return ([.. connection.Query<string>("SELECT vkey FROM trusted_keys ORDER BY origin, vkey", transaction: transaction).Select(NoteVerifier.Parse)], listen);
    }
}

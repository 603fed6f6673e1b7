using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>
/// Private keys, one pair per (person, program), wrapped under the current epoch of the key-encryption key. That key lies outside every data
/// folder and backup; without it this database opens nothing.
/// </summary>
internal sealed class KeyVault
{
    private const int RowsPerStep = 2000;

    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly KeyEncryptionKey kek;
    private SecretBox openings = null!;
    private byte[] references = [];

    private KeyVault(IDatabase database, GroupCommitWriter writer, KeyEncryptionKey kek) => (this.database, this.writer, this.kek) = (database, writer, kek);

    /// <summary>Opens the vault; makes its own secrets on first use.</summary>
    /// <exception cref="CryptographicException">The key-encryption key is not the one that this database was written under.</exception>
    public static async Task<KeyVault> OpenAsync(IDatabase database, GroupCommitWriter writer, KeyEncryptionKey kek)
    {
        var vault = new KeyVault(database, writer, kek);
        vault.references = await vault.SeedAsync("references");
        vault.openings = new SecretBox(await vault.SeedAsync("openings"));
        return vault;
    }

    /// <summary>When what is destroyed today is unreadable in the keyholder's own backups too.</summary>
    public DateOnly Unreadable => kek.Unreadable;

    /// <summary>Whether an epoch of the key-encryption key lives longer than certificates promise.</summary>
    public bool IsOverdue(DateTimeOffset now) => kek.IsOverdue(now);

    /// <summary>A named secret seed, made on first use.</summary>
    public async Task<byte[]> SeedAsync(string name)
    {
        using (var connection = database.Open())
        {
            var row = connection.QuerySingleOrDefault<(int Kek, byte[]? Sealed)>("SELECT kek, sealed FROM secrets WHERE name = @name", new { name });
            if (row.Sealed is not null)
            {
                return kek.Box(row.Kek).Open(row.Sealed, "seed " + name);
            }
        }

        var seed = RandomNumberGenerator.GetBytes(Ed25519.KeySize);
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO secrets (name, kek, sealed) VALUES (@name, @Current, @sealed)", new { name, kek.Current, @sealed = kek.Box(kek.Current).Seal(seed, "seed " + name) }, t));
        return seed;
    }

    /// <summary>The public key of a person for a program, made on first use, and anew after an erasure.</summary>
    public async Task<(int Epoch, byte[] Key)> PublicKeyAsync(string person, string program, ulong size)
    {
        var personRef = Reference(person);
        if (Newest(personRef, program) is { } found)
        {
            return found;
        }

        using var key = HpkePrivateKey.Create();
        var (publicKey, scalar) = (key.PublicKey.ToArray(), key.ExportScalar());
        await writer.WriteAsync((c, t) =>
        {
            var epoch = 1 + c.QuerySingle<int>(
                "SELECT COALESCE(MAX(epoch), 0) FROM (SELECT epoch, person_ref, program FROM destroyed UNION ALL SELECT epoch, person_ref, program FROM closed) AS gone WHERE person_ref = @personRef AND program = @program",
                new { personRef, program },
                t);
            c.Execute(
                "INSERT INTO keys (person_ref, program, epoch, born, public_key, kek, sealed) VALUES (@personRef, @program, @epoch, @born, @publicKey, @Current, @sealedKey) ON CONFLICT DO NOTHING",
                new { personRef, program, epoch, born = (long)size, publicKey, kek.Current, sealedKey = kek.Box(kek.Current).Seal(scalar, Use(personRef, program, epoch)) },
                t);
        });
        CryptographicOperations.ZeroMemory(scalar);
        return Newest(personRef, program)!.Value;
    }

    /// <summary>The private key, or null when there is none (any more).</summary>
    /// <param name="person">Whose.</param>
    /// <param name="program">For which program.</param>
    /// <param name="epoch">Which.</param>
    /// <param name="held">Whether it serves the legal hold that keeps it: for anything else a key whose erasure was ordered is gone.</param>
    public HpkePrivateKey? PrivateKey(string person, string program, int epoch, bool held = false)
    {
        var personRef = Reference(person);
        using var connection = database.Open();
        if (!held && connection.QuerySingle<int>("SELECT COALESCE(MAX(epoch), 0) FROM closed WHERE person_ref = @personRef AND program = @program", new { personRef, program }) >= epoch)
        {
            return null;
        }

        var row = connection.QuerySingleOrDefault<(byte[] PublicKey, int Kek, byte[] Sealed)>(
            "SELECT public_key, kek, sealed FROM keys WHERE person_ref = @personRef AND program = @program AND epoch = @epoch", new { personRef, program, epoch });
        return row.Sealed is null ? null : HpkePrivateKey.From(kek.Box(row.Kek).Open(row.Sealed, Use(personRef, program, epoch)), HpkePublicKey.From(row.PublicKey));
    }

    /// <summary>Lets a person's keys serve nothing but a legal hold from now on: what is sealed next is sealed to another one.</summary>
    public async Task CloseAsync(string person, IReadOnlyList<string> programs, ulong index)
    {
        var personRef = Reference(person);
        await writer.WriteAsync((c, t) =>
        {
            foreach (var program in programs)
            {
                var key = new { personRef, program, idx = (long)index };
                var epoch = c.QuerySingle<int>("SELECT COALESCE(MAX(epoch), 0) FROM keys WHERE person_ref = @personRef AND program = @program AND born <= @idx", key, t);
                c.Execute("INSERT INTO closed (person_ref, program, idx, epoch) VALUES (@personRef, @program, @idx, @epoch) ON CONFLICT DO NOTHING", new { key.personRef, key.program, key.idx, epoch }, t);
            }
        });
    }

    /// <summary>
    /// Destroys a person's keys that were made before an entry of the log, for good: the rows are overwritten, and no part of them stays behind in the
    /// write-ahead file. The same entry again changes nothing.
    /// </summary>
    public async Task DestroyAsync(string person, IReadOnlyList<string> programs, ulong index)
    {
        var personRef = Reference(person);
        var unreadable = Sql.Day(Unreadable);
        await writer.WriteAsync((c, t) =>
        {
            foreach (var program in programs)
            {
                var key = new { personRef, program, idx = (long)index, unreadable };
                var epoch = c.QuerySingle<int>("SELECT COALESCE(MAX(epoch), 0) FROM keys WHERE person_ref = @personRef AND program = @program AND born <= @idx", key, t);
                var rows = c.Execute("DELETE FROM keys WHERE person_ref = @personRef AND program = @program AND born <= @idx", key, t);
                c.Execute(
                    "INSERT INTO destroyed (person_ref, program, idx, epoch, keys, unreadable) VALUES (@personRef, @program, @idx, @epoch, @rows, @unreadable) ON CONFLICT DO NOTHING",
                    new { key.personRef, key.program, key.idx, key.unreadable, epoch, rows },
                    t);
            }
        });
        database.Scrub();
    }

    /// <summary>References of people whose keys for a program were destroyed, or closed for a legal hold, by an entry after one.</summary>
    public IReadOnlySet<string> GoneSince(string program, ulong index)
    {
        using var connection = database.Open();
        return connection.Query<string>(
            "SELECT person_ref FROM destroyed WHERE program = @program AND idx > @idx UNION SELECT person_ref FROM closed WHERE program = @program AND idx > @idx", new { program, idx = (long)index }).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What went under an entry: by program through which epoch, how many keys, and when backups are unreadable too.</summary>
    public IReadOnlyList<(string Program, int Epoch, int Keys, DateOnly Unreadable)> Destroyed(string person, ulong index)
    {
        using var connection = database.Open();
        return [.. connection.Query<(string Program, int Epoch, int Keys, string Unreadable)>(
            "SELECT program, epoch, keys, unreadable FROM destroyed WHERE person_ref = @person AND idx = @idx ORDER BY program", new { person = Reference(person), idx = (long)index })
            .Select(r => (r.Program, r.Epoch, r.Keys, Sql.Day(r.Unreadable)))];
    }

    /// <summary>Moves everything to the next epoch of the key-encryption key when that is due, then destroys the former.</summary>
    public async Task RotateAsync(DateTimeOffset now)
    {
        if (!kek.IsMoving && !kek.IsDue(now))
        {
            return;
        }

        if (!kek.IsMoving)
        {
            kek.Begin(now);
        }

        while (await writer.WriteAsync(MoveSome) > 0)
        {
            // Step by step, so that nobody waits for all of it; a start after a crash goes on from here.
        }

        kek.Forget();
        database.Scrub();
    }

    /// <summary>Encrypts an opening for the keyholder's own store.</summary>
    public byte[] SealOpening(byte[] opening, ulong index) => openings.Seal(opening, OpeningUse(index));

    /// <summary>Decrypts an opening of the keyholder's own store.</summary>
    public byte[] OpenOpening(byte[] sealedOpening, ulong index) => openings.Open(sealedOpening, OpeningUse(index));

    /// <summary>Encrypts something else for the keyholder's own store, bound to its use.</summary>
    public byte[] SealOwn(byte[] bytes, string use) => openings.Seal(bytes, use);

    /// <summary>Decrypts it.</summary>
    public byte[] OpenOwn(byte[] box, string use) => openings.Open(box, use);

    /// <summary>Keyed hash of a person.</summary>
    public string Reference(string person) => SecretBox.Reference(references, person);

    private int MoveSome(DbConnection c, DbTransaction t)
    {
        var moved = 0;
        foreach (var (name, old, box) in c.Query<(string, int, byte[])>("SELECT name, kek, sealed FROM secrets WHERE kek <> @Current", new { kek.Current }, t).ToList())
        {
            var @sealed = Rewrap(old, box, "seed " + name);
            moved += c.Execute("UPDATE secrets SET kek = @Current, sealed = @sealed WHERE name = @name", new { kek.Current, @sealed, name }, t);
        }

        foreach (var (person, program, epoch, old, box) in c.Query<(string, string, int, int, byte[])>(
            "SELECT person_ref, program, epoch, kek, sealed FROM keys WHERE kek <> @Current LIMIT @RowsPerStep", new { kek.Current, RowsPerStep }, t).ToList())
        {
            var @sealed = Rewrap(old, box, Use(person, program, epoch));
            moved += c.Execute(
                "UPDATE keys SET kek = @Current, sealed = @sealed WHERE person_ref = @person AND program = @program AND epoch = @epoch", new { kek.Current, @sealed, person, program, epoch }, t);
        }

        return moved;
    }

    private byte[] Rewrap(int old, byte[] box, string use)
    {
        var plain = kek.Box(old).Open(box, use);
        var next = kek.Box(kek.Current).Seal(plain, use);
        CryptographicOperations.ZeroMemory(plain);
        return next;
    }

    private (int Epoch, byte[] Key)? Newest(string personRef, string program)
    {
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(int Epoch, byte[]? Key)>(
            """
            SELECT epoch, public_key FROM keys WHERE person_ref = @personRef AND program = @program
            AND epoch > (SELECT COALESCE(MAX(epoch), 0) FROM closed WHERE person_ref = @personRef AND program = @program) ORDER BY epoch DESC LIMIT 1
            """,
            new { personRef, program });
        return row.Key is null ? null : (row.Epoch, row.Key);
    }

    private static string Use(string personRef, string program, int epoch) => string.Create(CultureInfo.InvariantCulture, $"key {personRef} {program} {epoch}");

    private static string OpeningUse(ulong index) => string.Create(CultureInfo.InvariantCulture, $"opening {index}");
}

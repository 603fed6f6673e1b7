using System.Security.Cryptography;
using Dapper;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>
/// Private keys, one pair per (person, program), wrapped under the key-encryption key. That key comes from a file outside every data
/// folder and backup; without it this database opens nothing.
/// </summary>
internal sealed class KeyVault
{
    /// <summary>The only key epoch so far: epochs advance with erasure.</summary>
    private const int Epoch = 1;

    private readonly IDatabase database;
    private readonly GroupCommitWriter writer;
    private readonly SecretBox box;
    private readonly byte[] referenceKey;

    public KeyVault(IDatabase database, GroupCommitWriter writer, byte[] keyEncryptionKey)
    {
        (this.database, this.writer) = (database, writer);
        box = new SecretBox(SecretBox.Derive(keyEncryptionKey, "keyholder wrapping"));
        referenceKey = SecretBox.Derive(keyEncryptionKey, "keyholder references");
    }

    /// <summary>A named secret seed, made on first use.</summary>
    public async Task<byte[]> SeedAsync(string name)
    {
        using (var connection = database.Open())
        {
            if (await connection.QuerySingleOrDefaultAsync<byte[]>("SELECT sealed FROM secrets WHERE name = @name", new { name }) is { } stored)
            {
                return box.Open(stored, "seed " + name);
            }
        }

        var seed = RandomNumberGenerator.GetBytes(Ed25519.KeySize);
        await writer.WriteAsync((c, t) => c.Execute("INSERT INTO secrets (name, sealed) VALUES (@name, @sealed)", new { name, @sealed = box.Seal(seed, "seed " + name) }, t));
        return seed;
    }

    /// <summary>The public key of a person for a program, made on first use.</summary>
    public async Task<(int Epoch, byte[] Key)> PublicKeyAsync(string person, string program)
    {
        var personRef = Reference(person);
        if (await FindAsync(personRef, program) is { } found)
        {
            return (Epoch, found);
        }

        using var key = HpkePrivateKey.Create();
        var publicKey = key.PublicKey.ToArray();
        var sealedKey = box.Seal(key.ExportScalar(), Use(personRef, program, Epoch));
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO keys (person_ref, program, epoch, public_key, sealed) VALUES (@personRef, @program, @Epoch, @publicKey, @sealedKey) ON CONFLICT DO NOTHING",
            new { personRef, program, Epoch, publicKey, sealedKey },
            t));
        return (Epoch, (await FindAsync(personRef, program))!);
    }

    /// <summary>The private key, or null when there is none (any more).</summary>
    public HpkePrivateKey? PrivateKey(string person, string program, int epoch)
    {
        var personRef = Reference(person);
        using var connection = database.Open();
        var row = connection.QuerySingleOrDefault<(byte[] PublicKey, byte[] Sealed)>(
            "SELECT public_key, sealed FROM keys WHERE person_ref = @personRef AND program = @program AND epoch = @epoch", new { personRef, program, epoch });
        return row.Sealed is null ? null : HpkePrivateKey.From(box.Open(row.Sealed, Use(personRef, program, epoch)), HpkePublicKey.From(row.PublicKey));
    }

    /// <summary>Encrypts an opening for the keyholder's own store.</summary>
    public byte[] SealOpening(byte[] opening, ulong index) => box.Seal(opening, $"opening {index}");

    /// <summary>Decrypts an opening of the keyholder's own store.</summary>
    public byte[] OpenOpening(byte[] sealedOpening, ulong index) => box.Open(sealedOpening, $"opening {index}");

    private async Task<byte[]?> FindAsync(string personRef, string program)
    {
        using var connection = database.Open();
        return await connection.QuerySingleOrDefaultAsync<byte[]>(
            "SELECT public_key FROM keys WHERE person_ref = @personRef AND program = @program AND epoch = @Epoch", new { personRef, program, Epoch });
    }

    private string Reference(string person) => SecretBox.Reference(referenceKey, person);

    private static string Use(string personRef, string program, int epoch) => $"key {personRef} {program} {epoch}";
}

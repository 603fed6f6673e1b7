using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Agent.Collecting;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Agent.Sending;

/// <summary>Turns what will be sent into sealed chunks. The same code serves agents, connectors and the demo's simulated machines.</summary>
internal static class ChunkSealer
{
    /// <summary>Smallest size class of a day's records: a day on which nothing happened weighs as much as a quiet one.</summary>
    public const int SmallestDay = 4096;

    /// <summary>Seals records of one stream and day.</summary>
    /// <param name="program">The program, under the charter that they were collected under.</param>
    /// <param name="person">Whose they are.</param>
    /// <param name="device">The device that signs.</param>
    /// <param name="stream">Stream.</param>
    /// <param name="day">Local day.</param>
    /// <param name="records">None says that nothing happened, and cannot be told from a day on which something did.</param>
    /// <param name="atLeast">Size class that it is padded to at least: that of the busiest day of late.</param>
    public static UploadedChunk Records(VerifiedProgram program, string person, CredentialKey device, string stream, string day, IReadOnlyList<PayloadRecord> records, int atLeast = 0) =>
        Seal(program, person, device, "records", stream, day, Payload(records), Math.Max(atLeast, SmallestDay));

    /// <summary>The size class that items of a day need.</summary>
    public static int ClassOf(IReadOnlyList<OutboxItem> items) => Sealer.ClassOf(Payload([.. items.Select(i => i.Payload)]).Length);

    /// <summary>Seals the contribution of one week, as large as one of seven full days.</summary>
    public static UploadedChunk Contribution(VerifiedProgram program, string person, CredentialKey device, ContributionPayload payload) =>
        Seal(program, person, device, "contribution", string.Empty, payload.Week, JsonSerializer.SerializeToUtf8Bytes(payload, ProtocolJson.Default.ContributionPayload), Sealer.ClassOf(FullWeek(program.Charter)));

    /// <summary>Seals what a person hands in of one stream and day.</summary>
    public static UploadedChunk Submission(VerifiedProgram program, string person, CredentialKey device, string stream, string day, SubmissionPayload payload) =>
        Seal(program, person, device, "submissions", stream, day, JsonSerializer.SerializeToUtf8Bytes(payload, ProtocolJson.Default.SubmissionPayload), atLeast: 0);

    /// <summary>Seals what a person says of a day to set its records right; it is shown beside them.</summary>
    public static UploadedChunk Correction(VerifiedProgram program, string person, CredentialKey device, string day, PayloadRecord said) =>
        Seal(program, person, device, "corrections", "correction", day, Payload([said]), atLeast: 0);

    /// <summary>Items as they fit into chunks, which have a largest size: pictures of a day may need more than one. Always one at least.</summary>
    public static IEnumerable<IReadOnlyList<T>> Parts<T>(IReadOnlyList<T> items, Func<T, PayloadRecord> payload)
    {
        var part = new List<T>();
        var length = 0;
        foreach (var item in items)
        {
            // Of text outside ASCII a character may take six bytes in JSON.
            var size = 100 + payload(item).Data.Sum(d => JsonEncodedText.Encode(d.Key).EncodedUtf8Bytes.Length + JsonEncodedText.Encode(d.Value).EncodedUtf8Bytes.Length + 6);
            if (part.Count > 0 && length + size > SealedChunk.MaxSize / 4)
            {
                yield return part;
                (part, length) = ([], 0);
            }

            part.Add(item);
            length += size;
        }

        yield return part;
    }

    private static byte[] Payload(IReadOnlyList<PayloadRecord> records) => JsonSerializer.SerializeToUtf8Bytes(records, ProtocolJson.Default.IReadOnlyListPayloadRecord);

    // {"week":"2026-W47","days":{"2026-11-16":{"focus-minutes":600,…},…}}
    private static int FullWeek(Charter charter) => 40 + (7 * (16 + charter.Measures.Sum(m => m.Name.Length + 15)));

    private static UploadedChunk Seal(VerifiedProgram program, string person, CredentialKey device, string kind, string stream, string day, byte[] payload, int atLeast)
    {
        var info = new SealInfo(1, person, program.Charter.Program, kind, stream, day, program.Hash, program.Epoch);
        var bytes = Sealer.Seal(program.Key, info, device, payload, atLeast).ToArray();
        return new UploadedChunk(program.Charter.Program, kind, stream, day, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Convert.ToBase64String(bytes));
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Agent.Sending;

/// <summary>Turns what will be sent into sealed chunks. The same code serves agents, connectors and the demo's simulated machines.</summary>
internal static class ChunkSealer
{
    /// <summary>Seals records of one stream and day.</summary>
    public static UploadedChunk Records(VerifiedProgram program, string person, CredentialKey device, string stream, string day, IReadOnlyList<PayloadRecord> records) =>
        Seal(program, person, device, "records", stream, day, JsonSerializer.SerializeToUtf8Bytes(records, ProtocolJson.Default.IReadOnlyListPayloadRecord));

    /// <summary>Seals the contribution of one week.</summary>
    public static UploadedChunk Contribution(VerifiedProgram program, string person, CredentialKey device, ContributionPayload payload) =>
        Seal(program, person, device, "contribution", string.Empty, payload.Week, JsonSerializer.SerializeToUtf8Bytes(payload, ProtocolJson.Default.ContributionPayload));

    private static UploadedChunk Seal(VerifiedProgram program, string person, CredentialKey device, string kind, string stream, string day, byte[] payload)
    {
        var info = new SealInfo(1, person, program.Charter.Program, kind, stream, day, program.Hash, program.Epoch);
        var bytes = Sealer.Seal(program.Key, info, device, payload).ToArray();
        return new UploadedChunk(program.Charter.Program, kind, stream, day, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Convert.ToBase64String(bytes));
    }
}

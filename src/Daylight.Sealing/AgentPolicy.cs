using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(AgentPolicy), "agent-policy")]
public abstract partial record Statement;

/// <summary>
/// What an approver vouches for towards machines: the trust root, with the keys of log and keyholder in it, and where the server is. In a file that a company puts on its
/// machines it takes the place of words that are typed.
/// </summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was signed.</param>
/// <param name="Server">URL of the server.</param>
/// <param name="Policy">C2SP tlog-policy: log, keyholder and witnesses, as of then.</param>
/// <param name="Office">Log index of the last entry that keyholder and policy rest on: a machine is shown this one, or a later one.</param>
public sealed record AgentPolicy(string Root, DateTimeOffset Time, string Server, string Policy, ulong Office) : Statement(Root, Time);

/// <summary>An <see cref="AgentPolicy"/> as a file: the statement with its signature, and the trust root that it is about.</summary>
/// <param name="TrustRoot">Canonical bytes of the trust root, base64.</param>
/// <param name="Signed">The statement, signed by an approver of that root.</param>
public sealed record AgentPolicyFile(string TrustRoot, SignedStatement Signed)
{
    /// <summary>The trust root and the statement, when an approver in the role of the works council signed exactly this; null otherwise.</summary>
    public (TrustRoot Root, AgentPolicy Policy)? Open()
    {
        var buffer = new byte[TrustRoot.Length];
        if (!Convert.TryFromBase64String(TrustRoot, buffer, out var length) || Sealing.TrustRoot.TryRead(buffer.AsMemory(0, length)) is not { } root
            || Statement.TryRead(Signed.Bytes) is not AgentPolicy policy || !string.Equals(policy.Root, root.Fingerprint, StringComparison.Ordinal))
        {
            return null;
        }

        return root.Approvers.Any(a => a.Roles.Contains("works-council", StringComparer.Ordinal) && Credential.TryParse(a.Key) is { } key && Signed.IsSignedBy(key)) ? (root, policy) : null;
    }
}

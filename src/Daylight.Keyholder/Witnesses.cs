using Daylight.Protocol;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>Whether the witnesses that root approvers named have seen enough of this history (C2SP tlog-policy).</summary>
internal sealed class Witnesses(LogFollower log)
{
    /// <summary>How old cosignatures may be for looks at oneself and for releases.</summary>
    internal static readonly TimeSpan Age = TimeSpan.FromHours(24);

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Null when the quorum cosigned a checkpoint of this history that is fresh enough.</summary>
    /// <param name="checkpoint">The checkpoint that the entry's proof leads to.</param>
    /// <param name="witnessed">An older or newer one that has the witnesses' cosignatures, or null.</param>
    /// <param name="covering">The entry that it must cover, for looks at somebody else; null when a day's age will do.</param>
    /// <param name="now">The time.</param>
    public KeyholderResponse.Refused? Check(string checkpoint, string? witnessed, ulong? covering, DateTimeOffset now)
    {
        // The keyholder's own cosignature is on every checkpoint that it followed; there is nobody else to wait for.
        if (!log.Authority.AsksOtherWitnesses)
        {
            return null;
        }

        return Holds(checkpoint, covering, now) || (witnessed is not null && Holds(witnessed, covering, now)) ? null : new KeyholderResponse.Refused(
            "witness", covering is null ? "no checkpoint of the last 24 hours has the witnesses' cosignatures" : "the witnesses have not cosigned a checkpoint that covers this entry");
    }

    private bool Holds(string note, ulong? covering, DateTimeOffset now) =>
        log.Authority.Policy!.TryOpen(note, out var checkpoint, covering is null ? now - Age : null, now + Skew)
        && log.RootAt(checkpoint.Size) == checkpoint.Root && (covering is null || checkpoint.Size > covering);
}

using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Agent.Store;
using Daylight.Protocol;

namespace Daylight.Agent.Trust;

/// <summary>Asks for the keyholder's count, at most once an hour, and remembers what it said.</summary>
internal sealed class OpeningWatch(AgentStore store, TimeProvider time)
{
    private const string State = "openings";

    private const string Unchecked = "the keyholder's count of openings could not be checked: ";

    /// <summary>How often the count is asked for.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private DateTimeOffset asked = DateTimeOffset.MinValue;

    /// <summary>What the last count said.</summary>
    public OpeningsSeen Seen => store.State(State) is { } json ? JsonSerializer.Deserialize(json, AgentJson.Default.OpeningsSeen)! : OpeningsSeen.Never;

    /// <summary>Checks, when an hour is over or it is asked for.</summary>
    public async Task CheckAsync(ApiClient api, EnrolledAs enrolled, VerifiedBundle bundle, bool now, CancellationToken cancel)
    {
        var at = time.GetUtcNow();
        if (!now && at - asked < Every)
        {
            return;
        }

        asked = at;
        if (Seen is { Checked: null, Since: null } never)
        {
            // A server that never answers must not go unnoticed because it never did.
            await SaveAsync(never with { Since = at });
        }

        OpeningsSeen seen;
        try
        {
            // Indexes and leaf hashes first: entries that were read here before need not come again.
            var (nonce, made) = await AskAsync(api, bundle, ulong.MaxValue, cancel);
            if (Seen.Unread(made) is { } since)
            {
                (nonce, made) = await AskAsync(api, bundle, since, cancel);
            }

            var listed = (await api.GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, cancel)).OrThrow();
            seen = OpeningCheck.Check(made, Seen, Listed(listed, made), bundle, enrolled.TrustRoot, enrolled.Person, nonce, time.GetUtcNow());
            seen = seen with { Warnings = [.. seen.Warnings, .. OpeningCheck.Differing(seen.Newest, listed)] };
        }
        catch (Exception e) when (e is not (HttpRequestException or IOException or DbException or OperationCanceledException))
        {
            // Missing, or no statement of the keyholder at all, or nothing that can be read: the last one that held stays with what it showed, and the person is told.
            var why = e switch
            {
                ApiException refused => refused.Problem.Detail,
                UnverifiableException => e.Message,
                _ => "the server's answer cannot be read",
            };
            seen = Seen with { Warnings = [.. Seen.Warnings.Where(w => !w.StartsWith(Unchecked, StringComparison.Ordinal)), Unchecked + why] };
        }

        await SaveAsync(seen);
    }

    private Task SaveAsync(OpeningsSeen seen) => store.SetStateAsync(State, JsonSerializer.Serialize(seen, AgentJson.Default.OpeningsSeen));

    private static async Task<(string Nonce, OpeningsOfMe Made)> AskAsync(ApiClient api, VerifiedBundle bundle, ulong since, CancellationToken cancel)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/me/openings?nonce={nonce}&known={bundle.Size}&since={since}");
        return (nonce, (await api.GetAsync(path, ProtocolJson.Default.OpeningsOfMe, cancel)).OrThrow());
    }

    // The list is as long as it is: looks older than its oldest line are beyond it, not hidden.
    private static HashSet<ulong> Listed(IReadOnlyList<LookAtMe> list, OpeningsOfMe made)
    {
        var listed = list.Select(l => l.Entry).ToHashSet();
        if (list.Count >= DaylightLimits.MostLooks)
        {
            listed.UnionWith(made.Looks.Select(l => l.Index).Where(i => i < list.Min(l => l.Entry)));
        }

        return listed;
    }
}

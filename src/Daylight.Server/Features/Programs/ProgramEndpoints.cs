using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Programs;

/// <summary>Programs as everybody may read them, and the signed steps from draft to force.</summary>
internal static class ProgramEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/programs", ListAsync).WithSummary("Every program with its charter, in words and in full").Produces<IReadOnlyList<ProgramView>>();
    }

    private static async Task<IResult> ListAsync(HttpContext context, Callers callers, ProgramCatalog catalog, Releases.ReleaseStore releases, TimeProvider time)
    {
        if (await callers.FindAsync(context) is null)
        {
            return Problems.NotSignedIn();
        }

        var (used, today) = (releases.NoiseUses(), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        return Results.Json<IReadOnlyList<ProgramView>>(
            [.. catalog.Newest().OrderBy(p => p.Charter.Program, StringComparer.Ordinal).Select(p => ProgramWords.View(p.Record, p.Hash, p.Charter, p.Paused, today) with
            {
                Pending = catalog.Pending(p.Charter.Program),
                HandedIn = [.. p.Charter.Collect.Where(s => s.Kind == IndividualKind.Submissions).Select(s => s.Stream)],
                Noise = used.GetValueOrDefault(p.Charter.Program) ?? Releases.ReleaseStore.NotUsed(p.Charter, today),
            })],
            ProtocolJson.Default.IReadOnlyListProgramView);
    }

    /// <summary>Why a proposed charter cannot be one; null when it can.</summary>
    public static string? Unreadable(CharterProposed proposal) => CharterReader.Read(proposal.Text, "charter") switch
    {
        CharterReading.Bad bad => string.Join("\n", bad.Problems),
        CharterReading.Template => "this is a template: its days are fixed to dates before it is proposed (daylight charter fix)",
        CharterReading.Good good when CharterCheck.Of(good, "charter") is { Findings: { Count: > 0 } findings } => string.Join("\n", findings),
        CharterReading.Good good when Statement.TryRead(proposal.Signed.Bytes) is ProposeCharter s && s.Program != good.Charter.Program =>
            $"the signed statement is about {s.Program}, the charter about {good.Charter.Program}",
        _ => null,
    };
}

using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Agent;

/// <summary>What a machine is given to believe, with one bit of it changed: nothing is believed. Its zone, teams and site are the server's word, and not among it.</summary>
public sealed class BundleTamperingTests
{
    /// <summary>Every character of the checkpoint and of the statements; of long parts one in so many, at changing places.</summary>
    private const int OneIn = 31;

    [Fact]
    public async Task a_bundle_with_one_bit_changed_in_checkpoint_proofs_evidence_keys_or_status_is_refused()
    {
        await using var company = await TestCompany.StartAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var api = ApiClient.WithCredential(company.Http, device, company.Root.Fingerprint, company.Clock);
        var before = (await api.GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, default)).OrThrow();
        Assert.True(SignedNote.TryParse(before.Checkpoint, out var note) && Checkpoint.TryParse(note!.Text, out _));
        Checkpoint.TryParse(note!.Text, out var known);
        await company.SignAskAsync("anna");
        _ = await api.GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default);
        await company.EnrollDeviceAsync("ben");
        var bundle = (await api.GetAsync($"/api/v1/agent/bundle?since={known!.Size}", ProtocolJson.Default.AgentBundle, default)).OrThrow();
        var (root, person, now) = (company.Root, company.Id("anna"), company.Clock.Now);
        VerifiedBundle Verify(AgentBundle b) => BundleVerifier.Verify(b, root, person, new KnownLog(known.Size, known.Root, 0), now);
        Assert.Single(Verify(bundle).Programs);
        Assert.NotEmpty(bundle.Consistency);

        var count = 0;
        foreach (var changed in Changes(bundle))
        {
            count++;
            Assert.True(Record.Exception(() => Verify(changed)) is not null, Difference(bundle, changed));
        }

        Assert.True(count > 1000, $"{count} changes");
    }

    private static IEnumerable<AgentBundle> Changes(AgentBundle bundle) =>
    [
        .. Flips(bundle.Checkpoint, 1).Select(c => bundle with { Checkpoint = c }),
        .. In(bundle.Consistency, 1).Select(c => bundle with { Consistency = c }),
        .. In(bundle.Keys, 1).Select(k => bundle with { Keys = k }),
        .. In(bundle.Status, 1).Select(s => bundle with { Status = s }),
        .. bundle.Evidence.SelectMany((evidence, i) => ((IEnumerable<EvidenceEntry>)
            [
                .. Flips(evidence.Entry, OneIn).Select(e => evidence with { Entry = e }),
                .. In(evidence.Proof, OneIn).Select(p => evidence with { Proof = p }),
                .. evidence.Openings is { } opened ? Flips(opened.Details.Json, OneIn).Select(j => evidence with { Openings = opened with { Details = opened.Details with { Json = j } } }) : [],
                evidence with { Index = evidence.Index ^ 1 },
            ]).Select(e => bundle with { Evidence = [.. bundle.Evidence.Take(i), e, .. bundle.Evidence.Skip(i + 1)] })),
    ];

    /// <summary>Where two bundles differ.</summary>
    private static string Difference(AgentBundle one, AgentBundle other)
    {
        var (a, b) = (System.Text.Json.JsonSerializer.Serialize(one, ProtocolJson.Default.AgentBundle), System.Text.Json.JsonSerializer.Serialize(other, ProtocolJson.Default.AgentBundle));
        var at = a.Zip(b).TakeWhile(p => p.First == p.Second).Count();
        return $"believed: …{b[Math.Max(0, at - 60)..Math.Min(b.Length, at + 30)]}…, instead of …{a[at..Math.Min(a.Length, at + 30)]}…";
    }

    private static IEnumerable<IReadOnlyList<string>> In(IReadOnlyList<string> texts, int oneIn) =>
        texts.SelectMany((text, i) => Flips(text, oneIn).Select(changed => (IReadOnlyList<string>)[.. texts.Take(i), changed, .. texts.Skip(i + 1)]));

    private static IEnumerable<string> Flips(string text, int oneIn)
    {
        for (var at = 0; at < text.Length; at += oneIn)
        {
            yield return string.Concat(text.AsSpan(0, at), ((char)(text[at] ^ (1 << (at % 5)))).ToString(), text.AsSpan(at + 1));
        }
    }
}

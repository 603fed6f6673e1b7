using System.Globalization;
using System.Security.Cryptography;
using Daylight.Agent.Store;
using Daylight.Core.Minimization;
using Dapper;

namespace Daylight.Agent.Collecting;

/// <summary>A charter that collects, compiled for the days that it collects on.</summary>
/// <param name="Page">The charter.</param>
/// <param name="Minimizer">The charter, compiled; not for two threads at once.</param>
internal sealed record Applied(AppliedCharter Page, Minimizer Minimizer);

/// <summary>Every charter of the book, compiled, with what counts for nothing cut out. Compiled anew when any of it changes.</summary>
/// <remarks>INVARIANT: used under <see cref="Turn"/> only, since a minimiser remembers what it read last.</remarks>
internal sealed class Minimizers(AgentStore store, CharterBook book, Pauses pauses, PersonTime person) : IDisposable
{
    private (int Book, int Pauses, string Zone) made = (-1, -1, string.Empty);
    private IReadOnlyList<Applied> current = [];

    /// <summary>Whose turn it is.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Every charter that collects, or will.</summary>
    public IReadOnlyList<Applied> Current
    {
        get
        {
            var now = (book.Version, pauses.Version, person.Local.Zone.Id);
            if (now != made)
            {
                (current, made) = (Compile(), now);
            }

            return current;
        }
    }

    /// <summary>The compiled charter that a program collects under on a day.</summary>
    public Applied? On(string program, DateOnly day) => book.On(program, day) is { } page ? Current.FirstOrDefault(a => a.Page.Program == page.Program && a.Page.Since == page.Since) : null;

    public void Dispose() => Turn.Dispose();

    /// <summary>Makes the secret of pseudonyms, once; it stays in this store.</summary>
    public Task PrepareAsync() => store.WriteAsync((c, t) => c.Execute(
        "INSERT INTO state (name, value) VALUES ('pseudonym-secret', @secret) ON CONFLICT DO NOTHING", new { secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) }, t));

    private List<Applied> Compile()
    {
        var (secret, local) = (Convert.FromBase64String(store.State("pseudonym-secret")!), person.Local);
        var applied = new List<Applied>();
        foreach (var pages in book.Pages.GroupBy(p => p.Program))
        {
            var withheld = pauses.Of(pages.Key);
            var epoch = store.State("epoch " + pages.Key) is { } known ? int.Parse(known, CultureInfo.InvariantCulture) : 1;
            var ordered = pages.OrderBy(p => p.Since).ToList();
            for (var i = 0; i < ordered.Count; i++)
            {
                if (ordered[i].Charter is { } charter)
                {
                    // A page is for its own days: what lies outside of them is another page's.
                    List<Withheld> outside = [new Withheld(DateTimeOffset.MinValue, local.At(ordered[i].Since, 0))];
                    if (i + 1 < ordered.Count)
                    {
                        outside.Add(new Withheld(local.At(ordered[i + 1].Since, 0), new DateTimeOffset(8999, 1, 1, 0, 0, 0, TimeSpan.Zero)));
                    }

                    applied.Add(new Applied(ordered[i], new Minimizer(charter, local, new PseudonymKey(secret, epoch), [.. withheld, .. outside])));
                }
            }
        }

        return applied;
    }
}

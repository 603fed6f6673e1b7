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

/// <summary>Every charter of the book, compiled, with what counts for nothing cut out. Compiled anew when any of it changes. A page is for its own days: ask by day.</summary>
/// <remarks>INVARIANT: used under <see cref="Turn"/> only, since a minimizer remembers what it read last, and what is computed must be written before anything is taken back.</remarks>
internal sealed class Minimizers(AgentStore store, CharterBook book, Pauses pauses, PersonTime person) : IDisposable
{
    private (int Book, int Pauses, string Zone, string Epochs) made = (-1, -1, string.Empty, string.Empty);
    private IReadOnlyList<Applied> current = [];

    /// <summary>Whose turn it is.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    private IReadOnlyList<Applied> Current
    {
        get
        {
            var now = (book.Version, pauses.Version, person.Local.Zone.Id, string.Join(' ', book.Programs.Select(Epoch)));
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

    private int Epoch(string program) => store.State("epoch " + program) is { } known ? int.Parse(known, CultureInfo.InvariantCulture) : 1;

    private List<Applied> Compile()
    {
        var (secret, local) = (Convert.FromBase64String(store.State("pseudonym-secret")!), person.Local);
        Withheld[] otherZone = [new Withheld(DateTimeOffset.MinValue, person.Since)];
        return [.. book.Pages.Where(p => p.Charter is not null).Select(page =>
            new Applied(page, new Minimizer(page.Charter!, local, new PseudonymKey(secret, Epoch(page.Program)), [.. pauses.Of(page.Program), .. otherZone])))];
    }
}

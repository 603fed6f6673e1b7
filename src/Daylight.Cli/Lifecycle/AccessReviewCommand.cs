using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Lifecycle;

/// <summary><c>daylight access-review</c>: each quarter every role and every rule, one by one.</summary>
internal static class AccessReviewCommand
{
    public static Command Create() => new("access-review", "Each quarter every role and every rule is kept, narrowed or revoked, one by one; what nobody confirms is over") { List(), Items(), Say("keep"), Say("narrow"), Say("revoke") };

    private static Command List() => new Command("list", "Campaigns, in counts.\n\nExample:\n  daylight access-review list --server http://localhost:8080 --key anna.pem").Prints(
        new Connection(), _ => "/api/v1/access-reviews", ProtocolJson.Default.IReadOnlyListAccessReviewView, ["quarter", "until", "kept", "narrowed", "revoked", "lapsed", "waits for you"],
        r => [r.Quarter, Storage.Sql.Day(r.Due), Number(r.Kept), Number(r.Narrowed), Number(r.Revoked), r.Lapsed is { } lapsed ? Number(lapsed) : "not over", r.Waiting is { } waiting ? Number(waiting) : string.Empty]);

    private static Command Items()
    {
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command("items", "What waits for you: each role and rule with its last use and how much it lets see.\n\nExample:\n  daylight access-review items --server http://localhost:8080 --key petra.pem") { json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var (_, items) = await ItemsAsync(api, cancel);
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(items, ProtocolJson.Default.IReadOnlyListAccessItem);
            }
            else
            {
                CommandLine.Print(["item", "kind", "whose", "what", "until", "scope", "last use", "sights"], items.Select(i => (IReadOnlyList<string>)
                    [NameOf(i), i.Kind, i.Name, i.What, i.Until is { } until ? Storage.Sql.Day(until) : string.Empty, i.Scope ?? string.Empty, i.LastUse is { } last ? Storage.Sql.Day(last) : "never", i.Sights.ToString("N0", CultureInfo.InvariantCulture)]));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Say(string outcome)
    {
        var item = new Argument<string>("ITEM") { Description = "One item, as access-review items prints it; there is no way to name several" };
        var until = new Option<DateOnly?>("--until") { Description = "An earlier last day", HelpName = "DAY" };
        var scope = new Option<string?>("--scope") { Description = "A group instead of everybody: team:ID, site:NAME, country:XX, employment:NAME", HelpName = "SCOPE" };
        var command = new Command(outcome, outcome switch
        {
            "keep" => "Keeps one role or rule as it is.\n\nExample:\n  daylight access-review keep role-57 --server http://localhost:8080 --key petra.pem",
            "narrow" => "Narrows one role: an earlier last day, or a group instead of everybody. A rule is narrowed by a new version of its charter.\n\nExample:\n  daylight access-review narrow role-57 --scope team:red --server http://localhost:8080 --key petra.pem",
            _ => "Ends one role or rule now.\n\nExample:\n  daylight access-review revoke role-57 --server http://localhost:8080 --key petra.pem",
        }) { item };
        if (outcome == "narrow")
        {
            command.Add(until);
            command.Add(scope);
        }

        return command.Bring(
            new Connection(),
            async (p, c) =>
            {
                var (review, items) = await ItemsAsync(c.Api, c.Cancel);
                var found = items.FirstOrDefault(i => NameOf(i) == p.GetValue(item)) ?? throw new InvalidOperationException($"Nothing called {p.GetValue(item)} waits for you. See: daylight access-review items");
                return found.Kind == "role"
                    ? new RoleReviewed(c.Sign(new ReviewRole(
                        c.Root, c.Now, review, found.Person, found.What, found.Granted, outcome, outcome == "narrow" ? p.GetValue(until) ?? found.Until!.Value : found.Until!.Value, found.As, outcome == "narrow" ? p.GetValue(scope) ?? found.Scope : found.Scope)))
                    : outcome == "narrow" ? throw new InvalidOperationException("A rule is narrowed by a new version of its charter: keep it and propose one, or revoke it.")
                    : new RuleReviewed(c.Sign(new ReviewRule(c.Root, c.Now, review, found.Name, found.Charter!, found.What, outcome, found.As)));
            },
            p => $"{outcome}: {p.GetValue(item)}");
    }

    private static async Task<(ulong Review, IReadOnlyList<AccessItem> Items)> ItemsAsync(ApiClient api, CancellationToken cancel)
    {
        var campaigns = (await api.GetAsync("/api/v1/access-reviews", ProtocolJson.Default.IReadOnlyListAccessReviewView, cancel)).OrThrow();
        var review = campaigns.FirstOrDefault(c => c.Lapsed is null)?.Entry ?? throw new InvalidOperationException("No access review is on.");
        return (review, (await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/access-reviews/{review}/items"), ProtocolJson.Default.IReadOnlyListAccessItem, cancel)).OrThrow());
    }

    private static string NameOf(AccessItem item) => item.Kind == "role" ? string.Create(CultureInfo.InvariantCulture, $"role-{item.Granted}") : $"{item.Name}/{item.What}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using System.Text.Json;

namespace Daylight.Core.Minimization;

/// <summary>
/// What never enters even a person's own store on their machine: private windows, and the applications and sites of the private-life list, the built-in one
/// and what charters add to it. Not for two threads at once.
/// </summary>
public sealed class Admission
{
    private const int App = 0;
    private const int Title = 1;
    private const int Url = 2;
    private const int Incognito = 3;

    private readonly EventFields fields = new(["app", "title", "url", "incognito"]);
    private readonly CategoryPlan categories;

    /// <summary>Compiles the list.</summary>
    /// <param name="more">Entries that charters add.</param>
    public Admission(IEnumerable<string> more) => categories = new CategoryPlan([], PrivateLife.BuiltIn.With([.. more.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)]));

    /// <summary>Whether an event may be stored: a data object in UTF-8. What is no JSON object may not.</summary>
    public bool Admits(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            fields.Read(ref reader);
        }
        catch (JsonException)
        {
            return false;
        }

        return !fields.IsSet(Incognito, data) && categories.Of(fields.Value(App, data), fields.Value(Url, data), fields.Value(Title, data)) is not null;
    }
}

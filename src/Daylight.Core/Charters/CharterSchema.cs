using System.Text.Encodings.Web;
using System.Text.Json;
using Daylight.Core.Charters.Grammar;

namespace Daylight.Core.Charters;

/// <summary>The JSON Schema of charters, for editors: made from the definitions that parse, so that it accepts what they accept as far as a schema can tell.</summary>
public static class CharterSchema
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema (draft-07), as text.</summary>
    public static string Text()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Options))
        {
            CharterGrammar.Schema().WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray()).ReplaceLineEndings("\n") + "\n";
    }
}

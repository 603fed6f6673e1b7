using System.Text.Json;
using Daylight.Core.Minimization;

namespace Daylight.Tests.Core;

/// <summary>What tests of charters need again and again.</summary>
internal static class Charters
{
    /// <summary>A fixed secret, so that pseudonyms can be told.</summary>
    public static PseudonymKey Key { get; } = new(new byte[32], 1);

    /// <summary>An event's data. Numbers and truth values go as JSON's own.</summary>
    public static byte[] Data(params (string Name, object Value)[] fields) => JsonSerializer.SerializeToUtf8Bytes(fields.ToDictionary(f => f.Name, f => f.Value));
}

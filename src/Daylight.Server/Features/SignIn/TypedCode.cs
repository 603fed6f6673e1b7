using System.Security.Cryptography;

namespace Daylight.Server.Features.SignIn;

/// <summary>One-time codes that people type: no letter that looks like a digit, in groups. Five bits of chance each character.</summary>
internal static class TypedCode
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>A new code.</summary>
    /// <param name="length">Characters, without the dashes.</param>
    /// <param name="group">Characters in a group.</param>
    public static string New(int length, int group) => string.Join('-', RandomNumberGenerator.GetString(Alphabet, length).Chunk(group).Select(c => new string(c)));

    /// <summary>What of a typed code counts: case, spaces and dashes do not matter.</summary>
    public static string Plain(string typed) => string.Concat(typed.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit));
}

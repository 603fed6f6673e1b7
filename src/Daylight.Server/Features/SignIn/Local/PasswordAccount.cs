using System.Security.Cryptography;
using System.Text.Json.Serialization;
using OtpNet;

namespace Daylight.Server.Features.SignIn.Local;

/// <summary>A password with an authenticator app, as the server keeps it. It names a person to a browser, and signs nothing.</summary>
/// <param name="Person">Whose.</param>
/// <param name="Hash">The password's hash, in ASP.NET Core Identity's form.</param>
/// <param name="Secret">The authenticator's secret (RFC 4226 §4, R6: 160 bits).</param>
/// <param name="LastStep">The time step of the last code that was taken: none is taken twice (RFC 6238 §5.2).</param>
/// <param name="Recovery">Keyed hashes of the recovery codes that are left.</param>
/// <param name="Made">When it was set.</param>
internal sealed record PasswordAccount(string Person, string Hash, byte[] Secret, long LastStep, IReadOnlyList<string> Recovery, DateTimeOffset Made)
{
    /// <summary>Fewest characters of a password: a second factor goes with it (NIST SP 800-63B-4 §3.1.1.2 asks for 8 then).</summary>
    public const int ShortestPassword = 12;

    /// <summary>Most characters of a password.</summary>
    public const int LongestPassword = 256;

    private const int FewestDistinct = 5;

    /// <summary>Judging takes longer with the square of the length; what is strong so far stays so.</summary>
    private const int MostJudged = 64;

    /// <summary>Of 4: ten to the eighth guesses at the least, by zxcvbn's lists of passwords that were leaked, words, names, dates and rows of keys (NIST SP 800-63B-4 §3.1.1.2 asks for such a list).</summary>
    private const int Strong = 3;

    /// <summary>What is wrong with a password that somebody chose; null for nothing.</summary>
    /// <param name="password">What they chose.</param>
    /// <param name="known">What others would try first: their address, their name, the company's.</param>
    public static string? Complaint(string password, params ReadOnlySpan<string> known)
    {
        if (password.Length is < ShortestPassword or > LongestPassword)
        {
            return $"A password has {ShortestPassword} to {LongestPassword} characters. Several words are easy to remember.";
        }

        if (password.Distinct().Count() < FewestDistinct)
        {
            return "That password is few characters over and over.";
        }

        foreach (var word in known)
        {
            if (word.Length > 2 && password.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return "That password has your name, your address or the company's name in it: whoever guesses begins there.";
            }
        }

        return Zxcvbn.Zxcvbn.MatchPassword(password[..Math.Min(password.Length, MostJudged)], known.ToArray()).Score < Strong
            ? "That password is guessed early: it is made of words, names, dates or keys that others have used before. Several words that have nothing to do with each other are hard to guess and easy to remember."
            : null;
    }

    /// <summary>A new secret for an authenticator.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(20);

    /// <summary>What an authenticator app reads (the Key URI format), as a QR code or typed.</summary>
    public static string UriOf(byte[] secret, string issuer, string address) => new OtpUri(OtpType.Totp, secret, address, issuer).ToString();

    /// <summary>The time step of an authenticator's code, now or half a minute before or after; null when it is none.</summary>
    public static long? StepOf(byte[] secret, string code, DateTimeOffset now) =>
        code.Length == 6 && code.All(char.IsAsciiDigit) && new Totp(secret).VerifyTotp(now.UtcDateTime, code, out var step, new VerificationWindow(previous: 1, future: 1)) ? step : null;
}

/// <summary>Serialization of passwords.</summary>
[JsonSerializable(typeof(PasswordAccount))]
internal sealed partial class PasswordJson : JsonSerializerContext;

using System.Text;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>Rules are written for Python's regular expressions, and Rust's: what these spell otherwise than .NET.</summary>
internal static class PythonPattern
{
    /// <summary>The same pattern as .NET spells it: named groups, references to them, escapes of what needs none, and repetitions without a least.</summary>
    public static string ToNet(string pattern)
    {
        var net = new StringBuilder(pattern.Length);
        for (var (i, inClass, first) = (0, false, -1); i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (rest[0] == '\\' && rest.Length > 1)
            {
                // Python takes any escape of what is no letter of ASCII and no digit as the character itself.
                net.Append(char.IsAsciiLetterOrDigit(rest[1]) ? rest[..2].ToString() : char.IsAscii(rest[1]) && rest[1] != '_' ? rest[..2].ToString() : rest[1].ToString());
                i++;
            }
            else if (!inClass && rest.StartsWith("(?P<"))
            {
                net.Append("(?<");
                i += 3;
            }
            else if (!inClass && rest.StartsWith("(?P=") && rest.IndexOf(')') is > 4 and var end)
            {
                net.Append("\\k<").Append(rest[4..end]).Append('>');
                i += end;
            }
            else if (!inClass && rest.StartsWith("{,") && rest.Length > 2 && char.IsAsciiDigit(rest[2]))
            {
                net.Append("{0,");
                i++;
            }
            else
            {
                // A bracket that comes first in a class is one of it.
                (inClass, first) = inClass ? (rest[0] != ']' || i == first, rest[0] == '^' && i == first ? i + 1 : first) : (rest[0] == '[', i + 1);
                net.Append(rest[0]);
            }
        }

        return net.ToString();
    }
}

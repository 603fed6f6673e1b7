using System.Runtime.InteropServices;
using System.Text;

namespace Daylight.Agent.Platform;

/// <summary>Keeps a folder out of backups, as far as backup programs ask.</summary>
internal static partial class Backups
{
    /// <summary>
    /// Marks a folder: with a CACHEDIR.TAG (Cache Directory Tagging Specification), which tar, restic, borg and most others can be told to respect, and on Linux
    /// with the attribute <c>user.xdg.robots.backup</c>.
    /// </summary>
    public static void Exclude(string folder)
    {
        var tag = Path.Combine(folder, "CACHEDIR.TAG");
        if (!File.Exists(tag))
        {
            File.WriteAllText(tag, "Signature: 8a477f597d28d172789f06886806bc55\n# Raw events of this user, kept here and nowhere else: Daylight asks backup programs to leave them out.\n");
        }

        if (OperatingSystem.IsLinux())
        {
            _ = setxattr(folder, "user.xdg.robots.backup", Encoding.ASCII.GetBytes("false"), 5, 0); // not every file system takes it
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setxattr(string path, string name, byte[] value, nuint size, int flags);
}

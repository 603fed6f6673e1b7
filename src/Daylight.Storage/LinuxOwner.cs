using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Daylight.Storage;

/// <summary>Whose a folder is, which .NET does not say.</summary>
[SupportedOSPlatform("linux")]
internal static partial class LinuxOwner
{
    private const int AtCurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint BasicStatistics = 0x7ff;

    /// <summary>Whether this is a folder, not a link to one, and belongs to this process's user. A system that cannot say counts as no.</summary>
    public static bool IsMine(string folder)
    {
        var buffer = new byte[256];
        // struct statx: the user's id at 20, the mode at 28 (statx(2)).
        return statx(AtCurrentFolder, folder, DoNotFollow, BasicStatistics, buffer) == 0
            && MemoryMarshal.Read<uint>(buffer.AsSpan(20)) == geteuid()
            && (MemoryMarshal.Read<ushort>(buffer.AsSpan(28)) & 0xF000) == 0x4000;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int statx(int folder, string path, int flags, uint mask, [Out] byte[] buffer);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
}

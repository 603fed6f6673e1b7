using System.Diagnostics;

namespace Daylight.Agent.Platform;

/// <summary>Tells the person something where they look: a desktop notification, where there is a desktop. The page says it in any case. Linux: tested; elsewhere nothing is shown.</summary>
internal static class Desktop
{
    /// <summary>Shows a notification that stays until it is dismissed; nothing happens where there is no desktop.</summary>
    public static void Tell(string title, string text)
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS") is not { Length: > 0 })
        {
            return;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo("notify-send", ["--app-name=Daylight", "--expire-time=0", title, text]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // Not installed.
        }
    }
}

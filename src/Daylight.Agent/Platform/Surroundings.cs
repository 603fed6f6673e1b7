using System.Diagnostics;
using System.Globalization;

namespace Daylight.Agent.Platform;

/// <summary>Whether it is a good moment to use battery and network, where the platform tells. Linux: tested; elsewhere every moment is good.</summary>
internal static class Surroundings
{
    private const int LowBattery = 20; // percent

    /// <summary>Why not now, in words; null when the moment is good.</summary>
    /// <param name="powerSupply">Where the kernel tells of batteries: <c>/sys/class/power_supply</c>.</param>
    /// <param name="metered">What NetworkManager says of the connection: its Metered property, or null when it does not answer.</param>
    public static string? NotNow(string powerSupply, Func<int?> metered) => IsLow(powerSupply) ? "the battery is low" : metered() is 1 or 3 ? "the network is metered" : null;

    /// <summary>NetworkManager's Metered property: 1 yes, 2 no, 3 and 4 the same by guess (org.freedesktop.NetworkManager).</summary>
    public static int? Metered()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo("busctl", ["get-property", "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", "Metered"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
            {
                process.Kill();
                return null;
            }

            return process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.TrimEntries) is ["u", var value] && int.TryParse(value, CultureInfo.InvariantCulture, out var metered) ? metered : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no systemd here
        }
    }

    private static bool IsLow(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        foreach (var supply in Directory.EnumerateDirectories(folder))
        {
            if (Read(supply, "type") == "Battery" && Read(supply, "scope") != "Device" && Read(supply, "status") == "Discharging"
                && int.TryParse(Read(supply, "capacity"), CultureInfo.InvariantCulture, out var percent) && percent < LowBattery)
            {
                return true;
            }
        }

        return false;
    }

    private static string? Read(string folder, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, name)).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}

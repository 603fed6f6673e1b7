using System.Text;
using Daylight.Agent.OwnTracks;
using Daylight.Agent.Platform;

namespace Daylight.Tests.Agent;

/// <summary>What is written for other programs: lines are added to their files, none is changed.</summary>
public sealed class InstallTests
{
    private const string Key = "0d9c7b4e-3c2f-4d0a-9a44-8f1f7a3f5b11";
    private const string Url = "http://localhost:5600/api/v1";

    [Theory]
    [InlineData(null, "[settings]\napi_url = " + Url + "\napi_key = " + Key + "\n")]
    [InlineData("# mine\n[git]\nx = 1\n", "# mine\n[git]\nx = 1\n\n[settings]\napi_url = " + Url + "\napi_key = " + Key + "\n")]
    [InlineData("[Settings]\r\ndebug = true\r\n", "[Settings]\r\napi_url = " + Url + "\r\napi_key = " + Key + "\r\ndebug = true\r\n")]
    [InlineData("[settings]\ndebug = a\u0085b\n", "[settings]\napi_url = " + Url + "\napi_key = " + Key + "\ndebug = a\u0085b\n")]
    public void wakatimes_file_gets_two_lines(string? before, string after) => Assert.Equal(after, Assert.IsType<Merged.With>(ForeignConfigs.WakaTime(before, Url, Key)).Text);

    [Theory]
    [InlineData("[settings]\napi_key = waka_old\n")]
    [InlineData("[settings]\napi_key : waka_old\n")]
    [InlineData("[SETTINGS]\nAPI_KEY=waka_old\n")]
    [InlineData("[settings]\napi_url = https://wakapi.example/api\n")]
    public void what_reports_elsewhere_is_left_alone(string before) => Assert.IsType<Merged.Left>(ForeignConfigs.WakaTime(before, Url, Key));

    [Fact]
    public void what_was_added_once_is_not_added_again()
    {
        var once = Assert.IsType<Merged.With>(ForeignConfigs.WakaTime("[settings]\r\n", Url, Key)).Text;
        Assert.IsType<Merged.Same>(ForeignConfigs.WakaTime(once, Url, Key));
        var server = Assert.IsType<Merged.With>(ForeignConfigs.ActivityWatch("port = 5600\n", 5600, Key)).Text;
        Assert.Equal($"port = 5600\n\n[auth]\napi_key = \"{Key}\"\n", server);
        Assert.IsType<Merged.Same>(ForeignConfigs.ActivityWatch(server, 5600, Key));
        Assert.IsType<Merged.Left>(ForeignConfigs.ActivityWatch(server.Replace(Key, "other", StringComparison.Ordinal), 5600, Key));
        Assert.IsType<Merged.Left>(ForeignConfigs.ActivityWatch("port = 5666\n", 5600, Key));
    }

    [Fact]
    public void a_file_that_is_not_plain_utf8_is_not_touched()
    {
        Assert.Null(ForeignConfigs.Read([0x61, 0xE9, 0x62]));
        Assert.Null(ForeignConfigs.Read("\uFEFFa"u8));
        Assert.Equal("é", ForeignConfigs.Read("é"u8));
    }

    [Fact]
    public void the_units_hold_the_port_for_the_agent_and_restart_it()
    {
        Assert.Contains("ListenStream=127.0.0.1:5600", SystemdUnits.Socket(5600), StringComparison.Ordinal);
        var service = SystemdUnits.Service(["/opt/day light/daylight-agent", "run", "--data", "/home/a b/.local/share/daylight-agent"]);
        Assert.Contains("Restart=", service, StringComparison.Ordinal);
        Assert.Contains("\"/opt/day light/daylight-agent\"", service, StringComparison.Ordinal);
    }

    [Fact]
    public void a_phones_certificate_is_one_that_ios_takes()
    {
        var folder = Directory.CreateTempSubdirectory("daylight-phone-").FullName;
        using var certificate = PhoneAddress.Parse("laptop.local:5602").Certificate(folder);
        Assert.True(certificate.MatchesHostname("laptop.local"));
        Assert.True(certificate.NotAfter - certificate.NotBefore <= TimeSpan.FromDays(825));
        Assert.Contains(certificate.Extensions.OfType<System.Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension>(), e => e.EnhancedKeyUsages["1.3.6.1.5.5.7.3.1"] is not null);
        using var again = PhoneAddress.Parse("laptop.local:5602").Certificate(folder);
        Assert.Equal(certificate.Thumbprint, again.Thumbprint);
        using var other = PhoneAddress.Parse("192.168.1.20").Certificate(folder);
        Assert.NotEqual(certificate.Thumbprint, other.Thumbprint);
        Directory.Delete(folder, recursive: true);
    }
}

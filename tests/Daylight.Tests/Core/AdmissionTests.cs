using System.Collections.Immutable;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;

namespace Daylight.Tests.Core;

/// <summary>What never enters a machine's own store, and what is kept of a point.</summary>
public sealed class AdmissionTests
{
    private static readonly ImmutableArray<Geofence> Fences = [new("Berlin", 52.52, 13.405, 500), new("Leipzig", 51.34, 12.37, 500)];
    private static readonly ImmutableArray<Geofence> Others = [new("Hauptstadt", 52.52, 13.405, 5000)];

    [Theory]
    [InlineData("""{"app":"Code","title":"main.rs"}""", true)]
    [InlineData("""{"app":"Firefox","title":"Something — Mozilla Firefox Private Browsing"}""", false)]
    [InlineData("""{"url":"https://docs.example.com/a","title":"a","audible":false,"incognito":false,"tabCount":4}""", true)]
    [InlineData("""{"url":"https://docs.example.com/a","title":"a","incognito":true}""", false)]
    [InlineData("""{"url":"https://docs.example.com/a","title":"a","incognito":1}""", false)]
    [InlineData("""{"url":"https://www.aok.de/termin","title":"a","incognito":false}""", false)]
    [InlineData("""{"app":"Tinder","title":"a"}""", false)]
    [InlineData("""{"app":"Acme Diary","title":"a"}""", false)]
    [InlineData("""{"url":"about:blank","title":"a"}""", true)]
    [InlineData("""{"url":"file:///home/anna/report.pdf","title":"a"}""", true)]
    [InlineData("""{"url":"chrome://newtab/","title":"a"}""", true)]
    [InlineData("""{"url":"https://[::1]:8080/x","title":"a"}""", true)]
    [InlineData("""{"url":"https://bücher.example/x","title":"a"}""", true)]
    [InlineData("""{"url":"view-source:https://docs.example.com/a","title":"a"}""", true)]
    [InlineData("""{"url":"view-source:https://www.aok.de/termin","title":"a"}""", false)]
    [InlineData("""{"url":"blob:https://www.aok.de/1","title":"a"}""", false)]
    [InlineData("""{"url":"javascript:alert(1)","title":"a"}""", false)]
    [InlineData("""{"url":"https://a..example/x","title":"a"}""", false)]
    [InlineData("""{"status":"not-afk"}""", true)]
    [InlineData("""{"app":"Code","title":"half \ud83d"}""", true)]
    [InlineData("""{}""", true)]
    [InlineData("""[]""", false)]
    [InlineData("""{"app":""", false)]
    public void private_windows_and_private_life_stay_outside(string data, bool admitted) =>
        Assert.Equal(admitted, new Admission(["acme diary"]).Admits(System.Text.Encoding.UTF8.GetBytes(data)));

    [Fact]
    public void of_a_point_only_the_names_of_sites_are_kept()
    {
        Assert.Equal("@Berlin\n@Hauptstadt", Sites.Names([Fences, Others], "52.5201,13.4049"));
        Assert.Equal("@Hauptstadt", Sites.Names([Fences, Others], "52.55,13.40"));
        Assert.Equal("@", Sites.Names([Fences, Others], "48.1,11.6"));
        Assert.Null(Sites.Names([Fences], "here"));
    }

    [Theory]
    [InlineData("52.5201,13.4049", "Berlin")]
    [InlineData("@Hauptstadt\n@Berlin", "Berlin")]
    [InlineData("@Hauptstadt", "elsewhere")]
    [InlineData("@", "elsewhere")]
    [InlineData("Berlin", null)]
    public void names_serve_a_charter_as_the_point_would_have(string position, string? site)
    {
        var charter = Trial.Of("location: { position: { site: { Berlin: \"52.52, 13.405 within 500m\" } }, time: round 1h }", shown: "position, time");
        var record = Assert.Single(Trial.In("UTC", charter).Records(Trial.Event("location", "2026-12-02 10:00", 5, ("position", position))));
        Assert.Equal(site, record.Data.GetValueOrDefault("position"));
    }
}

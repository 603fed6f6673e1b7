using Daylight.Portal.Charts;
using Daylight.Protocol;

namespace Daylight.Tests.Portal;

/// <summary>A day in three figures.</summary>
public sealed class DaySummaryTests
{
    private static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void a_stretch_ends_with_a_meeting_a_chat_a_mail_or_two_empty_steps()
    {
        // 8:00 Editor, 8:05 Editor, 8:10 Chat and Editor, 8:15 to 8:30 Editor, nothing at 8:35, Editor at 8:40, nothing until 9:00, Meeting
        ShownRecord[] day = [At(0, "Editor"), At(5, "Editor"), At(10, "Chat", 60), At(10, "Editor", 240), At(15, "Editor"), At(20, "Terminal"), At(25, "Editor"), At(30, "Editor"), At(40, "Editor"), At(60, "Meeting"), At(65, "Editor")];
        Assert.Equal(new DaySummary(300 * 10, 300, 300 * 5, Eight.AddMinutes(15)), DaySummary.Of(day));
    }

    [Fact]
    public void an_empty_day_is_nothing_and_two_programs_do_not_count_twice()
    {
        Assert.Equal(new DaySummary(0, 0, 0, null), DaySummary.Of([]));
        Assert.Equal(600, DaySummary.Of([At(0, "Editor"), At(5, "Editor"), At(0, "Editor") with { Program = "another" }]).Active);
    }

    private static ShownRecord At(int minute, string category, int seconds = 300) => new("focus-time", "window", Eight.AddMinutes(minute), seconds, new Dictionary<string, string> { ["app"] = category });
}

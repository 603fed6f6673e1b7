using Daylight.Core.Minimization;

namespace Daylight.Tests.Core;

public sealed class CategoryTests
{
    [Theory]
    [InlineData("Code", "Editor")]
    [InlineData("Visual Studio Code", "Editor")]
    [InlineData("nvim", "Editor")]
    [InlineData("gnome-terminal-server", "Terminal")]
    [InlineData("cmd.exe", "Terminal")]
    [InlineData("zoom", "Meeting")]
    [InlineData("Microsoft Teams", "Chat")]
    [InlineData("thunderbird", "Mail")]
    [InlineData("WINWORD.EXE", "Office")]
    [InlineData("Figma", "Design")]
    [InlineData("firefox", "Browser")]
    [InlineData("Google Chrome", "Browser")]
    [InlineData("Baldur's Gate", "Other")]
    [InlineData("", "Other")]
    public void an_application_has_its_category(string app, string category)
    {
        Assert.Equal(category, Categories.Of(app));
        Assert.Contains(category, Categories.Names);
    }
}

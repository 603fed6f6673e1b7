using Markdig;

namespace Daylight.Cli.Charters;

/// <summary>A page of its own from Markdown: no script, no picture, nothing fetched; it prints well and reads well in the dark.</summary>
internal static class HtmlPage
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseTaskLists().DisableHtml().Build();

    public static string Of(string markdown, string language)
    {
        var title = markdown.Split('\n')[0].TrimStart('#', ' ').Replace("\\", string.Empty, StringComparison.Ordinal);
        return $$"""
            <!DOCTYPE html>
            <html lang="{{language}}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{System.Net.WebUtility.HtmlEncode(title)}}</title>
            <style>
            :root { color-scheme: light dark; font: 1.05rem/1.55 system-ui, sans-serif; }
            body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { line-height: 1.2; } h2 { margin-top: 2rem; }
            blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: .3rem solid #d98e04; }
            table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
            @media print { body { max-width: none; } }
            </style>
            </head>
            <body>
            <main>
            {{Markdown.ToHtml(markdown, Pipeline)}}</main>
            </body>
            </html>

            """;
    }
}

using System.Security.Cryptography;
using System.Text;

namespace StreamLearn.Simulated;

/// <summary>A page in one file, which needs no network. Only the script named by its hash runs.</summary>
internal static class Page
{
    private static readonly string Style = Embedded("uPlot.min.css", "style.css", "report.css");
    private static readonly string Script = Embedded("uPlot.iife.min.js", "charts.js");
    private static readonly string Hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));

    internal static string Of(string title, Fragment body) => Fragment.Of(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{Hash}'">
        <title>{title}</title>
        <style>{new Fragment(Style)}</style>
        </head>
        <body>
        <noscript><p class="notice">The charts need JavaScript; text and tables do not.</p></noscript>
        {body}
        <!-- This page contains
        {new Fragment(Embedded("uPlot.NOTICE", "uPlot.LICENSE"))} -->
        <script>{new Fragment(Script)}</script>
        </body>
        </html>

        """).Markup;

    /// <summary>Without addresses: the page names none.</summary>
    private static string Embedded(params ReadOnlySpan<string> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
        {
            using var reader = new StreamReader(typeof(Page).Assembly.GetManifestResourceStream($"charts/{file}")!);
            text.Append(reader.ReadToEnd()).Append('\n');
        }

        return text.Replace("https://", "").ToString();
    }
}

using System.Text.RegularExpressions;
using StreamLearn.Testing;

namespace Architecture.Tests;

/// <summary>What docs/start/quickstart.md shows of the quickstart is what its command prints.</summary>
public sealed partial class ReadmeTests
{
    private const string Shown = "dotnet run -c Release --project Examples/Quickstart\n```\n\n```\n", End = "\n```\n", LeftOut = "  ...";
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    private static readonly string File = Path.Combine(PackageTests.Root, "docs/start/quickstart.md");

    /// <summary>The README says three of them.</summary>
    [Fact]
    public async Task The_figures_of_the_README_stand_on_the_page()
    {
        var (readme, page) = (await System.IO.File.ReadAllTextAsync(Path.Combine(PackageTests.Root, "README.md"), Cancellation),
            await System.IO.File.ReadAllTextAsync(File, Cancellation));
        (string InReadme, string OnPage)[] figures =
        [
            ("| 44 s | 158 s |", "async      accuracy 0.911, 0.80 after 44 s"),
            ("| 0.911 | 0.863 |", "barrier    accuracy 0.863, 0.80 after 158 s"),
            ("| 0.71 |", "leave early: 0.71 of the multiply-adds"),
        ];

        Assert.All(figures, f =>
        {
            Assert.Contains(f.InReadme, readme, StringComparison.Ordinal);
            Assert.Contains(f.OnPage, page, StringComparison.Ordinal);
        });
    }

    /// <summary>The page leaves out the middle of the table, and says no time that was measured.</summary>
    /// <remarks>With <c>STREAMLEARN_ACCEPT_README=1</c> it writes what it found.</remarks>
    [Fact]
    public async Task The_figures_of_the_page_are_those_that_its_command_prints()
    {
        var page = (await System.IO.File.ReadAllTextAsync(File, Cancellation)).ReplaceLineEndings("\n");
        var begin = page.IndexOf(Shown, StringComparison.Ordinal) + Shown.Length;
        Assert.True(begin >= Shown.Length, $"{File} shows no output below its command");
        var shown = page[begin..page.IndexOf(End, begin, StringComparison.Ordinal)];
        using var folder = new TemporaryFolder();
        // the page's command, built already, in a folder of its own: it writes out/ to where it runs
        var printed = await Command.RunAsync(folder.Path, "dotnet", "run", "--no-build", "-c", PackageTests.Configuration,
            "--project", Path.Combine(PackageTests.Root, "Examples", "Quickstart"));
        var expected = Abridged(Timeless(printed), shown);
        if (Environment.GetEnvironmentVariable("STREAMLEARN_ACCEPT_README") == "1")
        {
            await System.IO.File.WriteAllTextAsync(File, page[..begin] + expected + page[(begin + shown.Length)..], Cancellation);
            shown = expected;
        }
        Assert.True(expected == shown, $"accept with STREAMLEARN_ACCEPT_README=1\n--- printed\n{expected}\n--- {File}\n{shown}");
    }

    /// <summary>Without measured times, and without the lines of progress that a terminal does not show.</summary>
    private static string Timeless(string printed) => Measured().Replace(
        string.Join('\n', printed.ReplaceLineEndings("\n").TrimEnd().Split('\n')
            .Where(l => !l.StartsWith("simulating ", StringComparison.Ordinal))),
        "…");

    /// <summary>As many lines of the beginning and of the end as the page shows.</summary>
    private static string Abridged(string printed, string shown)
    {
        var (lines, kept) = (printed.Split('\n'), shown.Split('\n'));
        var gap = Array.IndexOf(kept, LeftOut);
        return gap < 0 ? printed : string.Join('\n', [.. lines[..gap], LeftOut, .. lines[^(kept.Length - gap - 1)..]]);
    }

    [GeneratedRegex(@"(?<=Done in )[\d.,]+(?= s \()|[\d.]+(?= of the time\b)")]
    private static partial Regex Measured();
}

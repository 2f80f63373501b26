using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>The pages of the repository: all C# on them is compiled somewhere, and lines of text are short enough to be read.</summary>
public sealed partial class PageTests
{
    private static readonly string[] CSharp = ["csharp", "cs", "c#"];
    public static TheoryData<string> WithCode => [.. Pages().Where(p => Blocks(p).Any())];

    /// <summary>A block stands as it is in a file <c>*Examples.cs</c> of a test project, except for indentation, blank lines, usings and
    /// <c>internal</c>.</summary>
    [Theory]
    [MemberData(nameof(WithCode))]
    public void Every_block_of_code_on_a_page_is_compiled(string page)
    {
        var compiled = Repository.Projects.Where(p => p.Folder == "Tests")
            .SelectMany(p => Directory.EnumerateFiles(Path.GetDirectoryName(p.Path)!, "*Examples.cs", SearchOption.AllDirectories))
            .Distinct().Select(f => Lines(File.ReadAllLines(f))).ToList();
        Assert.All(Blocks(page), block => Assert.True(
            compiled.Any(lines => Contains(lines, Lines(block))),
            $"{page}: in no *Examples.cs of a test project as it stands:\n{string.Join('\n', block)}"));
    }

    [Fact]
    public void Every_block_has_an_end_and_the_pages_with_code_are_found()
    {
        Assert.All(Pages(), page => Assert.True(Repository.Lines(page).Count(IsFence) % 2 == 0, $"{page}: a block without an end"));
        Assert.Contains("README.md", WithCode.Select(p => p.Data));
        Assert.Contains("docs/guides/fleet.md", WithCode.Select(p => p.Data));
        Assert.Contains("Connectors/StreamLearn.Formats/README.md", WithCode.Select(p => p.Data));
        Assert.Equal([["var x = 1;"], []], Split(["text", "```csharp", "var x = 1;", "```", "```", "$ ls", "```", "  ```cs", "```"]));
    }

    /// <summary>But for tables, blocks of code and what has no space to break it at.</summary>
    [Fact]
    public void No_line_of_text_is_longer_than_140_columns()
    {
        string[] page = ["- two words", "| a | b |", "```", "some code", "```", "- [link](there)", "  1. two words"];
        Assert.Equal(["- two words", "", "", "", "", "", "  1. two words"], Texts(page));
        var wrong = Pages().SelectMany(p => Repository.TooLong(p, Texts(Repository.Lines(p)))).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<string> Pages() => Repository.Files("*.md");

    /// <summary>Lines that can be broken, as they are; empty ones instead of the others.</summary>
    private static IEnumerable<string> Texts(string[] lines)
    {
        var isCode = false;
        foreach (var line in lines)
        {
            isCode ^= IsFence(line);
            var text = ListMark().Replace(line, "");
            yield return isCode || IsFence(line) || text is ['|', ..] || !text.Contains(' ') ? "" : line;
        }
    }

    [GeneratedRegex(@"^[\s>]*(?:[-*]|\d+\.)?\s*")]
    private static partial Regex ListMark();

    private static IEnumerable<string[]> Blocks(string page) => Split(Repository.Lines(page));

    private static IEnumerable<string[]> Split(string[] lines)
    {
        for (var at = 0; at < lines.Length; at++)
        {
            if (!IsFence(lines[at])) { continue; }
            var begin = at + 1;
            do { at++; } while (at < lines.Length && !IsFence(lines[at]));
            if (CSharp.Contains(lines[begin - 1].Trim().TrimStart('`').ToLowerInvariant())) { yield return lines[begin..at]; }
        }
    }

    private static bool IsFence(string line) => line.TrimStart().StartsWith("```", StringComparison.Ordinal);

    private static string[] Lines(string[] lines) =>
        [.. lines.Select(l => l.Trim().Replace("internal ", "", StringComparison.Ordinal))
            .Where(l => l.Length > 0 && !l.StartsWith("using ", StringComparison.Ordinal))];

    private static bool Contains(string[] compiled, string[] lines) => Enumerable.Range(0, compiled.Length)
        .Any(at => at + lines.Length <= compiled.Length && compiled.AsSpan(at, lines.Length).SequenceEqual(lines));
}

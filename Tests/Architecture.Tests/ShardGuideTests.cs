namespace Architecture.Tests;

/// <summary>What docs/guides/generation.md and parts.md say that their code prints.</summary>
public sealed class ShardGuideTests
{
    [Fact]
    public void The_code_of_the_page_prints_what_is_below_it()
    {
        var page = string.Join('\n', Repository.Lines("docs/guides/generation.md").Concat(Repository.Lines("docs/guides/parts.md")));
        Assert.Contains(ShardGuideExamples.Shards(), page, StringComparison.Ordinal);
        Assert.Contains(ShardGuideExamples.Rows(), page, StringComparison.Ordinal);
    }
}

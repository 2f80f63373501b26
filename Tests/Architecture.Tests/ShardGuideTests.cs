namespace Architecture.Tests;

/// <summary>What docs/guides/shards.md says that its code prints.</summary>
public sealed class ShardGuideTests
{
    [Fact]
    public void The_code_of_the_page_prints_what_is_below_it()
    {
        var page = string.Join('\n', Repository.Lines("docs/guides/shards.md"));

        Assert.Contains(ShardGuideExamples.Shards(), page, StringComparison.Ordinal);
        Assert.Contains(ShardGuideExamples.Rows(), page, StringComparison.Ordinal);
    }
}

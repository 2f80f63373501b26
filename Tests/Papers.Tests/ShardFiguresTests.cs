namespace Partition.Tests;

public sealed class ShardFiguresTests(ITestOutputHelper output)
{
    /// <summary>The bounds of the specification, and what no plan of its scenario can do better.</summary>
    [Fact]
    public void Edge_shard_has_half_the_latency_and_more_than_twice_the_tokens()
    {
        Figure[] figures = [.. EdgeShardFigures.Of(new())];
        double[] ours = [.. figures.Select(static figure => figure.Ours)];

        output.WriteLine(string.Join('\n', FigureTable.Lines(figures)));
        Assert.InRange(ours[0], -.7, -.4);
        Assert.InRange(ours[1], 1.8, 8);
        Assert.InRange(ours[2], 1.2, 1.8);
        Assert.InRange(ours[3], 1.02, 2);
    }

    [Fact]
    public void Disnet_is_quicker_than_both_schemes_and_the_same_seed_gives_the_same_figures()
    {
        Figure[] figures = [.. DisnetFigures.Of(new())];

        output.WriteLine(string.Join('\n', FigureTable.Lines(figures)));
        Assert.Equal(figures, DisnetFigures.Of(new()));
        Assert.NotEqual(figures, DisnetFigures.Of(new() { Seed = 7 }));
        Assert.All(figures, static figure => Assert.Equal("DISNET", figure.System));
        Assert.InRange(figures[0].Ours, 1 / .75, 3);
        Assert.InRange(figures[2].Ours, 2, 4);
        Assert.True(figures[1].Ours > figures[0].Ours && figures[3].Ours > figures[2].Ours && figures[5].Ours > figures[4].Ours);
        Assert.True(figures[6].Ours > figures[0].Ours && figures[7].Ours > figures[2].Ours);
    }
}

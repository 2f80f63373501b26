namespace StreamLearn.Operators.Tests;

public sealed class CheckQualityOptionsTests
{
    [Fact]
    public void CheckQuality_refuses_settings_out_of_range_at_wiring()
    {
        CheckQualityOptions[] wrong =
        [
            new() { Stuck = TimeSpan.Zero }, new() { StuckWithin = -1 }, new() { StuckWithin = float.NaN },
            new() { Gap = TimeSpan.Zero },
            new() { MaxFuture = -TimeSpan.FromSeconds(1) }, new() { Clock = new() { SpeedUp = -1 } }, new() { Channels = default },
            new() { Channels = [new("a", 2, 1)] }, new() { Channels = [new("a", float.NaN)] }, new() { Channels = [new("a"), new("a")] },
            new() { Channels = [new("a") { Stuck = TimeSpan.Zero }] }, new() { Channels = [new("a") { StuckWithin = -1 }] },
        ];
        foreach (var options in wrong)
        {
            Assert.ThrowsAny<ArgumentException>(() => OperatorProbe.Of<Batch, Batch, Batch>(f => f.CheckQuality(options)));
        }

        var error = Assert.Throws<PipelineDefinitionException>(() => OperatorProbe.Of<Batch, Batch, Batch>(
            f => f.CheckQuality(new() { Channels = [new("c")] }), TimedRows.Schema));
        Assert.Contains("expected a column 'c'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_CheckQuality_compare_by_value()
    {
        var first = new CheckQualityOptions { Channels = [new("a", 0, 1)] };
        var second = new CheckQualityOptions { Channels = [new("a", 0, 1)] };
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
        Assert.NotEqual(first, second with { Channels = [new("a", 0, 2)] });
        Assert.NotEqual(first, second with { Gap = TimeSpan.FromSeconds(1) });
    }
}

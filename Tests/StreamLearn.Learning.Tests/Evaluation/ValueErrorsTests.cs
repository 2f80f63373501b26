namespace StreamLearn.Learning.Tests;

public sealed class ValueErrorsTests
{
    /// <summary>Targets are far from 0, where sums of squares would leave nothing of how far they are apart.</summary>
    [Fact]
    public void Errors_of_parts_add_up_to_those_of_all()
    {
        var random = new RandomStream(5, "errors");
        (double Answer, double Target)[] rows = [.. Enumerable.Range(0, 500).Select(_ =>
            1e8 + random.NextGaussian() is var target ? (target + (0.3 * random.NextGaussian()), target) : default)];
        var parts = rows.Chunk(70).Select(static part => part.Aggregate(default(ValueErrors), static (e, r) => e.Add(r.Answer, r.Target)))
            .Aggregate(default(ValueErrors), static (a, b) => a.Add(b));
        var mean = rows.Average(static r => r.Target);
        var squares = rows.Sum(static r => (r.Answer - r.Target) * (r.Answer - r.Target));
        Assert.Equal(500, parts.Count);
        Assert.Equal(rows.Average(static r => Math.Abs(r.Answer - r.Target)), parts.MeanAbsolute, 1e-9);
        Assert.Equal(Math.Sqrt(squares / 500), parts.RootMeanSquare, 1e-9);
        Assert.Equal(1 - (squares / rows.Sum(r => (r.Target - mean) * (r.Target - mean))), parts.R2, 1e-6);
    }

    [Fact]
    public void Of_nothing_nothing_is_said()
    {
        Assert.True(double.IsNaN(default(ValueErrors).MeanAbsolute) && double.IsNaN(default(ValueErrors).R2));
        Assert.Equal(default, default(ValueErrors).Add(default(ValueErrors)));
        Assert.True(double.IsNaN(default(ValueErrors).Add(1, 2).Add(4, 2).R2));
    }
}

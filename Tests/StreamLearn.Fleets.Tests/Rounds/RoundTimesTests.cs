namespace StreamLearn.Fleets.Tests;

/// <summary>How long rounds took, by hand.</summary>
public sealed class RoundTimesTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Three_of_five_rounds_took_less_than_a_second()
    {
        // 0.4, 0.999, 1, 2.5 and 0.001 s
        var times = Round.Times(Ms(200), [Ms(600), Ms(1_599), Ms(2_599), Ms(5_099), Ms(5_100)]);
        Assert.Equal([Ms(400), Ms(999), Ms(1_000), Ms(2_500), Ms(1)], times);
        Assert.Equal(0.6, Round.ShareUnder(times, Second));
        Assert.Equal(0.8, Round.ShareUnder(times, Ms(1_001)));
    }

    [Fact]
    public void Of_no_rounds_there_is_no_share()
    {
        Assert.Empty(Round.Times(TimeSpan.Zero, []));
        Assert.Null(Round.ShareUnder([], Second));
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

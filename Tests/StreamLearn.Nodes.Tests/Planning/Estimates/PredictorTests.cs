namespace StreamLearn.Nodes.Tests;

public sealed class PredictorTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_last_value_is_the_last() => Assert.Equal(7, Predict(Predictor.Last, 3, 5, 7));

    [Fact]
    public void The_weighted_mean_begins_with_the_first_value_and_moves_by_its_share() =>
        Assert.Equal((((3 * .7) + (5 * .3)) * .7) + (7 * .3), Predict(Predictor.Ewma(.3), 3, 5, 7), 1e-12);

    [Fact]
    public void A_trend_carries_the_line_of_the_last_values_on()
    {
        Assert.Equal(9, Predict(Predictor.Trend(3), 100, 3, 5, 7), 1e-9);          // a second later
        Assert.Equal(4, Predict(Predictor.Trend(3), 4), 1e-12);
        Assert.Equal((10 / 3.0) + 2, Predict(Predictor.Trend(3), 3, 2, 5), 1e-9);  // mean 10/3, slope 1, two seconds after the middle
    }

    [Fact]
    public void Values_of_one_moment_have_no_trend() =>
        Assert.Equal(2, Predictor.Trend(2).Predict([new(Start, 1), new(Start, 3)], Start + TimeSpan.FromSeconds(9)));

    [Fact]
    public void Settings_and_series_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Predictor.Ewma(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Predictor.Ewma(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Predictor.Trend(1));
        Assert.Throws<ArgumentException>(() => Predictor.Last.Predict([], Start));
        Assert.Equal(("last", "ewma 0.3", "trend 4"),
            (Predictor.Last.ToString(), Predictor.Ewma(.3).ToString(), Predictor.Trend(4).ToString()));
        Assert.Equal(Predictor.Ewma(.3), Predictor.Ewma(.3));
    }

    /// <summary>A value each second; asked for a second after the last.</summary>
    private static double Predict(Predictor predictor, params double[] values) => predictor.Predict(
        [.. values.Select(static (value, i) => new Estimate(Start + TimeSpan.FromSeconds(i), value))],
        Start + TimeSpan.FromSeconds(values.Length));
}

using StreamLearn.Samples;

namespace StreamLearn.Learning.Tests;

public sealed class PrequentialMeasureTests
{
    private static readonly int[] Labels = [0, 0, 1, 1, 1, 0];
    private static readonly int[] Answers = [0, 1, 1, 1, 0, 0];

    [Fact]
    public void Kappa_temporal_beats_the_last_label()
    {
        var measure = new PrequentialMeasure(2);
        AddAll(measure);
        var score = measure.Score("d");
        Assert.Equal(4 / 6.0, score.Landmark.Accuracy, 1e-12);
        Assert.Equal(3 / 6.0, score.NoChangeAccuracy, 1e-12);
        Assert.Equal(1 / 3.0, score.KappaTemporal, 1e-12);
    }

    [Fact]
    public void The_window_holds_the_last_rows_alone()
    {
        var measure = new PrequentialMeasure(2, windowRows: 4);
        AddAll(measure);
        Assert.Equal(new ConfusionMatrix([1, 0, 1, 2]), measure.Score("d").Window);
        Assert.Equal(new ConfusionMatrix([2, 1, 1, 2]), measure.Score("d").Landmark);
    }

    [Fact]
    public void A_fading_mean_is_as_worked_by_hand()
    {
        var mean = FadingMean.Of(0.5).Add(1).Add(0).Add(1);
        Assert.Equal((1.25, 1.75), (mean.Sum, mean.Weight));
        Assert.Equal(5 / 7.0, mean.Mean, 1e-15);
        Assert.Equal(0, FadingMean.Of(0.5).Mean);
    }

    [Fact]
    public void The_measure_fades_by_its_factor()
    {
        var measure = new PrequentialMeasure(2, fadingFactor: 0.5);
        AddAll(measure);
        var expected = Labels.Zip(Answers).Aggregate(FadingMean.Of(0.5), (mean, row) => mean.Add(row.First == row.Second ? 1 : 0));
        Assert.Equal(expected.Mean, measure.Score("d").FadingAccuracy);
    }

    [Fact]
    public void A_sliding_mean_forgets_what_left_its_window_and_does_not_drift()
    {
        var mean = new SlidingMean(3);
        Assert.Equal(0, mean.Mean);
        mean.Add(6);
        Assert.Equal(6, mean.Mean);
        foreach (var value in new[] { 3.0, 3, 9, 3 }) { mean.Add(value); }
        Assert.Equal((3, 5.0), (mean.Count, mean.Mean));
        foreach (var value in new[] { 1e17, 1, 1, 1, 1, 1 }) { mean.Add(value); }
        Assert.Equal(1, mean.Mean);
    }

    [Fact]
    public void The_calibration_error_is_as_worked_by_hand()
    {
        var measure = new PrequentialMeasure(2);
        measure.Add(0, 0, 0.9f, default);
        measure.Add(0, 1, 0.9f, default);
        measure.Add(1, 1, 0.62f, default);
        Assert.Equal(((2 * 0.4) + 0.38) / 3, measure.Score("d").CalibrationError, 1e-6);
        Assert.Equal([0, 0, 1, 14], new[] { 0, 1 / 15.0, 1.1 / 15, 1 }.Select(c => Reliability.BinOf(c, 15)));
    }

    [Fact]
    public void Log_loss_and_Brier_score_are_as_worked_by_hand()
    {
        var measure = new PrequentialMeasure(3, windowRows: 1);
        measure.Add(0, 0, 0.7f, [0.7f, 0.2f, 0.1f]);
        measure.Add(1, 0, 0.5f, [0.5f, 0.5f, 0]);
        var score = measure.Score("d");
        Assert.Equal((-Math.Log(0.7) - Math.Log(0.5)) / 2, score.LogLoss!.Value, 1e-6);
        Assert.Equal(-Math.Log(0.5), score.WindowLogLoss!.Value, 1e-6);
        Assert.Equal((0.14 + 0.5) / 2, score.Brier!.Value, 1e-6);
        Assert.Equal(-Math.Log(1e-7), ProbabilityScores.LogLoss([1, 0], 1), 1e-5);
    }

    [Fact]
    public void Without_probabilities_there_is_no_log_loss()
    {
        var measure = new PrequentialMeasure(2);
        AddAll(measure);
        Assert.Equal((null, null, null), (measure.Score("d").LogLoss, measure.Score("d").WindowLogLoss, measure.Score("d").Brier));
    }

    [Theory, InlineData(0), InlineData(1.5), InlineData(double.NaN)]
    public void A_fading_factor_that_is_none_is_refused(double factor) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FadingMean.Of(factor));

    [Fact]
    public void The_time_to_a_target_is_that_of_the_first_of_three_in_a_row()
    {
        (TimeSpan, double)[] evaluations = [.. new[] { 0.9, 0.7, 0.8, 0.8, 0.79, 0.81, 0.8, 0.85, 0.2 }
            .Select((score, i) => (TimeSpan.FromSeconds(2 * i), score))];
        Assert.Equal(TimeSpan.FromSeconds(10), TimeToTarget.Of(evaluations, 0.8));
        Assert.Equal(TimeSpan.Zero, TimeToTarget.Of(evaluations, 0.8, consecutive: 1));
        Assert.Null(TimeToTarget.Of(evaluations, 0.8, consecutive: 4));
        Assert.Null(TimeToTarget.Of(evaluations.AsSpan(0, 2), 0.5));
        Assert.Null(TimeToTarget.Of([(TimeSpan.Zero, double.NaN)], 0.5, consecutive: 1));
    }

    private static void AddAll(PrequentialMeasure measure)
    {
        for (var i = 0; i < Labels.Length; i++) { measure.Add(Labels[i], Answers[i], 0.5f, default); }
    }
}

namespace TauDemo;

/// <summary>How long a local step and an aggregation take: normally distributed, never less than nothing. <paramref name="Aggregation"/>:
/// mean of an aggregation: what a round takes beside the steps of the slowest node.</summary>
/// <remarks>Source: the authors' public code of Wang et al. (2019), as measured with five nodes.</remarks>
internal sealed record TimingModel(TimeSpan Step, TimeSpan StepDeviation, TimeSpan Aggregation, TimeSpan AggregationDeviation)
{
    /// <summary>Of steps on a hundred rows.</summary>
    public static TimingModel Stochastic { get; } = Of(13.015, 6.946, 131.604, 53.873);

    /// <summary>Of steps on all rows, which of case 3 are five times as many.</summary>
    public static TimingModel Deterministic(DataCase dataCase) => dataCase switch
    {
        DataCase.Uniform => Of(20.613, 8.154, 137.094, 55.485),
        DataCase.ByLabel => Of(21.811, 8.043, 123.221, 48.079),
        DataCase.Replicated => Of(95.353, 16.689, 157.256, 66.722),
        _ => Of(22.076, 8.528, 108.598, 44.627),
    };

    /// <summary>The same with aggregations that take so many times as long.</summary>
    public TimingModel Delayed(double factor) =>
        this with { Aggregation = factor * Aggregation, AggregationDeviation = factor * AggregationDeviation };

    /// <summary>The same without noise.</summary>
    public TimingModel Steady => this with { StepDeviation = TimeSpan.Zero, AggregationDeviation = TimeSpan.Zero };

    private static TimingModel Of(double step, double stepDeviation, double aggregation, double aggregationDeviation) => new(
        TimeSpan.FromMilliseconds(step), TimeSpan.FromMilliseconds(stepDeviation), TimeSpan.FromMilliseconds(aggregation),
        TimeSpan.FromMilliseconds(aggregationDeviation));
}

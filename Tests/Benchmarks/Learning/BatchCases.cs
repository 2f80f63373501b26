using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Samples;

namespace Benchmarks;

/// <summary>The rows of a step that the tuner chooses by measuring, beside the best of all numbers of rows, each measured: AT-9g asks for
/// half.</summary>
internal static class BatchCases
{
    private const int Most = 64;
    private const int RowsOfATrial = 1_024;
    private const int RowsOfASample = 16_384;

    private static readonly Network Network = HarNetwork.Create();

    internal static Sample Chosen() => Of(BatchSizeTuner.BestThroughput(Most, Try));

    internal static Sample Best() => Of(Enumerable.Range(1, Most).MaxBy(Try));

    private static Sample Of(int rows) =>
        Train(rows, RowsOfASample) with { Details = new Dictionary<string, double> { ["rows"] = rows } };

    private static double Try(int rows) => Train(rows, RowsOfATrial).Value;

    /// <summary>Thousands of rows a second.</summary>
    private static Sample Train(int rows, int inAll)
    {
        var steps = HarSteps.Of(Network, new Adam(0.001f), rows);
        steps(1);
        var count = Math.Max(1, inAll / rows);
        return Measurement.MillionsPerSecond(1_000L * count * rows, () => steps(count));
    }
}

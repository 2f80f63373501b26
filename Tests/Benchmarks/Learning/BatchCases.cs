using System.Diagnostics;
using StreamLearn.Learning;

namespace Benchmarks;

/// <summary>The rows of a step that the tuner chooses by measuring, beside the best of all numbers of rows, each measured: AT-9g asks for
/// half.</summary>
internal static class BatchCases
{
    private const int Most = 64;
    private const int RowsOfATrial = 1_024;
    private const int RowsOfASample = 16_384;

    private static readonly Network Network = HarNetwork.Create();

    internal static Sample Chosen() => Train(BatchSizeTuner.BestThroughput(Most, RowsPerSecond));

    internal static Sample Best() => Train(Enumerable.Range(1, Most).MaxBy(RowsPerSecond));

    /// <summary>Thousands of rows a second.</summary>
    private static Sample Train(int rows)
    {
        var steps = StepsOf(rows);
        var count = Math.Max(1, RowsOfASample / rows);
        return Measurement.MillionsPerSecond(1_000L * count * rows, () => steps(count)) with
        {
            Details = new Dictionary<string, double> { ["rows"] = rows },
        };
    }

    private static double RowsPerSecond(int rows)
    {
        var steps = StepsOf(rows);
        steps(1);
        var count = Math.Max(1, RowsOfATrial / rows);
        var start = Stopwatch.GetTimestamp();
        steps(count);
        return count * rows / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Whole training steps of so many rows, one after the other.</summary>
    private static Action<int> StepsOf(int rows)
    {
        var (weights, gradients) = (Network.Initial.Values.ToArray(), new float[Network.Plan.Values]);
        var optimizer = new Adam(0.001f);
        var (state, memory) = (new float[Network.Plan.Values * optimizer.StateValues], new Workspace());
        var (features, labels) = HarSteps.Rows(Network, rows);
        return count =>
        {
            for (var i = 0; i < count; i++)
            {
                Network.Loss(weights, new(features, labels), gradients, memory);
                optimizer.Step(Network.Plan, weights, gradients, state, i + 1);
            }
        };
    }
}

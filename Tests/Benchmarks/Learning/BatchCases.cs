namespace Benchmarks;

/// <summary>The rows of a step that the tuner chooses by measuring, beside the best of all numbers of rows, each measured: AT-9g asks for
/// half.</summary>
internal static class BatchCases
{
    private const int Most = 64;
    private const int RowsOfATrial = 1_024;
    private const int RowsOfARound = 2_048;
    private const int RowsOfASample = 16_384;
    private const int Rounds = 20;
    private static readonly Network Network = HarNetwork.Create();
    internal static Sample Chosen() => Of(BatchSizeTuner.BestThroughput(Most, Try));
    internal static Sample Best() => Of(Enumerable.Range(1, Most).MaxBy(Try));

    /// <summary>Writes a line for each number of rows: it, the most rows a second of processor time of some rounds in which all take
    /// turns, and the bytes that a step has taken.</summary>
    internal static void Table(TextWriter output)
    {
        var (most, bytes) = (new double[Most + 1], new long[Most + 1]);
        for (var round = -1; round < Rounds; round++)
        {
            for (var rows = 1; rows <= Most; rows++)
            {
                var rate = 1_000 * Train(rows, RowsOfARound, out bytes[rows]).CpuValue;
                if (round >= 0) { most[rows] = Math.Max(most[rows], rate); }
            }
        }
        for (var rows = 1; rows <= Most; rows++)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows}\t{most[rows]:0}\t{bytes[rows]}"));
        }
    }

    private static Sample Of(int rows) =>
        Train(rows, RowsOfASample, out _) with { Details = new Dictionary<string, double> { ["rows"] = rows } };

    private static double Try(int rows) => Train(rows, RowsOfATrial, out _).Value;

    /// <summary>Thousands of rows a second, and the bytes that a step has taken: values, gradient, optimizer, tape and scratch.</summary>
    private static Sample Train(int rows, int inAll, out long bytes)
    {
        var (optimizer, memory) = (new Adam(0.001f), new Workspace());
        var steps = HarSteps.Of(Network, optimizer, rows, memory);
        steps(1);
        bytes = memory.ReservedBytes + (4L * Network.Plan.Values * (2 + optimizer.StateValues));
        var count = Math.Max(1, inAll / rows);
        return Measurement.MillionsPerSecond(1_000L * count * rows, () => steps(count));
    }
}

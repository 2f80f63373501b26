namespace Benchmarks;

/// <summary>
/// Shows that all contenders of a training case do the same work: from the same weights, on the same rows, they come to the same losses.
/// </summary>
internal static class LossCheck
{
    /// <summary>Relative difference that float32 sums in other orders do not reach in so few steps.</summary>
    internal const double Tolerance = 1e-3;
    private const int Rows = 32, Steps = 8;
    private const float Rate = 0.05f;

    /// <summary>The losses of ours and of the peers that can take a model; what they are called, and null where one is missing.</summary>
    internal static IReadOnlyList<(string Name, double? Loss)> Losses(BenchmarkModel model, int rows, params IReadOnlyList<IPeer> peers) =>
    [
        ("streamlearn", TrainRun.Loss(model, rows, Steps, Rate)),
        .. peers.Select(p => (p.Name, p.Missing(model) is null ? (double?)p.Loss(model, rows, Steps, Rate) : null)),
    ];

    /// <summary>True if no loss differs from the first by more than the tolerance.</summary>
    internal static bool Agree(IReadOnlyList<(string Name, double? Loss)> losses) =>
        losses.All(l => l.Loss is null || Math.Abs(l.Loss.Value / losses[0].Loss!.Value - 1) <= Tolerance);

    /// <summary>Compares every model at batches of 1 and more.</summary>
    internal static bool Run(TextWriter output)
    {
        var all = true;
        foreach (var model in BenchmarkModels.All)
        {
            foreach (var rows in new[] { 1, 7, Rows })
            {
                var losses = Losses(model, rows, Peers.Torch, Peers.Numpy, Peers.Plain, Peers.Tuned);
                var agrees = Agree(losses);
                all &= agrees;
                var text = losses.Select(l => $"{l.Name} {l.Loss?.ToString("0.000000", CultureInfo.InvariantCulture) ?? "-"}");
                output.WriteLine(
                    $"{(agrees ? "ok  " : "FAIL")} {model.Name} b{rows}, mean loss of {Steps} steps: {string.Join(", ", text)}");
            }
        }
        return all;
    }
}

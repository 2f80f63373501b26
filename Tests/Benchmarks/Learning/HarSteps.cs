namespace Benchmarks;

/// <summary>Whole training steps and inference of the network for activities, on one thread.</summary>
internal static class HarSteps
{
    private const int TrainedRows = 4_096;
    private const int AnsweredRows = 16_384;

    internal static Sample Train(int batch)
    {
        var network = HarNetwork.Create();
        var steps = Of(network, new Sgd(0.001f), batch);
        return Measure(network, 3 * TrainedRows, () => steps(TrainedRows / batch));
    }

    /// <summary>Makes so many whole training steps at each call, all on the same rows.</summary>
    internal static Action<int> Of(Network network, Optimizer optimizer, int batch, Workspace? kept = null)
    {
        var (weights, gradients) = (network.Initial.Values.ToArray(), new float[network.Plan.Values]);
        var (state, memory) = (new float[network.Plan.Values * optimizer.StateValues], kept ?? new());
        var (features, labels) = Rows(network, batch);
        return count =>
        {
            for (var i = 0; i < count; i++)
            {
                network.Loss(weights, new(features, labels), gradients, memory);
                optimizer.Step(network.Plan, weights, gradients, state, i + 1);
            }
        };
    }

    internal static Sample Infer(int batch)
    {
        var network = HarNetwork.Create();
        var weights = network.Initial.Values.ToArray();
        var (features, _) = Rows(network, batch);
        var (outputs, memory) = (new float[batch * network.Plan.Outputs], new Workspace());
        return Measure(network, AnsweredRows, () =>
        {
            for (var i = 0; i < AnsweredRows / batch; i++) { network.Infer(weights, new(features, batch), outputs, memory); }
        });
    }

    /// <summary>Billions of multiply-adds per second.</summary>
    internal static Sample Measure(Network network, long rows, Action work) =>
        Measurement.MillionsPerSecond(rows * network.Plan.MultiplyAdds / 1000, work);

    internal static (float[] Features, int[] Labels) Rows(Network network, int rows)
    {
        var random = new RandomStream(1, "har-rows");
        var features = new float[rows * network.Plan.Input.Size];
        foreach (ref var value in features.AsSpan()) { value = (float)random.NextGaussian(); }
        return (features, [.. Enumerable.Range(0, rows).Select(r => r % network.Plan.Outputs)]);
    }
}

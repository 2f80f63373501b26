namespace Acceptance.Tests;

/// <summary>How a model is trained: epochs over rows in a new order each, in batches. <paramref name="BatchRows"/>: rows of a step; those
/// left over are left out. <paramref name="FullRate"/>: share of the steps at the full rate; those after them have a tenth.</summary>
internal sealed record Fit(int Epochs, int BatchRows, Optimizer Optimizer, double FullRate = 0.7)
{
    internal float[] Train(IModel model, LabeledRows rows, long seed = 0)
    {
        float[] weights = [.. model.Initial.Values];
        var (gradients, memory) = (new float[weights.Length], new Workspace());
        var state = new float[Optimizer.StateValues * weights.Length];
        var (features, labels) = (new float[BatchRows * rows.Width], new int[BatchRows]);
        var (random, slow) = (new RandomStream(seed, "order"), Optimizer with { LearningRate = Optimizer.LearningRate / 10 });
        var full = (long)(FullRate * Epochs * (rows.Count / BatchRows));
        for (var (epoch, step) = (0, 0L); epoch < Epochs; epoch++)
        {
            var order = rows.Shuffled(random);
            for (var from = 0; from + BatchRows <= order.Length; from += BatchRows)
            {
                rows.Gather(order.AsSpan(from, BatchRows), features, labels);
                model.Step(
                    weights, new(features, labels) { Number = step }, step < full ? Optimizer : slow, state, ++step, gradients, memory);
            }
        }

        return weights;
    }
}

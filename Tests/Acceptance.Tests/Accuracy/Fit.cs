using StreamLearn;
using StreamLearn.Learning;

namespace Acceptance.Tests;

/// <summary>How a model is trained: epochs over rows in a new order each, in batches.</summary>
/// <param name="Epochs">Times that every row is seen.</param>
/// <param name="BatchRows">Rows of a step; those left over are left out.</param>
/// <param name="Optimizer">Moves the values. Its rate is that of the first epochs.</param>
/// <param name="FullRate">Epochs at the full rate; the others have a tenth.</param>
internal sealed record Fit(int Epochs, int BatchRows, Optimizer Optimizer, int FullRate)
{
    /// <summary>The weights after training.</summary>
    internal float[] Train(IModel model, LabeledRows rows, long seed = 0)
    {
        float[] weights = [.. model.Initial.Values];
        var (gradients, memory) = (new float[weights.Length], new Workspace());
        var state = new float[Optimizer.StateValues * weights.Length];
        var (features, labels) = (new float[BatchRows * rows.Width], new int[BatchRows]);
        var random = new RandomStream(seed, "order");
        for (var (epoch, step) = (0, 0L); epoch < Epochs; epoch++)
        {
            var optimizer = epoch < FullRate ? Optimizer : Optimizer with { LearningRate = Optimizer.LearningRate / 10 };
            var order = rows.Shuffled(random);
            for (var from = 0; from + BatchRows <= order.Length; from += BatchRows)
            {
                rows.Gather(order.AsSpan(from, BatchRows), features, labels);
                model.Step(weights, new(features, labels) { Number = step }, optimizer, state, ++step, gradients, memory);
            }
        }

        return weights;
    }
}

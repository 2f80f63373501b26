using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <content>Weights of few different values.</content>
public static partial class ModelCompression
{
    /// <summary>Replaces the weights of each layer that are not zeros by the nearest of a codebook's values.</summary>
    /// <remarks>Biases, gains and statistics stay. Saved with <see cref="CompressedValues"/> a file has an index for each weight. Source:
    /// Han, Mao, Dally (2016), <i>Deep compression</i>.</remarks>
    /// <param name="model">The model, a network; it stays as it is.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network.</exception>
    public static LoadedModel ShareWeights(this LoadedModel model, ShareOptions? options = null)
    {
        options ??= new();
        var network = model.NetworkOf("share weights");
        options.Check();
        float[] values = [.. model.Weights.Values];
        foreach (var slice in network.Plan.Slices)
        {
            if (options.CentroidsOf(slice) is not (> 0 and var count)) { continue; }
            var weights = slice.Of(values.AsSpan());
            float[] kept = [.. weights.ToArray().Where(static w => w != 0)];
            if (kept.Length == 0) { continue; }
            var book = Codebook.Fit(kept, count, options.Start, options.Seed);
            foreach (ref var weight in weights)
            {
                if (weight != 0) { weight = book.Centroids[book.IndexOf(weight)]; }
            }
        }

        return model.With(network, values);
    }

    /// <summary>Trains the codebooks of a network: weights of a layer that are equal stay equal, and move by the sum of their
    /// gradients; zeros stay zeros.</summary>
    /// <remarks>Sums of many gradients are large: the learning rate has to be far smaller than for weights.</remarks>
    /// <param name="shared">A network from <see cref="ShareWeights"/>.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="retrain">How; null: 500 steps of rate 0.0001 and momentum 0.9.</param>
    /// <param name="options">The settings that the weights were shared with; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or rows or values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network.</exception>
    public static LoadedModel TuneCentroids(this LoadedModel shared, in Sample rows, RetrainOptions? retrain = null,
        ShareOptions? options = null)
    {
        options ??= new();
        var network = shared.NetworkOf("tune centroids");
        options.Check();
        float[] values = [.. shared.Weights.Values];
        Retraining.Run(network, values, rows, retrain ?? new() { Optimizer = new Sgd(1e-4f, 0.9f), Steps = 500 },
            new CentroidRule(network.Plan, values, options));
        return shared.With(network, values);
    }
}

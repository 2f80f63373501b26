namespace StreamLearn.Compression;

/// <content>Weights of few different values.</content>
public static partial class ModelCompression
{
    /// <summary>Replaces each layer's nonzero weights by the nearest values of a codebook.</summary>
    /// <remarks>Biases, gains and statistics stay. A file with <see cref="CompressedValues"/> stores an index per weight. Source: Han, Mao,
    /// Dally (2016), <i>Deep compression</i>.</remarks>
    /// <param name="model">The network; unchanged.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
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

    /// <summary>Trains the codebooks of a network: equal weights move together by their summed gradients; zeros stay zero.</summary>
    /// <remarks>Summed gradients are large and need a far smaller learning rate than weights.</remarks>
    /// <param name="shared">A network from <see cref="ShareWeights"/>.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="retrain">Training settings; null: 500 steps, rate 0.0001, momentum 0.9.</param>
    /// <param name="options">The sharing settings used before; null: defaults.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
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

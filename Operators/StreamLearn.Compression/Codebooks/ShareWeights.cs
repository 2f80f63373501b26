namespace StreamLearn.Compression;

/// <content>Replaces weights with few different values.</content>
public static partial class ModelCompression
{
    /// <summary>Replaces the nonzero weights of each layer with the nearest values of a codebook.</summary>
    /// <remarks>Biases, gains and statistics stay. A file with <see cref="CompressedValues"/> stores an index per weight. Source: Han, Mao,
    /// Dally (2016), <i>Deep compression</i>.</remarks>
    /// <param name="model">The network; unchanged.</param>
    /// <param name="denseBits">Index bits of a dense layer; its codebook has 2^bits nonzero values (8: 255). 1 to 8; default 5.</param>
    /// <param name="convolutionBits">Index bits of a convolution. 1 to 8; default 8.</param>
    /// <param name="seed">Random seed; default 0.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel ShareWeights(this LoadedModel model, int denseBits = 5, int convolutionBits = 8, long seed = 0)
    {
        var network = model.NetworkOf("share weights");
        CheckBits(denseBits, convolutionBits);
        float[] values = [.. model.Weights.Values];
        foreach (var slice in network.Plan.Slices)
        {
            if (CentroidsOf(slice, denseBits, convolutionBits) is not (> 0 and var count)) { continue; }
            var weights = slice.Of(values.AsSpan());
            float[] kept = [.. weights.ToArray().Where(static w => w != 0)];
            if (kept.Length == 0) { continue; }
            var book = Codebook.Fit(kept, count, seed: seed);
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
    /// <param name="retrain">Training settings; default null: 500 steps with a rate of 0.0001 and a momentum of 0.9.</param>
    /// <param name="denseBits">As used for sharing.</param>
    /// <param name="convolutionBits">As used for sharing.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network.</exception>
    public static LoadedModel TuneCentroids(this LoadedModel shared, in Sample rows, RetrainOptions? retrain = null,
        int denseBits = 5, int convolutionBits = 8)
    {
        var network = shared.NetworkOf("tune centroids");
        CheckBits(denseBits, convolutionBits);
        float[] values = [.. shared.Weights.Values];
        Retraining.Run(network, values, rows, retrain ?? new() { Optimizer = new Sgd(1e-4f, 0.9f), Steps = 500 },
            new CentroidRule(network.Plan, values, slice => CentroidsOf(slice, denseBits, convolutionBits)));
        return shared.With(network, values);
    }

    private static void CheckBits(int denseBits, int convolutionBits)
    {
        foreach (var bits in (ReadOnlySpan<int>)[denseBits, convolutionBits])
        {
            if (bits is < 1 or > 8) { throw new ArgumentException($"expected 1 to 8 bits, got {bits}"); }
        }
    }

    /// <summary>Returns the number of nonzero centroids, at most 255; 0: the values stay.</summary>
    private static int CentroidsOf(Slice slice, int denseBits, int convolutionBits) =>
        slice.Kind != SliceKind.Trained || !slice.Name.EndsWith(".weight", StringComparison.Ordinal)
            || slice.Name.Contains("low-bit", StringComparison.Ordinal) ? 0
        : Math.Min(byte.MaxValue, 1 << (slice.Name.Contains("conv", StringComparison.Ordinal) ? convolutionBits : denseBits));
}

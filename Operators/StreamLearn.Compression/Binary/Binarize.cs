namespace StreamLearn.Compression;

/// <content>Reduces inner layers to a few bits.</content>
public static partial class ModelCompression
{
    /// <summary>Reduces a network's inner dense layers to a few bits, with training.</summary>
    /// <remarks>Replaces dense layers between the first layer with weights and the heads. Each loses its biases and gets a preceding batch
    /// norm; a preceding <see cref="Relu"/> is removed if inputs are rounded. 1-bit weights train behind their signs, clipped to [−1, 1],
    /// and end as sign times the output's mean magnitude. Sources: Hubara et al. (2018); Rastegari et al. (2016); Zhou et al.
    /// (2016).</remarks>
    /// <param name="model">The network; unchanged. Nested layers are not replaced.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="weightBits">Bits per weight: 1 to 8, or 32 for float; default 1, the sign.</param>
    /// <param name="inputBits">Bits per layer input: 1 to 8, or 32 for float; default 1, the sign.</param>
    /// <param name="retrain">Training settings; null, the default: Adam, rate 0.002, 2,000 steps.</param>
    /// <exception cref="ArgumentException">Setting out of range, or network mismatch.</exception>
    /// <exception cref="NotSupportedException">Not a network, no inner dense layer, or several exits.</exception>
    public static LoadedModel Binarize(
        this LoadedModel model, in Sample rows, int weightBits = 1, int inputBits = 1, RetrainOptions? retrain = null)
    {
        var (network, values) = Replace(model.NetworkOf("binarize"), model.Weights.Values.AsSpan(), weightBits, inputBits);
        var rule = new ClipRule(network);
        Retraining.Run(network, values, rows, retrain ?? new() { Optimizer = new Adam(0.002f), Steps = 2_000 }, rule);
        rule.End(values);
        return model.With(network, values);
    }

    private static (Network Network, float[] Values) Replace(Network network, ReadOnlySpan<float> weights, int weightBits, int inputBits)
    {
        if (network.Exits.Length != 1) { throw new NotSupportedException("binarize: expected a network without earlier exits"); }
        var (layers, values, at, isFirst) = (ImmutableArray.CreateBuilder<Layer>(), new List<float>(), 0, true);
        for (var i = 0; i < network.Layers.Length; i++)
        {
            var (layer, plan, input) = (network.Layers[i], network.LayerPlans[i], network.Boundaries[i]);
            var own = weights.Slice(at, plan.Values);
            at += plan.Values;
            if (layer is Dense dense && !isFirst)
            {
                if (inputBits != LowBits.Exact && layers[^1] is Relu) { layers.RemoveAt(layers.Count - 1); }
                layers.Add(new BatchNorm());
                layers.Add(new LowBitDense(dense.Outputs, weightBits, inputBits));
                values.AddRange(Enumerable.Repeat(1f, input.Channels).Concat(Enumerable.Repeat(0f, 2 * input.Channels)));
                values.AddRange(Enumerable.Repeat(1f, input.Channels));
                values.AddRange(own[..^dense.Outputs]);
                continue;
            }

            layers.Add(layer);
            values.AddRange(own);
            isFirst &= plan.Values == 0 || layer is Scale;
        }

        if (!layers.Any(static l => l is LowBitDense))
        {
            throw new NotSupportedException($"binarize: expected a dense layer after the first, got {network.Structure}");
        }

        values.AddRange(weights[at..]);
        ImmutableArray<Exit> exits = [network.Exits[0] with { After = layers.Count - 1 }];
        var whole = network.Plan;
        return (new(whole.Input, whole.Outputs, layers.ToImmutable(), exits, 0, whole.Features, network.Objective), [.. values]);
    }
}

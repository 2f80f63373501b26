using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <content>Inner layers of few bits.</content>
public static partial class ModelCompression
{
    /// <summary>Gives the dense layers between the first and the head few bits, and trains the network so.</summary>
    /// <remarks>
    /// A layer that is replaced loses its biases, and a batch norm comes before it; a <see cref="Relu"/> before it is left out where its
    /// inputs are rounded. The first layer with weights and the heads stay as they are. Weights of 1 bit learn behind their signs, cut to
    /// [−1, 1] after each step; at the end each is its sign times the mean size of those of its output, which answers the same. Sources:
    /// Hubara et al. (2018); Rastegari et al. (2016); Zhou et al. (2016).
    /// </remarks>
    /// <param name="model">The model, a network; it stays as it is. Layers within others are not replaced.</param>
    /// <param name="rows">What it learns from.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or rows or values are of another network.</exception>
    /// <exception cref="NotSupportedException">It is no network, it has no dense layer after the first layer with weights, or more exits
    /// than one.</exception>
    public static LoadedModel Binarize(this LoadedModel model, in Sample rows, BinarizeOptions? options = null)
    {
        options ??= new();
        var (network, values) = Replace(model.NetworkOf("binarize"), model.Weights.Values.AsSpan(), options);
        var rule = new ClipRule(network);
        Retraining.Run(network, values, rows, options.Retrain, rule);
        rule.End(values);
        return model.With(network, values);
    }

    private static (Network Network, float[] Values) Replace(
        Network network, ReadOnlySpan<float> weights, BinarizeOptions options)
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
                if (options.InputBits != LowBits.Exact && layers[^1] is Relu) { layers.RemoveAt(layers.Count - 1); }
                layers.Add(new BatchNorm());
                layers.Add(new LowBitDense(dense.Outputs, options.WeightBits, options.InputBits));
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

namespace StreamLearn.Compression;

internal sealed record ValuedLayer(Layer Layer, float[] Values);

internal sealed record FoldedExit(Exit Exit, int After, List<ValuedLayer> Head);

/// <summary>Inference layers up to the last exit, and the heads of the early exits.</summary>
/// <remarks>Batch norms are folded into the layer before. Source: Jacob et al. (2018), section 3.2.</remarks>
internal sealed record FoldedLayers(List<ValuedLayer> Layers, List<FoldedExit> Exits)
{
    internal static FoldedLayers Of(Network network, ReadOnlySpan<float> weights)
    {
        var (result, exits, offset, next) = (new List<ValuedLayer>(), new List<FoldedExit>(), 0, 0);
        var heads = network.LayerPlans.Sum(static plan => plan.Values);      // values of heads follow those of layers
        for (var i = 0; i < network.Layers.Length; i++)
        {
            Add(network.Layers[i], network.Boundaries[i], weights.Slice(offset, network.LayerPlans[i].Values), result,
                exits is [.., var last] ? last.After : -1);
            offset += network.LayerPlans[i].Values;
            for (; next < network.Exits.Length - 1 && network.Exits[next].After == i; heads += network.HeadPlans[next++].Values)
            {
                var head = new List<ValuedLayer>();
                Add(network.Exits[next].Head, network.Boundaries[i + 1], weights.Slice(heads, network.HeadPlans[next].Values), head);
                exits.Add(new(network.Exits[next], result.Count - 1, head));
            }
        }

        Add(network.Exits[^1].Head, network.Boundaries[^1], weights[^network.HeadPlans[^1].Values..], result);
        return new(result, exits);
    }

    /// <summary><paramref name="kept"/>: index of a layer into which nothing may be folded, because an exit reads it; −1: none.</summary>
    private static void Add(Layer layer, Shape input, ReadOnlySpan<float> values, List<ValuedLayer> to, int kept = -1)
    {
        switch (layer)
        {
            case Sequential sequential:
                foreach (var inner in sequential.Layers)
                {
                    var plan = inner.Plan(input);
                    Add(inner, input, values[..plan.Values], to, kept);
                    input = plan.Output;
                    values = values[plan.Values..];
                }

                break;
            case Dropout: break;
            case Residual: throw new NotSupportedException($"int8: expected a sequence of layers without branches, got {layer}");
            case RoundedWeights or RoundedActivations: throw new NotSupportedException($"int8: the model is rounded already: {layer}");
            case BatchNorm norm when to.Count > 0 && to.Count - 1 != kept && Channels(to[^1].Layer, input) is > 0 and var channels:
                to[^1] = to[^1] with { Values = Folded(to[^1], channels, values, norm.Epsilon) };
                break;
            default: to.Add(new(layer, [.. values])); break;
        }
    }

    private static int Channels(Layer layer, Shape output) =>
        layer is Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d ? output.Channels : 0;

    private static float[] Folded(ValuedLayer layer, int channels, ReadOnlySpan<float> norm, float epsilon)
    {
        var (values, weights) = ((float[])[.. layer.Values], layer.Values.Length - channels);
        var isChannelFirst = layer.Layer is DepthwiseConv1d or DepthwiseConv2d;
        var factors = new double[channels];
        for (var c = 0; c < channels; c++)
        {
            factors[c] = norm[c] / Math.Sqrt((double)norm[(3 * channels) + c] + epsilon);
            values[weights + c] = (float)(((values[weights + c] - norm[(2 * channels) + c]) * factors[c]) + norm[channels + c]);
        }

        for (var i = 0; i < weights; i++)
        {
            values[i] = (float)(values[i] * factors[isChannelFirst ? i / (weights / channels) : i % channels]);
        }

        return values;
    }
}

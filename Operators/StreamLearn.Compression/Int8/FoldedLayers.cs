using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>A layer with the values that it has.</summary>
internal sealed record ValuedLayer(Layer Layer, float[] Values);

/// <summary>The layers of a network up to the end of its last exit, in one line, without those that inference does not need.</summary>
/// <remarks>Batch norms are folded into the layer before. Source: Jacob et al. (2018), section 3.2.</remarks>
internal static class FoldedLayers
{
    internal static List<ValuedLayer> Of(Network network, ReadOnlySpan<float> weights)
    {
        var (result, offset, shape) = (new List<ValuedLayer>(), 0, network.Plan.Input);
        for (var i = 0; i < network.Layers.Length; i++)
        {
            Add(network.Layers[i], network.Boundaries[i], weights.Slice(offset, network.LayerPlans[i].Values), result);
            offset += network.LayerPlans[i].Values;
            shape = network.Boundaries[i + 1];
        }

        Add(network.Exits[^1].Head, shape, weights[^network.HeadPlans[^1].Values..], result);
        return result;
    }

    private static void Add(Layer layer, Shape input, ReadOnlySpan<float> values, List<ValuedLayer> to)
    {
        switch (layer)
        {
            case Sequential sequential:
                foreach (var inner in sequential.Layers)
                {
                    var plan = inner.Plan(input);
                    Add(inner, input, values[..plan.Values], to);
                    input = plan.Output;
                    values = values[plan.Values..];
                }

                break;
            case Dropout: break;
            case Residual: throw new NotSupportedException($"int8: expected layers in one line, got {layer}");
            case RoundedWeights or RoundedActivations: throw new NotSupportedException($"int8: the model is rounded already: {layer}");
            case BatchNorm norm when to.Count > 0 && Channels(to[^1].Layer, input) is > 0 and var channels:
                to[^1] = to[^1] with { Values = Folded(to[^1], channels, values, norm.Epsilon) };
                break;
            default: to.Add(new(layer, [.. values])); break;
        }
    }

    /// <summary>Output channels of a layer that a batch norm can be folded into; 0 for others.</summary>
    private static int Channels(Layer layer, Shape output) =>
        layer is Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d ? output.Channels : 0;

    /// <summary>The layer's weights and biases with gain, bias, mean and variance of the norm in them.</summary>
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

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Models;

namespace StreamLearn.Compression;

/// <summary>A network with rounded layers, made of layers in one line, with the ranges of its activations.</summary>
internal sealed record RoundedLayers(Network Network, float[] Values)
{
    /// <summary>Rounds what goes into and comes out of every dense layer and convolution, and the weights of these. Ranges are 0.</summary>
    internal static RoundedLayers Of(Network source, List<ValuedLayer> layers, float momentum)
    {
        var (rounded, isRounded) = (new List<ValuedLayer>(), false);
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            if (layer.Layer is Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d)
            {
                if (!isRounded) { rounded.Add(Rounding(momentum)); }
                rounded.Add(layer with { Layer = new RoundedWeights(layer.Layer) });
                if (i + 1 < layers.Count && layers[i + 1].Layer is Relu) { rounded.Add(layers[++i]); }
                isRounded = i + 1 < layers.Count;       // the last scores stay as they are
                if (isRounded) { rounded.Add(Rounding(momentum)); }
            }
            else
            {
                isRounded &= layer.Layer is Flatten or MaxPool1d or MaxPool2d or Relu;      // these keep numbers
                rounded.Add(layer);
            }
        }

        if (!rounded.Any(static layer => layer.Layer is RoundedWeights))
        {
            throw new NotSupportedException($"int8: expected a network with a dense layer or a convolution, got {source.Structure}");
        }

        return Of(source, rounded);
    }

    /// <summary>The same network, whose activations are watched and not rounded yet.</summary>
    internal RoundedLayers Observing() => Of(Network, [.. Valued().Select(static layer =>
        layer.Layer is RoundedActivations rounding ? layer with { Layer = rounding with { Observes = true } } : layer)]);

    /// <summary>The values with ranges, in the order of the layers that round activations.</summary>
    internal RoundedLayers Ranged(IReadOnlyList<(float Low, float High)> ranges)
    {
        var (values, next) = ((float[])[.. Values], 0);
        foreach (var offset in Places()) { (values[offset], values[offset + 1]) = ranges[next++]; }
        return this with { Values = values };
    }

    /// <summary>The first value of each layer that rounds activations.</summary>
    internal IEnumerable<int> Places()
    {
        var offset = 0;
        for (var i = 0; i < Network.Layers.Length; offset += Network.LayerPlans[i++].Values)
        {
            if (Network.Layers[i] is RoundedActivations) { yield return offset; }
        }
    }

    private IEnumerable<ValuedLayer> Valued()
    {
        var offset = 0;
        for (var i = 0; i < Network.Layers.Length; i++)
        {
            var count = Network.LayerPlans[i].Values;
            yield return new(Network.Layers[i], Values.AsSpan(offset, count).ToArray());
            offset += count;
        }

        yield return new(Network.Exits[^1].Head, Values.AsSpan(offset).ToArray());
    }

    private static ValuedLayer Rounding(float momentum) => new(new RoundedActivations(momentum), new float[2]);

    private static RoundedLayers Of(Network source, List<ValuedLayer> layers)
    {
        ImmutableArray<Layer> trunk = [.. layers.SkipLast(1).Select(static layer => layer.Layer)];
        var network = new Network(source.Plan.Input, source.Plan.Outputs, trunk, [new(trunk.Length - 1, layers[^1].Layer)], 0,
            source.Plan.Features, source.Objective);
        var values = layers.SelectMany(static layer => layer.Values).ToArray();
        var weights = new Weights
        {
            Version = 0,
            SchemaHash = network.Plan.SchemaHash,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
        };
        return new(network.StartingFrom(weights), values);
    }
}

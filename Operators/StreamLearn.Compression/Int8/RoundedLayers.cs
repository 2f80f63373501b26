using System.Runtime.InteropServices;

namespace StreamLearn.Compression;

internal sealed record RoundedLayers(Network Network, float[] Values)
{
    /// <summary>Rounds weights, inputs and outputs of dense layers and convolutions; of early exits only weights. Ranges start at
    /// 0.</summary>
    internal static RoundedLayers Of(Network source, FoldedLayers folded, float momentum)
    {
        var layers = folded.Layers;
        var (rounded, isRounded, ends) = (new List<ValuedLayer>(), false, new int[layers.Count]);     // ends: index of each layer's output
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            if (layer.Layer is Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d)
            {
                if (!isRounded) { rounded.Add(Rounding(momentum)); }
                rounded.Add(Weighed(layer));
                ends[i] = rounded.Count - 1;
                if (i + 1 < layers.Count && layers[i + 1].Layer is Relu) { rounded.Add(layers[++i]); }
                isRounded = i + 1 < layers.Count;       // the final scores are not rounded
                if (isRounded) { rounded.Add(Rounding(momentum)); }
            }
            else
            {
                isRounded &= layer.Layer is Flatten or MaxPool1d or MaxPool2d or Relu;      // these layers keep integer values
                rounded.Add(layer);
            }

            ends[i] = rounded.Count - 1;
        }

        if (!rounded.Any(static layer => layer.Layer is RoundedWeights))
        {
            throw new NotSupportedException($"int8: expected a network with a dense layer or a convolution, got {source.Structure}");
        }

        return Of(source, rounded, folded.Exits.ConvertAll(exit => Headed(exit, ends[exit.After])));
    }

    internal RoundedLayers Observing() => Of(Network, [.. Valued().Select(static layer =>
        layer.Layer is RoundedActivations rounding ? layer with { Layer = rounding with { Observes = true } } : layer)], Exits());

    internal RoundedLayers Ranged(IReadOnlyList<(float Low, float High)> ranges)
    {
        var (values, next) = ((float[])[.. Values], 0);
        foreach (var offset in Places()) { (values[offset], values[offset + 1]) = ranges[next++]; }
        return this with { Values = values };
    }

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

        yield return new(Network.Exits[^1].Head, Values.AsSpan()[^Network.HeadPlans[^1].Values..].ToArray());
    }

    private List<(Exit, float[])> Exits()
    {
        var (exits, offset) = (new List<(Exit, float[])>(), Network.LayerPlans.Sum(static plan => plan.Values));
        for (var k = 0; k < Network.Exits.Length - 1; offset += Network.HeadPlans[k++].Values)
        {
            exits.Add((Network.Exits[k], Values.AsSpan(offset, Network.HeadPlans[k].Values).ToArray()));
        }

        return exits;
    }

    private static (Exit, float[]) Headed(FoldedExit folded, int after)
    {
        List<ValuedLayer> head = folded.Head.ConvertAll(
            static layer => layer.Layer is Dense or Conv1d or Conv2d or DepthwiseConv1d or DepthwiseConv2d ? Weighed(layer) : layer);
        Layer whole = head is [var only] ? only.Layer : new Sequential([.. head.Select(static layer => layer.Layer)]);
        return (folded.Exit with { After = after, Head = whole }, [.. head.SelectMany(static layer => layer.Values)]);
    }

    private static ValuedLayer Weighed(ValuedLayer layer) => layer with { Layer = new RoundedWeights(layer.Layer) };

    private static ValuedLayer Rounding(float momentum) => new(new RoundedActivations(momentum), new float[2]);

    private static RoundedLayers Of(Network source, List<ValuedLayer> layers, List<(Exit Exit, float[] Values)> exits)
    {
        ImmutableArray<Layer> trunk = [.. layers.SkipLast(1).Select(static layer => layer.Layer)];
        var last = source.Exits[^1] with { After = trunk.Length - 1, Head = layers[^1].Layer };
        var network = new Network(source.Plan.Input, source.Plan.Outputs, trunk, [.. exits.Select(static e => e.Exit), last], 0,
            source.Plan.Features, source.Objective)
        {
            ExitTraining = source.ExitTraining,
        };
        float[] values = [.. layers.SkipLast(1).SelectMany(static layer => layer.Values), .. exits.SelectMany(static e => e.Values),
            .. layers[^1].Values];
        var weights = new Weights
        {
            Version = 0,
            SchemaHash = network.Plan.SchemaHash,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(values),
        };
        return new(network.StartingFrom(weights), values);
    }
}

namespace StreamLearn.Compression;

internal sealed class SmallerNetwork(Network network, ImmutableArray<float> values, float share, bool byGain)
{
    private readonly List<float> _values = [];
    private int _at;            // position of the next layer's first value in the source

    private ReadOnlySpan<float> Values => values.AsSpan();

    internal (Network Network, float[] Values) Make()
    {
        var kept = new int[network.Layers.Length + 1][];
        kept[0] = All(network.Plan.Input.Channels);
        var layers = Chain(network.Layers, network.Plan.Input, kept, true);
        var exits = network.Exits.Select(exit =>
        {
            var shape = network.Boundaries[exit.After + 1];
            return exit with { Head = Copy(exit.Head, null, shape, kept[exit.After + 1], false).Layer };
        });
        var smaller = new Network(network.Plan.Input, network.Plan.Outputs, layers, [.. exits], 0, network.Plan.Features, network.Objective)
        {
            ExitTraining = network.ExitTraining,
        };
        return (smaller, [.. _values]);
    }

    private static int[] All(int count) => [.. Enumerable.Range(0, count)];

    private ImmutableArray<Layer> Chain(ImmutableArray<Layer> layers, Shape shape, int[][] kept, bool prunes)
    {
        var copies = ImmutableArray.CreateBuilder<Layer>(layers.Length);
        for (var i = 0; i < layers.Length; i++)
        {
            var next = i + 1 < layers.Length ? layers[i + 1] : null;
            (var copy, kept[i + 1]) = Copy(layers[i], next, shape, kept[i], prunes);
            copies.Add(copy);
            shape = layers[i].Plan(shape).Output;
        }

        return copies.ToImmutable();
    }

    private (Layer Layer, int[] Kept) Copy(Layer layer, Layer? next, Shape input, int[] kept, bool prunes)
    {
        var plan = layer.Plan(input);
        switch (layer)
        {
            case Dense dense:
                var left = Weigh(plan, dense.Outputs, next, prunes, Spread(kept, input.Samples), 1);
                return (dense with { Outputs = left.Length }, left);
            case Conv1d conv:
                left = Weigh(plan, conv.Filters, next, prunes, kept, conv.Kernel);
                return (conv with { Filters = left.Length }, left);
            case Conv2d conv:
                left = Weigh(plan, conv.Filters, next, prunes, kept, conv.Kernel * conv.Kernel);
                return (conv with { Filters = left.Length }, left);
            case GroupNorm norm when !IsEven(kept, input.Channels, norm.Groups):
                break;
            case BatchNorm or DepthwiseConv1d or DepthwiseConv2d or Scale or GroupNorm:
                foreach (var (_, _, length) in plan.Slices) { Take(kept, length / input.Channels, length); }
                return (layer, kept);
            case GlobalMeanMax:
                return (layer, [.. kept, .. kept.Select(c => input.Channels + c)]);
            case Flatten:
                return (layer, Spread(kept, input.Samples));
            case Sequential sequential:
                var inside = new int[sequential.Layers.Length + 1][];
                inside[0] = kept;
                return (new Sequential(Chain(sequential.Layers, input, inside, prunes)), inside[^1]);
            case Residual or LayerNorm:
                break;
            default:
                if (plan.Slices.IsEmpty && plan.Output.Channels == input.Channels) { return (layer, kept); }
                break;
        }

        throw new NotSupportedException($"prune units: expected layers whose units can be removed, got {layer}");
    }

    private int[] Weigh(LayerPlan plan, int units, Layer? next, bool prunes, int[] channels, int taps)
    {
        var weights = Values.Slice(_at, plan.Values - units);
        var biases = Values.Slice(_at + weights.Length, units);
        var left = prunes ? Largest(weights, units, next) : All(units);
        foreach (var channel in channels)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                var row = weights.Slice(((channel * taps) + tap) * units, units);
                foreach (var unit in left) { _values.Add(row[unit]); }
            }
        }

        foreach (var unit in left) { _values.Add(biases[unit]); }
        _at += plan.Values;
        return left;
    }

    private int[] Largest(ReadOnlySpan<float> weights, int units, Layer? next)
    {
        var scores = new float[units];
        if (byGain && next is BatchNorm)
        {
            var gains = Values.Slice(_at + weights.Length + units, units);
            for (var u = 0; u < units; u++) { scores[u] = MathF.Abs(gains[u]); }
        }
        else
        {
            for (var i = 0; i < weights.Length; i++) { scores[i % units] += MathF.Abs(weights[i]); }
        }

        var each = units / (next is GroupNorm { Groups: var groups } ? groups : 1);        // all groups keep the same number of units
        var count = Math.Max(1, each - (int)(each * (double)share));
        return [.. All(units).Chunk(each).SelectMany(group => group.OrderByDescending(u => scores[u]).Take(count)).Order()];
    }

    private static bool IsEven(int[] kept, int channels, int groups) =>
        kept.Length % groups == 0 && kept.CountBy(c => c / (channels / groups)) is var counts && counts.Count() == groups
        && counts.All(c => c.Value == kept.Length / groups);

    private void Take(int[] kept, int each, int length)
    {
        foreach (var channel in kept) { _values.AddRange(Values.Slice(_at + (channel * each), each)); }
        _at += length;
    }

    private static int[] Spread(int[] channels, int samples) =>
        samples == 1 ? channels : [.. channels.SelectMany(c => Enumerable.Range(c * samples, samples))];
}

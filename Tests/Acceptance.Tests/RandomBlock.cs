namespace Acceptance.Tests;

/// <summary>A network of random layers that can be cut by lines, with random values, and rows for it. The block is between its two exits,
/// so that the network itself can be asked what the whole block gives.</summary>
internal sealed class RandomBlock
{
    private readonly RandomStream _random;
    private float[]? _reduced;

    /// <summary><paramref name="reduction"/>: the last layer of the block; null: any.</summary>
    internal RandomBlock(int seed, GlobalMeanMax? reduction = null)
    {
        _random = new(seed, "random-block");
        var isSignal = seed % 4 == 3;
        Input = isSignal ? new(1 + Draw(3), 6 + Draw(30)) : new(1 + Draw(3), 4 + Draw(14), 3 + Draw(16));
        First = Draw(3);
        var layers = ImmutableArray.CreateBuilder<Layer>();
        var shape = Input;
        while (layers.Count < First + 1 + Draw(6))
        {
            if (Next(shape, isSignal) is not ({ } layer, var next)) { continue; }
            layers.Add(layer);
            shape = next;
        }

        if (reduction is not null) { layers.Add(reduction); }
        var head = new Sequential(new GlobalMean(), new Dense(2));
        ImmutableArray<Exit> exits = First == 0 ? [new(layers.Count - 1, head)] : [new(First - 1, head), new(layers.Count - 1, head)];
        Network = new(Input, 2, layers.ToImmutable(), exits);
        Weights = Workspace.Zeros(Network.Plan.Values);
        foreach (var slice in Network.Plan.Slices)
        {
            var isStatistic = slice.Kind == SliceKind.Statistic;
            foreach (ref var value in Weights.Span.Slice(slice.Offset, slice.Length))
            {
                value = (float)_random.NextDouble(isStatistic ? 0.2 : -1, 1);
            }
        }

        var size = Network.Boundaries[First].Size;
        Inputs = new float[Rows * size];
        foreach (ref var value in Inputs.AsSpan()) { value = (float)_random.NextGaussian(); }
        Outputs = new float[Rows * Network.Boundaries[^1].Size];
        ((IStagedModel)Network).Trunk(First == 0 ? 0 : 1, Weights.Span, Inputs, Rows, Outputs, new());
    }

    internal const int Rows = 2;

    internal Shape Input { get; }

    internal int First { get; }

    internal Network Network { get; }

    internal Memory<float> Weights { get; }

    internal float[] Inputs { get; }

    internal float[] Outputs { get; }

    /// <summary>The mean magnitude of the values of which an output of the reduction is the mean or the greatest.</summary>
    internal double Magnitude(int output)
    {
        if (_reduced is null)
        {
            var map = Network.Boundaries[^2];
            _reduced = new float[Rows * map.Size];
            Network.InferLayers(Weights.Span, First, Network.Layers.Length - 1, Inputs, Rows, _reduced, new());
        }

        var shape = Network.Boundaries[^2];
        var (row, channel) = (output / (2 * shape.Channels), output % shape.Channels);
        var from = ((row * shape.Channels) + channel) * shape.Samples;
        return _reduced[from..(from + shape.Samples)].Average(static v => Math.Abs((double)v));
    }

    /// <summary>Uneven shares; of three one is 0, of more so are some.</summary>
    internal double[] Shares(int parts)
    {
        var shares = Enumerable.Range(0, parts).Select(i => i > 1 && Draw(4) == 0 ? 0 : _random.NextDouble(0.05, 4)).ToArray();
        return shares;
    }

    private int Draw(int bound) => _random.NextInt32(bound);

    /// <summary>A layer that fits a shape, with what it gives; none if the one that was drawn does not fit.</summary>
    private (Layer Layer, Shape Output)? Next(Shape shape, bool isSignal)
    {
        var layer = Draw(9) == 0 ? new Residual(Same(), new Relu(), Same()) : Any();
        try
        {
            var output = layer.Plan(shape).Output;
            return output.Size is > 0 and < 20_000 && (isSignal || output.Height > 1) ? (layer, output) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }

        Layer Same() => Draw(3) == 0 ? new BatchNorm()
            : isSignal ? new Conv1d(shape.Channels, 1 + Draw(5), 1, Padding.Same)
            : new Conv2d(shape.Channels, 1 + Draw(5), 1, Padding.Same);

        Layer Any()
        {
            var (kernel, stride) = (1 + Draw(5), 1 + Draw(3));
            var padding = kernel == 1 ? 0 : Draw(4) == 0 ? Padding.Same : Draw(kernel);
            return (Draw(14), isSignal) switch
            {
                ( < 4, true) => new Conv1d(1 + Draw(9), kernel, stride, padding),
                ( < 4, false) => new Conv2d(1 + Draw(9), kernel, stride, padding),
                (4, true) => new DepthwiseConv1d(kernel, stride, padding),
                (4, false) => new DepthwiseConv2d(kernel, stride, padding),
                (5, true) => new MaxPool1d(kernel, stride, padding),
                (5, false) => new MaxPool2d(kernel, stride, padding),
                (6, true) => new AveragePool1d(kernel, stride, padding),
                (6, false) => new AveragePool2d(kernel, stride, padding),
                (7, _) => new Relu(),
                (8, _) => new LeakyRelu(),
                (9, _) => new Tanh(),
                (10, _) => new Sigmoid(),
                (11, _) => new BatchNorm(),
                (12, _) => new LocalResponseNorm(1 + Draw(2)),
                _ => new Dropout(0.5f),
            };
        }
    }
}

namespace StreamLearn.Nodes;

/// <summary>Shapes of feature-map layers, for the costs of blocks whose rows are divided over nodes.</summary>
public sealed record MapLayers
{
    internal MapLayers(ImmutableArray<MapLayer> layers) => Layers = layers;

    /// <summary>VGG-16's 13 convolutions and 5 pools for images of 224 × 224: 15.35·10⁹ multiply-adds.</summary>
    /// <remarks>Source: Simonyan, Zisserman (2015); as in DISNET, Samikwa et al. (2023).</remarks>
    public static MapLayers Vgg16 { get; } = new(
    [
        Convolution(3, 64, 224), Convolution(64, 64, 224), Pool(64, 224),
        Convolution(64, 128, 112), Convolution(128, 128, 112), Pool(128, 112),
        Convolution(128, 256, 56), Convolution(256, 256, 56), Convolution(256, 256, 56), Pool(256, 56),
        Convolution(256, 512, 28), Convolution(512, 512, 28), Convolution(512, 512, 28), Pool(512, 28),
        Convolution(512, 512, 14), Convolution(512, 512, 14), Convolution(512, 512, 14), Pool(512, 14),
    ]);

    internal ImmutableArray<MapLayer> Layers { get; }

    /// <summary>Lists a network's convolutions and pools over square feature maps, for a planner.</summary>
    /// <exception cref="ArgumentException">There are none, or one is on a non-square map, unevenly padded, depthwise, or
    /// nested.</exception>
    public static MapLayers Of(Network network) =>
        new([.. PlacesOf(network).Select(layer => LayerOf(network, layer) ?? throw new ArgumentException(
            $"expected a convolution or a pool over square maps, got {network.Layers[layer]} on {network.Boundaries[layer]}"))]);

    /// <summary>Number of layers.</summary>
    public int Count => Layers.Length;

    /// <summary>Multiply-adds of all layers.</summary>
    public long MultiplyAdds => Layers.Sum(static layer => layer.MultiplyAddsPerRow * layer.OutputHeight);

    /// <summary>Returns the number of values at a boundary, from 0 before the first layer to <see cref="Count"/> after the last.</summary>
    public long ValuesAt(int boundary) => boundary == 0
        ? Layers[0].InputValuesPerRow * Layers[0].Height
        : Layers[boundary - 1].OutputValuesPerRow * Layers[boundary - 1].OutputHeight;

    /// <summary>Returns the input rows, halo included, and multiply-adds that output rows of layers [first, end) need.</summary>
    /// <param name="first">First layer.</param>
    /// <param name="end">One past the last layer.</param>
    /// <param name="firstRow">First output row.</param>
    /// <param name="endRow">One past the last row, above <paramref name="firstRow"/>.</param>
    public (int FirstRow, int EndRow, long MultiplyAdds) Need(int first, int end, int firstRow, int endRow)
    {
        var work = 0L;
        for (var i = end - 1; i >= first; i--)
        {
            work += Layers[i].MultiplyAddsPerRow * (endRow - firstRow);
            (firstRow, endRow) = Layers[i].RowsFor(firstRow, endRow);
        }

        return (firstRow, endRow, work);
    }

    /// <summary>Divides rows in proportion to weights by the largest-remainder method.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="weights">The weights, 0 or more and not all 0.</param>
    public static ImmutableArray<int> ShareRows(int rows, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights) { sum += weight; }
        if (!(sum > 0)) { throw new ArgumentException($"expected weights above 0, got a sum of {sum}", nameof(weights)); }
        var (shares, left) = (new int[weights.Length], rows);
        for (var i = 0; i < shares.Length; i++) { left -= shares[i] = (int)(rows * weights[i] / sum); }
        for (; left > 0; left--)
        {
            var most = 0;
            for (var i = 1; i < shares.Length; i++)
            {
                if ((rows * weights[i] / sum) - shares[i] > (rows * weights[most] / sum) - shares[most]) { most = i; }
            }

            shares[most]++;
        }

        return [.. shares];
    }

    /// <inheritdoc />
    public bool Equals(MapLayers? other) => other is not null && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Count, MultiplyAdds);

    /// <summary>Returns the positions of a network's layers that a plan counts; layers between belong to the one before.</summary>
    internal static ImmutableArray<int> PlacesOf(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return
        [
            .. Enumerable.Range(0, network.Layers.Length).Where(i => network.Layers[i]
                is Conv2d or MaxPool2d or AveragePool2d or DepthwiseConv2d or Residual or Sequential),
        ];
    }

    private static MapLayer? LayerOf(Network network, int layer)
    {
        var (input, output) = (network.Boundaries[layer], network.Boundaries[layer + 1]);
        var (kernel, stride, padding) = network.Layers[layer] switch
        {
            Conv2d l => (l.Kernel, l.Stride, l.Padding),
            MaxPool2d l => (l.Size, l.Stride, l.Padding),
            AveragePool2d l => (l.Size, l.Stride, l.Padding),
            _ => default,
        };
        if (kernel == 0 || input.Height != input.Width) { return null; }
        stride = stride == 0 ? kernel : stride;
        if (padding == Padding.Same) { padding = Math.Max(0, ((output.Height - 1) * stride) + kernel - input.Height) / 2; }
        var map = new MapLayer(
            kernel, stride, padding, input.Channels, output.Channels, input.Height, IsPool: network.Layers[layer] is not Conv2d);
        return map.OutputHeight == output.Height ? map : null;
    }

    private static MapLayer Convolution(int inputs, int outputs, int height) => new(3, 1, 1, inputs, outputs, height);

    private static MapLayer Pool(int channels, int height) => new(2, 2, 0, channels, channels, height, IsPool: true);
}

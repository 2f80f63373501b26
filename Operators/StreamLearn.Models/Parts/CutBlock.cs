namespace StreamLearn.Models;

/// <summary>A block of layers that several nodes share: what there is to divide, and how what they give is put together.</summary>
/// <remarks>
/// By lines, a block is as <see cref="RowPartition"/> says; it may end with a global reduction, of which each part gives the statistics of
/// its lines. By channels, it is one convolution or dense layer, of which each part gives some channels.
/// </remarks>
public sealed class CutBlock
{
    private readonly Network _network;
    private readonly Layer? _reduction;

    /// <summary>A block of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The first layer of the block.</param>
    /// <param name="end">The layer after its last, at most <see cref="Reach"/>.</param>
    /// <param name="by">What its parts divide.</param>
    /// <exception cref="ArgumentException">There are no such layers, or they cannot be cut so.</exception>
    public CutBlock(Network network, int first, int end, PartCut by = PartCut.Lines)
    {
        ArgumentNullException.ThrowIfNull(network);
        (_network, First, End, By) = (network, first, end, by);
        if (by == PartCut.Channels)
        {
            ChannelPart.Check(network, first, end);
            (Count, GatheredSize) = (network.Boundaries[end].Channels, network.Boundaries[end].Size);
            return;
        }

        RowPartition.Check(network, first, end);
        Count = RowPartition.Lines(network, first, end);
        _reduction = RowPartition.Reduction(network, end);
        GatheredSize = _reduction is null
            ? network.Boundaries[end].Size : Count * RowPart.StatisticsOf(network, end).Size;
    }

    /// <summary>The first layer.</summary>
    public int First { get; }

    /// <summary>The layer after the last.</summary>
    public int End { get; }

    /// <summary>What its parts divide.</summary>
    public PartCut By { get; }

    /// <summary>Lines or channels to divide.</summary>
    public int Count { get; }

    /// <summary>Values of a row of its input.</summary>
    public int InputSize => _network.Boundaries[First].Size;

    /// <summary>Values of a row of what all parts give.</summary>
    public int GatheredSize { get; }

    /// <summary>Whether it ends with a global reduction, of which the parts give statistics: <see cref="Merge"/> has work to do.</summary>
    public bool GivesStatistics => _reduction is not null;

    /// <summary>The end of the longest block that begins with a layer; that layer itself if it cannot be cut.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The layer.</param>
    /// <param name="by">What its parts divide.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public static int Reach(Network network, int first, PartCut by) =>
        by == PartCut.Channels ? ChannelPart.Reach(network, first) : RowPartition.Reach(network, first);

    /// <summary>The part that gives some lines or channels.</summary>
    /// <param name="outputs">The lines or channels, at least one, of <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">There are no such lines or channels.</exception>
    public NetworkPart Part(IndexRange outputs) => By == PartCut.Channels
        ? ChannelPart.Of(_network, First, outputs) : RowPart.Of(_network, First, End, outputs);

    /// <summary>Makes the block's output of what the parts gave, in the order of their lines.</summary>
    /// <remarks>Maxima have the bits of one node. A mean is off by at most 2⁻²³ of itself and 2⁻⁴⁰ of the mean magnitude, of up to 65,536
    /// values. It depends on how the lines were divided, not on who computed.</remarks>
    /// <param name="parts">The lines or channels of the parts, in any order: together all.</param>
    /// <param name="gathered">What they gave, <c>[rows, <see cref="GatheredSize"/>]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="outputs">The block's output, <c>[rows, boundary]</c>.</param>
    /// <exception cref="ArgumentException">Some lines are missing, or a span has another length.</exception>
    public void Merge(ReadOnlySpan<IndexRange> parts, ReadOnlySpan<float> gathered, int rows, Span<float> outputs)
    {
        var size = _network.Boundaries[End].Size;
        NetworkLayout.Expect(rows * GatheredSize, gathered.Length, "gathered values");
        NetworkLayout.Expect(rows * size, outputs.Length, "outputs");
        if (_reduction is null)
        {
            gathered.CopyTo(outputs);
            return;
        }

        for (var r = 0; r < rows; r++)
        {
            PartialStatistics.Merge(
                _reduction, parts, Count, gathered.Slice(r * GatheredSize, GatheredSize), outputs.Slice(r * size, size));
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"layers {First} to {End} by {(By == PartCut.Channels ? "channels" : "lines")}";
}

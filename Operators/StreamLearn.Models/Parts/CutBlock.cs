namespace StreamLearn.Models;

/// <summary>A block of layers divided among several nodes, and the merge of their results.</summary>
/// <remarks>It divides by lines, like <see cref="RowPartition"/>, and a final global reduction merges the statistics of the parts. Or it
/// divides one convolution or dense layer by channels.</remarks>
public sealed class CutBlock
{
    private readonly Network _network;
    private readonly Layer? _reduction;

    /// <summary>Creates a block of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The first layer.</param>
    /// <param name="end">One past the last layer, at most <see cref="Reach"/>.</param>
    /// <param name="by">The dimension to divide.</param>
    /// <exception cref="ArgumentException">The layers cannot be divided in this way.</exception>
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
        GatheredSize = _reduction is null ? network.Boundaries[end].Size : Count * RowPart.StatisticsOf(network, end).Size;
    }

    /// <summary>The first layer.</summary>
    public int First { get; }

    /// <summary>One past the last layer.</summary>
    public int End { get; }

    /// <summary>The dimension to divide.</summary>
    public PartCut By { get; }

    /// <summary>Lines or channels to divide.</summary>
    public int Count { get; }

    /// <summary>Values per input row.</summary>
    public int InputSize => _network.Boundaries[First].Size;

    /// <summary>Values per row over the results of all parts.</summary>
    public int GatheredSize { get; }

    /// <summary>True if parts give statistics for a global reduction, which <see cref="Merge"/> completes.</summary>
    public bool GivesStatistics => _reduction is not null;

    /// <summary>Returns the end of the longest block from a layer on; the layer itself if it cannot be divided.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The layer.</param>
    /// <param name="by">The dimension to divide.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public static int Reach(Network network, int first, PartCut by) =>
        by == PartCut.Channels ? ChannelPart.Reach(network, first) : RowPartition.Reach(network, first);

    /// <summary>Returns the part with some lines or channels.</summary>
    /// <param name="outputs">The lines or channels, at least one, of <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">There are no such lines or channels.</exception>
    public NetworkPart Part(IndexRange outputs) => By == PartCut.Channels
        ? ChannelPart.Of(_network, First, outputs) : RowPart.Of(_network, First, End, outputs);

    /// <summary>Merges the results of the parts in line order.</summary>
    /// <remarks>Maxima are bit-identical to those on one node. A mean is off by at most 2⁻²³ of itself and 2⁻⁴⁰ of the mean magnitude, of
    /// up to 65,536 values. It depends only on the division of lines.</remarks>
    /// <param name="parts">Lines or channels of the parts, in any order; together they must be all.</param>
    /// <param name="gathered">Their results, <c>[rows, <see cref="GatheredSize"/>]</c>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="outputs">Written: the block's output, <c>[rows, boundary]</c>.</param>
    /// <exception cref="ArgumentException">Some lines are missing, or a span has the wrong length.</exception>
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

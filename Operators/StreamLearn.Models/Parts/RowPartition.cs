namespace StreamLearn.Models;

/// <summary>A block of consecutive layers, divided by output lines among parallel nodes.</summary>
/// <remarks>A block may contain convolutions and pools, layers that work per value or across channels, and layers made of those. It ends
/// before a layer that needs all lines, such as dense or group norm, or with a global reduction: see <see cref="Reach"/>.
/// <see cref="Deal"/> divides lines in order. Longer blocks exchange less but compute more halo. Source: Samikwa, Di Maio, Braun (2023),
/// DISNET; Mao et al. (2017), MoDNN, for one layer.</remarks>
public sealed class RowPartition
{
    private RowPartition(Network network, int first, int end, ReadOnlySpan<double> shares)
    {
        var lines = Deal(Lines(network, first, end), shares);
        var (parts, from) = (ImmutableArray.CreateBuilder<RowPart>(), 0);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] == 0) { continue; }
            parts.Add(RowPart.Of(network, first, end, new(from, from + lines[i]), i));
            from += lines[i];
        }

        (First, End, Parts) = (first, end, [.. parts]);
        var line = network.Boundaries[first].Size / StripLayer.Lines(network.Boundaries[first], IsAcross(network, first));
        var (covered, twice) = (0, 0L);
        foreach (var part in parts)
        {
            MultiplyAdds += part.MultiplyAdds;
            twice += Math.Max(0, Math.Min(covered, part.Inputs.To) - part.Inputs.From);
            covered = Math.Max(covered, part.Inputs.To);
        }

        HaloBytes = sizeof(float) * twice * line;
        for (var i = first; i < end; i++) { WholeMultiplyAdds += network.LayerPlans[i].MultiplyAdds; }
    }

    /// <summary>The block's first layer.</summary>
    public int First { get; }

    /// <summary>The end, exclusive.</summary>
    public int End { get; }

    /// <summary>The parts in line order, one per share with lines.</summary>
    public ImmutableArray<NetworkPart> Parts { get; }

    /// <summary>Multiply-adds per row over all parts.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Multiply-adds per row on a single node.</summary>
    public long WholeMultiplyAdds { get; }

    /// <summary>Bytes per input row that are sent repeatedly, counted for each part after the first.</summary>
    public long HaloBytes { get; }

    /// <summary>Divides a block.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The block's first layer.</param>
    /// <param name="end">The end, exclusive.</param>
    /// <param name="shares">Relative shares of the lines, such as compute rates: at least 0, and not all 0.</param>
    /// <exception cref="ArgumentException">Layers or shares are out of range, or a layer needs all lines.</exception>
    public static RowPartition Of(Network network, int first, int end, params ReadOnlySpan<double> shares)
    {
        Check(network, first, end);
        return new(network, first, end, shares);
    }

    /// <summary>Returns the end of the longest block from a layer on; the layer itself if it cannot be divided.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public static int Reach(Network network, int first)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(first, network.Layers.Length);
        var (end, across) = (first, IsAcross(network, first));
        while (end < network.Layers.Length
            && StripLayer.CanCut(network.Layers[end], network.Boundaries[end], network.Boundaries[end + 1], across))
        {
            end++;
        }

        return end < network.Layers.Length && Reduction(network, end + 1) is not null ? end + 1 : end;
    }

    /// <summary>Returns the number of lines (samples of a signal) at the end of a block or before its final reduction.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The block's first layer.</param>
    /// <param name="end">The end, exclusive.</param>
    public static int Lines(Network network, int first, int end)
    {
        ArgumentNullException.ThrowIfNull(network);
        return StripLayer.Lines(network.Boundaries[Reduction(network, end) is null ? end : end - 1], IsAcross(network, first));
    }

    /// <summary>Divides items by shares, such as rates: each is assigned to the node that finishes it first; on a tie, the first.</summary>
    /// <remarks>Unlike DISNET's largest-remainder method, it does not round up the share of a slow node.</remarks>
    /// <param name="count">Number of items, at least 0.</param>
    /// <param name="shares">Shares, at least 0 and not all 0.</param>
    /// <returns>Items per share; the sum is the count.</returns>
    /// <exception cref="ArgumentException">A share is negative or not finite, or all are 0.</exception>
    public static ImmutableArray<int> Deal(int count, ReadOnlySpan<double> shares)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var sum = 0.0;
        foreach (var share in shares) { sum += share >= 0 ? share : double.NaN; }
        if (!(sum > 0 && double.IsFinite(sum)))
        {
            throw new ArgumentException($"expected shares of at least 0, and not all 0, got a sum of {sum}", nameof(shares));
        }

        var dealt = new int[shares.Length];
        for (var left = count; left > 0; left--)
        {
            var (first, done) = (-1, double.PositiveInfinity);
            for (var i = 0; i < shares.Length; i++)
            {
                if (shares[i] == 0) { continue; }
                var seconds = (dealt[i] + 1) * (sum / shares[i]);
                if (first < 0 || seconds < done) { (first, done) = (i, seconds); }
            }

            dealt[first]++;
        }

        return [.. dealt];
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"layers {First} to {End} in {Parts.Length} parts: {string.Join(", ", Parts.Select(static p => p.Outputs))}";

    internal static void Check(Network network, int first, int end)
    {
        var reach = Reach(network, first);
        if (end > first && end <= reach) { return; }
        if (end <= first || end > network.Layers.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(end), end, $"expected a layer from {first + 1} to {network.Layers.Length}");
        }

        throw new ArgumentException($"layer {reach} ({network.Layers[reach]}) on {network.Boundaries[reach]} reads all lines: expected a "
            + $"block that ends before it, got layers {first} to {end}");
    }

    /// <summary>The global reduction before a boundary, if there is one: the only layer over all lines with partial results.</summary>
    internal static Layer? Reduction(Network network, int end) =>
        end > 0 && PartialStatistics.PerChannel(network.Layers[end - 1]) > 0 ? network.Layers[end - 1] : null;

    private static bool IsAcross(Network network, int first) => network.Boundaries[first].Height == 1;
}

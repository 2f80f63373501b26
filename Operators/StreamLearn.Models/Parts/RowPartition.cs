using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>A block of consecutive layers of a network, cut by lines of its output among several that compute at once.</summary>
/// <remarks>
/// A block may hold convolutions and pools with any stride and padding, layers that work on each value or across channels, and layers made
/// of those. It ends before a layer that looks at all lines, such as a dense one or a group norm, or with one that is a global reduction:
/// see <see cref="Reach"/>. Lines are dealt out by <see cref="Deal"/>, in order. Longer blocks need fewer exchanges, and compute more halo
/// twice. Source: Samikwa, Di Maio, Braun (2023), DISNET; Mao et al. (2017), MoDNN, for one layer.
/// </remarks>
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

        (First, End, Parts) = (first, end, parts.ToImmutable());
        var line = network.Boundaries[first].Size / StripLayer.Lines(network.Boundaries[first], IsAcross(network, first));
        var (covered, twice) = (0, 0L);
        foreach (var part in Parts)
        {
            MultiplyAdds += part.MultiplyAdds;
            twice += Math.Max(0, Math.Min(covered, part.Inputs.To) - part.Inputs.From);
            covered = Math.Max(covered, part.Inputs.To);
        }

        HaloBytes = sizeof(float) * twice * line;
        for (var i = first; i < end; i++) { WholeMultiplyAdds += network.LayerPlans[i].MultiplyAdds; }
    }

    /// <summary>The first layer of the block.</summary>
    public int First { get; }

    /// <summary>The layer after its last.</summary>
    public int End { get; }

    /// <summary>The parts, in order of their lines: one for each share that got lines.</summary>
    public ImmutableArray<RowPart> Parts { get; }

    /// <summary>Multiply-adds of a row, all parts together.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Multiply-adds of a row through the block where one computes all of it.</summary>
    public long WholeMultiplyAdds { get; }

    /// <summary>Bytes of a row of the block's input that go to more than one part, counted for each beyond the first.</summary>
    public long HaloBytes { get; }

    /// <summary>Cuts a block.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The first layer of the block.</param>
    /// <param name="end">The layer after its last.</param>
    /// <param name="shares">What each one's share of the lines is in proportion to, such as its compute rate: at least 0, not all
    /// 0.</param>
    /// <exception cref="ArgumentException">There are no such layers, a layer looks at all lines, or shares are out of range.</exception>
    public static RowPartition Of(Network network, int first, int end, params ReadOnlySpan<double> shares)
    {
        Check(network, first, end);
        return new(network, first, end, shares);
    }

    /// <summary>The end of the longest block that begins with a layer; that layer itself if it cannot be cut.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The layer.</param>
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

    /// <summary>Lines at the end of a block, or before the global reduction that it ends with: of an image its lines, of a signal its
    /// samples.</summary>
    /// <param name="network">The network.</param>
    /// <param name="first">The first layer of the block.</param>
    /// <param name="end">The layer after its last.</param>
    public static int Lines(Network network, int first, int end)
    {
        ArgumentNullException.ThrowIfNull(network);
        return StripLayer.Lines(network.Boundaries[Reduction(network, end) is null ? end : end - 1], IsAcross(network, first));
    }

    /// <summary>Deals a number out by shares, such as rates, so that the last one is done as early as can be: each goes to the one that is
    /// done with it first, to the first of equal ones.</summary>
    /// <remarks>The largest remainder, as in DISNET, gives a slow node a whole line for half a line that is due to it, and all wait for
    /// it.</remarks>
    /// <param name="count">What there is to deal out, at least 0.</param>
    /// <param name="shares">The shares: at least 0, not all 0.</param>
    /// <returns>What each one gets; together the count.</returns>
    /// <exception cref="ArgumentException">A share is below 0 or not finite, or all are 0.</exception>
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

        throw new ArgumentException($"layer {reach} ({network.Layers[reach]}) on {network.Boundaries[reach]} looks at all lines: "
            + $"expected a block that ends before it, got layers {first} to {end}");
    }

    /// <summary>The last layer before a boundary if it is a global reduction: the only layer that looks at all lines of which parts can
    /// give something.</summary>
    internal static Layer? Reduction(Network network, int end) =>
        end > 0 && PartialStatistics.PerChannel(network.Layers[end - 1]) > 0 ? network.Layers[end - 1] : null;

    private static bool IsAcross(Network network, int first) => network.Boundaries[first].Height == 1;
}

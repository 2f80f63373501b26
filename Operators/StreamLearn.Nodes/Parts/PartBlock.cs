using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Layers computed jointly, and their nodes.</summary>
public sealed record PartBlock
{
    /// <summary>The first layer, from 0; default 0.</summary>
    public int First { get; init; }

    /// <summary>The layer after the last: at most <see cref="CutBlock.Reach"/> of the first.</summary>
    public required int End { get; init; }

    /// <summary>The participating nodes, 1 to 64, with distinct names.</summary>
    public required ImmutableArray<PartWorker> Workers { get; init; }

    /// <summary>The dimension divided; default lines. Channels need a single convolution or dense layer.</summary>
    public PartCut By { get; init; }

    /// <summary>This node's share, in the unit of the workers' rates, at least 0. Default 0: it computes only as a fallback.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public double OwnRate
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value : throw new ArgumentOutOfRangeException(nameof(OwnRate), value, "expected a rate of at least 0");
    }

    /// <inheritdoc />
    public bool Equals(PartBlock? other) => ReferenceEquals(this, other) || (other is not null
        && (First, End, By, OwnRate) == (other.First, other.End, other.By, other.OwnRate)
        && Workers.AsSpan().SequenceEqual(other.Workers.AsSpan()));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(First, End, By, OwnRate);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"layers {First} to {End}")
        + (By == PartCut.Channels ? " by channels" : "")
        + $" on {string.Join(", ", Workers.Select(static w => FormattableString.Invariant($"{w.Name} {w.Rate}")))}"
        + (OwnRate > 0 ? FormattableString.Invariant($" and here {OwnRate}") : "");

    internal CutBlock Check(Network network)
    {
        var cut = new CutBlock(network, First, End, By);
        if (Workers.IsDefault || Workers.Length is < 1 or > PartWorkers.Most || Workers.Any(static w => w is null))
        {
            throw new ArgumentException($"expected 1 to {PartWorkers.Most} workers, got {(Workers.IsDefault ? 0 : Workers.Length)}");
        }

        if (Workers.Select(static w => w.Name).Distinct(StringComparer.Ordinal).Count() < Workers.Length)
        {
            throw new ArgumentException($"expected workers with different names, got "
                + $"{string.Join(", ", Workers.Select(static w => w.Name))}");
        }

        return cut;
    }
}

using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>Measured times of a model's layers on a device: element i is the number of seconds per row through layers 0 to i.</summary>
/// <remarks>The times are cumulative, because the time of a single layer is below the clock's noise; a sum may even be below the preceding
/// one.</remarks>
/// <param name="Forward">Seconds forward.</param>
/// <param name="Backward">Seconds backward; the same number of layers.</param>
public sealed record LayerTimes(ImmutableArray<double> Forward, ImmutableArray<double> Backward)
{
    /// <summary>Number of layers.</summary>
    public int Count => Forward.Length;

    /// <summary>Returns the forward time through layers [first, end) in seconds per row, 0 or more.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">One past the last layer.</param>
    public double ForwardSeconds(int first, int end) => Between(Forward, first, end);

    /// <summary>Returns the backward time through layers [first, end) in seconds per row, 0 or more.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">One past the last layer.</param>
    public double BackwardSeconds(int first, int end) => Between(Backward, first, end);

    /// <summary>Returns the time in both directions through layers [first, end) in seconds per row, 0 or more.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">One past the last layer.</param>
    public double Seconds(int first, int end) => ForwardSeconds(first, end) + BackwardSeconds(first, end);

    /// <summary>Scales all times.</summary>
    /// <param name="factor">The factor, above 0.</param>
    public LayerTimes Times(double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        return new([.. Forward.Select(t => t * factor)], [.. Backward.Select(t => t * factor)]);
    }

    /// <summary>Merges a layer with the next one.</summary>
    /// <param name="layer">The first of the two layers, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer, or no layer after it.</exception>
    public LayerTimes Without(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Count - 1);
        return new(Forward.RemoveAt(layer), Backward.RemoveAt(layer));
    }

    /// <inheritdoc />
    public bool Equals(LayerTimes? other) =>
        other is not null && Forward.AsSpan().SequenceEqual(other.Forward.AsSpan())
        && Backward.AsSpan().SequenceEqual(other.Backward.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Count, Forward.AsSpan().IsEmpty ? 0 : Forward[^1]);

    private static double Between(ImmutableArray<double> sums, int first, int end) =>
        first >= end ? 0 : Math.Max(0, sums[end - 1] - (first == 0 ? 0 : sums[first - 1]));
}

using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>How long a device takes for the layers of a model: [i] is the seconds for one row through layers 0 to i, as measured.</summary>
/// <remarks>
/// The sums are kept because sums are what is measured: one layer alone is within the noise of the clock, and a sum may even be below the
/// one before it.
/// </remarks>
/// <param name="Forward">Seconds forward.</param>
/// <param name="Backward">Seconds backward; as many.</param>
public sealed record LayerTimes(ImmutableArray<double> Forward, ImmutableArray<double> Backward)
{
    /// <summary>Number of layers.</summary>
    public int Count => Forward.Length;

    /// <summary>Seconds for one row forward through layers [first, end), 0 or more.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The layer after the last one.</param>
    public double ForwardSeconds(int first, int end) => Between(Forward, first, end);

    /// <summary>Seconds for one row backward through layers [first, end), 0 or more.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The layer after the last one.</param>
    public double BackwardSeconds(int first, int end) => Between(Backward, first, end);

    /// <summary>Seconds for one row forward and backward through layers [first, end), 0 or more.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="end">The layer after the last one.</param>
    public double Seconds(int first, int end) => ForwardSeconds(first, end) + BackwardSeconds(first, end);

    /// <summary>The times of a device that takes so many times as long.</summary>
    /// <param name="factor">The factor, more than 0.</param>
    public LayerTimes Times(double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        return new([.. Forward.Select(t => t * factor)], [.. Backward.Select(t => t * factor)]);
    }

    /// <summary>The table of a model in which a layer and the one after it are one: without the sum between them.</summary>
    /// <param name="layer">The first of the two layers, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer, or none after it.</exception>
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

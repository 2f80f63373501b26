using System.Runtime.CompilerServices;

namespace StreamLearn.Models;

/// <summary>The kind of a slice, which determines how it is trained and averaged.</summary>
public enum SliceKind
{
    /// <summary>The optimizer moves it, and devices average it.</summary>
    Trained,

    /// <summary>It is estimated from rows, such as a mean; the optimizer never moves it.</summary>
    Statistic,

    /// <summary>A counter, which is copied and never averaged.</summary>
    Counter,

    /// <summary>Frozen by a <see cref="TrainableMask"/>: not moved and not sent.</summary>
    Frozen,
}

/// <summary>A named part of a model's flat values.</summary>
/// <param name="Name">The name, <c>layer.part</c>.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Offset">Index of the first value.</param>
/// <param name="Length">Number of values.</param>
public sealed record Slice(string Name, SliceKind Kind, int Offset, int Length)
{
    /// <summary>Returns the values of the slice, writable. Arrays bind to this overload.</summary>
    /// <exception cref="ArgumentException">There are too few values.</exception>
    [OverloadResolutionPriority(1)]
    public Span<float> Of(Span<float> values)
    {
        Require(values.Length);
        return values.Slice(Offset, Length);
    }

    /// <summary>Returns the values of the slice.</summary>
    /// <exception cref="ArgumentException">There are too few values.</exception>
    public ReadOnlySpan<float> Of(ReadOnlySpan<float> values)
    {
        Require(values.Length);
        return values.Slice(Offset, Length);
    }

    private void Require(int values)
    {
        if (values - Length < Offset)
        {
            throw new ArgumentException(
                $"slice {Name}: expected at least {Offset + Length} values of the model, got {values}", nameof(values));
        }
    }
}

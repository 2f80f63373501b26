using System.Runtime.CompilerServices;

namespace StreamLearn.Models;

/// <summary>Kind of a slice, which decides training and averaging.</summary>
public enum SliceKind
{
    /// <summary>Moved by the optimizer, averaged over devices.</summary>
    Trained,

    /// <summary>Estimated from rows, such as a mean; never moved by the optimizer.</summary>
    Statistic,

    /// <summary>A counter; copied, never averaged.</summary>
    Counter,

    /// <summary>Fixed by a <see cref="TrainableMask"/>: not moved, not sent.</summary>
    Frozen,
}

/// <summary>A named part of a model's flat values.</summary>
/// <param name="Name">The name, <c>layer.part</c>.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Offset">First value.</param>
/// <param name="Length">Number of values.</param>
public sealed record Slice(string Name, SliceKind Kind, int Offset, int Length)
{
    /// <summary>Returns the slice of a model's values, writable. Arrays bind to this overload.</summary>
    /// <param name="values">All values.</param>
    /// <exception cref="ArgumentException">There are too few.</exception>
    [OverloadResolutionPriority(1)]
    public Span<float> Of(Span<float> values)
    {
        Require(values.Length);
        return values.Slice(Offset, Length);
    }

    /// <summary>Returns the slice of a model's values.</summary>
    /// <param name="values">All values.</param>
    /// <exception cref="ArgumentException">There are too few.</exception>
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

namespace StreamLearn.Models;

/// <summary>
/// A step of gradient descent that a layer takes itself: v = m·v + g, w −= η·v. The bits are those of a gradient followed by
/// <see cref="Sgd"/>.
/// </summary>
internal readonly ref struct FusedUpdate
{
    /// <summary>The layer's values: those of its trained slices are moved.</summary>
    internal Span<float> Weights { get; init; }

    /// <summary>One velocity a value; empty without momentum.</summary>
    internal Span<float> Velocity { get; init; }

    /// <summary>Step size η.</summary>
    internal float Rate { get; init; }

    /// <summary>Share m of the velocity that is kept.</summary>
    internal float Momentum { get; init; }

    internal bool IsEmpty => Weights.IsEmpty;

    /// <summary>The same for a part of the layer's values.</summary>
    internal FusedUpdate Of(int offset, int length) => IsEmpty ? default : new()
    {
        Weights = Weights.Slice(offset, length),
        Velocity = Velocity.IsEmpty ? [] : Velocity.Slice(offset, length),
        Rate = Rate,
        Momentum = Momentum,
    };
}

namespace StreamLearn.Models;

/// <summary>A step of gradient descent that a layer makes itself: v = m·v + g, w −= η·v. The bits are the same as with
/// <see cref="Sgd"/>.</summary>
internal readonly ref struct FusedUpdate
{
    internal Span<float> Weights { get; init; }

    /// <summary>The velocity; empty without momentum.</summary>
    internal Span<float> Velocity { get; init; }

    internal float Rate { get; init; }

    internal float Momentum { get; init; }

    internal bool IsEmpty => Weights.IsEmpty;

    internal FusedUpdate Of(int offset, int length) => IsEmpty ? default : new()
    {
        Weights = Weights.Slice(offset, length),
        Velocity = Velocity.IsEmpty ? [] : Velocity.Slice(offset, length),
        Rate = Rate,
        Momentum = Momentum,
    };
}

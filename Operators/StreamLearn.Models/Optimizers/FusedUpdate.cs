namespace StreamLearn.Models;

/// <summary>Gradient descent step taken by a layer itself: v = m·v + g, w −= η·v; bits as with <see cref="Sgd"/>.</summary>
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

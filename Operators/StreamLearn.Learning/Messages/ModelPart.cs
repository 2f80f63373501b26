namespace StreamLearn.Learning;

/// <summary>Consecutive layers that move between device and server, with their optimizer state. Immutable.</summary>
public sealed record ModelPart
{
    /// <summary>The first layer.</summary>
    public required int First { get; init; }

    /// <summary>One past the last layer.</summary>
    public required int End { get; init; }

    /// <summary>Values of these layers and the exits after them, in slice order.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>Optimizer state of these values: <see cref="Optimizer.StateValues"/> each, kind by kind.</summary>
    public required ImmutableArray<float> State { get; init; }

    internal long SizeBytes => 32 + (4L * (Values.Length + State.Length));

    internal static ModelPart? Fields(ref FrameFields f, ModelPart? p)
    {
        var (first, end) = (f.Int(p?.First), f.Int(p?.End));
        var (values, state) = (f.Values(p?.Values), f.Values(p?.State));
        return !f.HasRead() ? p : new() { First = first, End = end, Values = values, State = state };
    }
}

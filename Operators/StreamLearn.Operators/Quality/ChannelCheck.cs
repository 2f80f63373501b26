namespace StreamLearn.Operators;

/// <summary>Expectations of <c>CheckQuality</c> for one channel.</summary>
/// <param name="Channel">Name of a float32 column.</param>
/// <param name="Min">Smallest good value, in the channel's unit; default none.</param>
/// <param name="Max">Greatest good value, in the channel's unit; default none.</param>
public sealed record ChannelCheck(string Channel, float Min = float.NegativeInfinity, float Max = float.PositiveInfinity)
{
    /// <summary>How long the channel may stand still; above zero, infinite for a set point; null, the default: the general
    /// setting.</summary>
    public TimeSpan? Stuck { get; init; }

    /// <summary>Largest change of a still channel, in its unit, at least 0; null, the default: the general setting.</summary>
    public float? StuckWithin { get; init; }
}

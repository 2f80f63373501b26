namespace StreamLearn.Operators;

/// <summary>What <c>CheckQuality</c> expects of one channel.</summary>
/// <param name="Channel">Name of a float32 column.</param>
/// <param name="Min">Smallest valid value, in the channel's unit; default none.</param>
/// <param name="Max">Greatest valid value, in the channel's unit; default none.</param>
public sealed record ChannelCheck(string Channel, float Min = float.NegativeInfinity, float Max = float.PositiveInfinity)
{
    /// <summary>How long the channel may stay constant; above zero, infinite for a set point; null (default): the general
    /// setting.</summary>
    public TimeSpan? Stuck { get; init; }

    /// <summary>Largest change of a constant channel, in its unit, at least 0; null (default): the general setting.</summary>
    public float? StuckWithin { get; init; }
}

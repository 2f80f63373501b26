namespace StreamLearn.Operators;

/// <summary>What <c>CheckQuality</c> expects of one channel, where it differs from the others.</summary>
/// <param name="Channel">The name of a float32 column.</param>
/// <param name="Min">The least good value, in the channel's unit; default none.</param>
/// <param name="Max">The greatest good value, in the channel's unit; default none.</param>
public sealed record ChannelCheck(string Channel, float Min = float.NegativeInfinity, float Max = float.PositiveInfinity)
{
    /// <summary>How long the channel may stand still; infinite: for ever, such as a set point. More than zero; default null, as long as
    /// the others.</summary>
    public TimeSpan? Stuck { get; init; }

    /// <summary>By how much it may change and still stand still, in its unit, at least 0; default null, as much as the others.</summary>
    public float? StuckWithin { get; init; }
}

namespace StreamLearn.Nodes;

/// <summary>A planner's view of a link. It applies to both directions unless the other is given.</summary>
/// <param name="From">The sending node's name.</param>
/// <param name="To">The receiving node's name.</param>
/// <param name="BitsPerSecond">Bits per second, 0 or more; 0: dead, as after a failed probe.</param>
/// <param name="Delay">One-way delay, 0 or more; default 0.</param>
public sealed record LinkView(string From, string To, double BitsPerSecond, TimeSpan Delay = default)
{
    /// <summary>Bits per second, 0 or more; 0: dead, as after a failed probe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public double BitsPerSecond { get; init; } = BitsPerSecond >= 0
        ? BitsPerSecond
        : throw new ArgumentOutOfRangeException(nameof(BitsPerSecond), BitsPerSecond, $"expected 0 or more, got {BitsPerSecond}");

    /// <summary>Returns the duration of a transfer in seconds; 0 for no bytes, infinite over a dead link.</summary>
    /// <param name="bytes">Number of bytes, 0 or more.</param>
    public double SecondsOf(double bytes) => bytes == 0 ? 0 : (8 * bytes / BitsPerSecond) + Delay.TotalSeconds;
}

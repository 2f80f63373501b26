namespace StreamLearn.Nodes;

/// <summary>What a planner knows of a link. One that is given in one direction holds for the other, unless that is given too.</summary>
/// <param name="From">The name of the node that sends.</param>
/// <param name="To">The name of the node that receives.</param>
/// <param name="BitsPerSecond">Bits a second, 0 or more; 0: it carries nothing, as after a probe that failed.</param>
/// <param name="Delay">One-way delay, 0 or more; default 0.</param>
public sealed record LinkView(string From, string To, double BitsPerSecond, TimeSpan Delay = default)
{
    /// <summary>Bits a second, 0 or more; 0: it carries nothing, as after a probe that failed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are below 0, or not a number.</exception>
    public double BitsPerSecond { get; init; } = BitsPerSecond >= 0
        ? BitsPerSecond
        : throw new ArgumentOutOfRangeException(nameof(BitsPerSecond), BitsPerSecond, $"expected 0 or more, got {BitsPerSecond}");

    /// <summary>Seconds that bytes take; 0 for none, infinite over a link that carries nothing.</summary>
    /// <param name="bytes">The bytes, 0 or more.</param>
    public double SecondsOf(double bytes) => bytes == 0 ? 0 : (8 * bytes / BitsPerSecond) + Delay.TotalSeconds;
}

using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>A time in which a link carries nothing; what is under way waits.</summary>
/// <param name="From">Virtual time since the world's start.</param>
/// <param name="To">Virtual time since the world's start, later.</param>
public readonly record struct Outage(TimeSpan From, TimeSpan To);

/// <summary>A simulated device's link. Each direction is a queue with one server, first come first served.</summary>
public sealed record LinkProfile
{
    /// <summary>A link that takes no time.</summary>
    public static LinkProfile Unlimited { get; } = new();

    /// <summary>Bits per second from the device, more than 0; default without limit.</summary>
    public double UpBitsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Bits per second to the device, more than 0; default without limit.</summary>
    public double DownBitsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>One-way delay after the last bit, 0 or more; default 0.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Times in which nothing is carried, in order and apart; default none.</summary>
    public ImmutableArray<Outage> Outages { get; init; } = [];

    internal LinkProfile Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(UpBitsPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(DownBitsPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero);
        foreach (var outage in Outages) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(outage.To, outage.From); }
        return this;
    }

    /// <inheritdoc />
    public bool Equals(LinkProfile? other) =>
        other is not null && (UpBitsPerSecond, DownBitsPerSecond, Delay) == (other.UpBitsPerSecond, other.DownBitsPerSecond, other.Delay)
        && Outages.AsSpan().SequenceEqual(other.Outages.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(UpBitsPerSecond, DownBitsPerSecond, Delay, Outages.Length);
}

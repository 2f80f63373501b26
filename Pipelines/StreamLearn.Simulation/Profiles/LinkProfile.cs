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
        Profiles.Require(UpBitsPerSecond > 0, nameof(UpBitsPerSecond), "more than 0", UpBitsPerSecond);
        Profiles.Require(DownBitsPerSecond > 0, nameof(DownBitsPerSecond), "more than 0", DownBitsPerSecond);
        Profiles.Require(Delay >= TimeSpan.Zero && Delay <= VirtualTime.Never, nameof(Delay), "0 or more", Delay);
        var outages = Outages.IsDefault ? [] : Outages;
        for (var i = 0; i < outages.Length; i++)
        {
            Profiles.Require(outages[i].To > outages[i].From, nameof(Outages), "ends after their beginning", outages[i]);
            Profiles.Require(i == 0 || outages[i].From >= outages[i - 1].To, nameof(Outages), "outages in order and apart", outages[i]);
        }

        return Outages.IsDefault ? this with { Outages = outages } : this;
    }

    /// <inheritdoc />
    public bool Equals(LinkProfile? other) =>
        other is not null && (UpBitsPerSecond, DownBitsPerSecond, Delay) == (other.UpBitsPerSecond, other.DownBitsPerSecond, other.Delay)
        && Outages.AsSpan().SequenceEqual(other.Outages.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(UpBitsPerSecond, DownBitsPerSecond, Delay, Outages.AsSpan().Length);
}

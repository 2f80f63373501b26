using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>A time in which a link carries nothing; what is under way waits.</summary>
/// <param name="From">Virtual time since the world's start.</param>
/// <param name="To">Virtual time since the world's start, later.</param>
public readonly record struct Outage(TimeSpan From, TimeSpan To);

/// <summary>From a moment on, a link has another delay.</summary>
/// <param name="At">Virtual time since the world's start.</param>
/// <param name="Delay">One-way delay after the last bit, 0 or more.</param>
public readonly record struct DelayChange(TimeSpan At, TimeSpan Delay);

/// <summary>A simulated device's link. Each direction is a queue with one server, first come first served: messages arrive in the order in
/// which they were sent.</summary>
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

    /// <summary>Standard deviation of the delay, which is normally distributed and never below 0; default 0: it does not vary.</summary>
    public TimeSpan DelayDeviation { get; init; }

    /// <summary>Changes of the delay, in order of time; default none. A message has the delay of when its last bit has left.</summary>
    public ImmutableArray<DelayChange> DelayTrace { get; init; } = [];

    /// <summary>Changes of the rate of both directions, as shares of it, in order of time; default none.</summary>
    public ImmutableArray<SpeedChange> RateTrace { get; init; } = [];

    /// <summary>Share of transfers that are lost, 0 or more and below 1; default 0. One that is lost is made again 200 ms later, as by TCP,
    /// and those after it wait.</summary>
    public double Loss { get; init; }

    /// <summary>Times in which nothing is carried, in order and apart; default none.</summary>
    public ImmutableArray<Outage> Outages { get; init; } = [];

    /// <summary>The shortest time after which TCP sends again what nobody confirms (RFC 6298 as Linux has it).</summary>
    internal static TimeSpan SentAgainAfter { get; } = TimeSpan.FromMilliseconds(200);

    internal LinkProfile Checked()
    {
        Profiles.Require(UpBitsPerSecond > 0, nameof(UpBitsPerSecond), "more than 0", UpBitsPerSecond);
        Profiles.Require(DownBitsPerSecond > 0, nameof(DownBitsPerSecond), "more than 0", DownBitsPerSecond);
        Profiles.Require(Delay >= TimeSpan.Zero && Delay <= VirtualTime.Never, nameof(Delay), "0 or more", Delay);
        Profiles.Require(DelayDeviation >= TimeSpan.Zero && DelayDeviation <= VirtualTime.Never, nameof(DelayDeviation), "0 or more",
            DelayDeviation);
        Profiles.Require(Loss is >= 0 and < 1, nameof(Loss), "0 or more and below 1", Loss);
        var (rates, delays) = (RateTrace.IsDefault ? [] : RateTrace, DelayTrace.IsDefault ? [] : DelayTrace);
        Profiles.RequireSpeeds(rates, nameof(RateTrace), "rates");
        for (var i = 0; i < delays.Length; i++)
        {
            Profiles.Require(delays[i].Delay >= TimeSpan.Zero && delays[i].Delay <= VirtualTime.Never, nameof(DelayTrace),
                "delays of 0 or more", delays[i].Delay);
            Profiles.RequireOrder(delays[i].At, i == 0 ? TimeSpan.Zero : delays[i - 1].At, nameof(DelayTrace));
        }

        var outages = Outages.IsDefault ? [] : Outages;
        for (var i = 0; i < outages.Length; i++)
        {
            Profiles.Require(outages[i].To > outages[i].From, nameof(Outages), "ends after their beginning", outages[i]);
            Profiles.Require(i == 0 || outages[i].From >= outages[i - 1].To, nameof(Outages), "outages in order and apart", outages[i]);
        }

        return Outages.IsDefault || RateTrace.IsDefault || DelayTrace.IsDefault
            ? this with { Outages = outages, RateTrace = rates, DelayTrace = delays }
            : this;
    }

    /// <inheritdoc />
    public bool Equals(LinkProfile? other) =>
        other is not null && (UpBitsPerSecond, DownBitsPerSecond, Delay) == (other.UpBitsPerSecond, other.DownBitsPerSecond, other.Delay)
        && (DelayDeviation, Loss) == (other.DelayDeviation, other.Loss)
        && DelayTrace.AsSpan().SequenceEqual(other.DelayTrace.AsSpan()) && RateTrace.AsSpan().SequenceEqual(other.RateTrace.AsSpan())
        && Outages.AsSpan().SequenceEqual(other.Outages.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(UpBitsPerSecond, DownBitsPerSecond, Delay, Outages.AsSpan().Length);
}

using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>The link of a simulated device. Each direction is a first-come-first-served queue, so messages arrive in the order in which
/// they were sent.</summary>
public sealed record LinkProfile
{
    /// <summary>A link that takes no time.</summary>
    public static LinkProfile Unlimited { get; } = new();

    /// <summary>Bits per second from the device, above 0; default unlimited.</summary>
    public double UpBitsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Bits per second to the device, above 0; default unlimited.</summary>
    public double DownBitsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>One-way delay after the last bit, 0 or more; default 0.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Standard deviation of the normally distributed delay, which is cut off at 0; default 0.</summary>
    public TimeSpan DelayDeviation { get; init; }

    /// <summary>Delay changes in order of time, effective when a message's last bit leaves; default none.</summary>
    public ImmutableArray<(TimeSpan At, TimeSpan Delay)> DelayTrace { get; init; } = [];

    /// <summary>Rate changes in order of time, as shares of both rates; default none.</summary>
    public ImmutableArray<(TimeSpan At, double Speed)> RateTrace { get; init; } = [];

    /// <summary>Share of lost transfers, 0 or more and below 1; default 0. A lost one is repeated after 200 ms, as by TCP, and later ones
    /// wait.</summary>
    public double Loss { get; init; }

    /// <summary>Ordered, disjoint outages in virtual time since the start, in which messages wait; default none.</summary>
    public ImmutableArray<(TimeSpan From, TimeSpan To)> Outages { get; init; } = [];

    /// <summary>The minimum retransmission timeout of TCP (RFC 6298, Linux).</summary>
    internal static TimeSpan SentAgainAfter { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads recorded link rates, lines <c>t,bit/s</c>, as a link without delay, equal in both directions.</summary>
    /// <remarks> Each line has an increasing time in seconds and the rate from then on; the first rate also holds before. A rate of 0 is an
    /// outage. The first line may be a header. Empty lines are skipped. </remarks>
    /// <exception cref="ScenarioException">The file cannot be read or is not a trace; the message names the line.</exception>
    public static LinkProfile ReadTrace(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return LinkTrace.Read(path);
    }

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

    /// <summary>Wi-Fi of a Jetson Nano: 75 Mbit/s.</summary>
    public static LinkProfile NanoWifi { get; } = Of(75);

    /// <summary>Wi-Fi of a Raspberry Pi 3: 40 Mbit/s; measured 35 to 40.</summary>
    public static LinkProfile PiWifi { get; } = Of(40);

    /// <summary>Wi-Fi of a Raspberry Pi 3, shaped to 15 Mbit/s.</summary>
    public static LinkProfile PiWifiShaped { get; } = Of(15);

    /// <summary>A 20 Mbit/s shaper, from ARES's code.</summary>
    public static LinkProfile Shaped { get; } = Of(20);

    /// <summary>FedAdapt's drop in bandwidth according to the paper: 10 Mbit/s.</summary>
    public static LinkProfile FedAdaptSlide { get; } = Of(10);

    /// <summary>FedAdapt's drop in bandwidth according to its code: 5 Mbit/s.</summary>
    public static LinkProfile FedAdaptCode { get; } = Of(5);

    private static LinkProfile Of(double megabits) => new() { UpBitsPerSecond = megabits * 1e6, DownBitsPerSecond = megabits * 1e6 };
}

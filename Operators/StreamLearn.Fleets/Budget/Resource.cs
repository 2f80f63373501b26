namespace StreamLearn.Fleets;

/// <summary>How that which the devices of a fleet use of a resource adds up.</summary>
public enum Sharing
{
    /// <summary>All use it at once: what the slowest uses counts, as of time.</summary>
    Longest,

    /// <summary>Each uses some of it: the sum counts, as of energy, bytes and money.</summary>
    Sum,
}

/// <summary>Something of which a fleet may use only so much.</summary>
/// <param name="Name">Its name with its unit, as metrics have it: <c>time_s</c>, <c>energy_j</c>, <c>bytes</c>.</param>
/// <param name="Limit">How much there is, in that unit; above 0.</param>
/// <param name="Sharing">How that which the devices use adds up.</param>
public sealed record Resource(string Name, double Limit, Sharing Sharing)
{
    /// <summary>The name of time on the clock, which is measured.</summary>
    public const string TimeName = "time_s";

    /// <summary>The name of bytes, which are counted.</summary>
    public const string BytesName = "bytes";

    /// <summary>What a device uses for a local step, in the unit of the resource; of no account where that is measured. 0 or more; default
    /// 0.</summary>
    public double Step { get; init; }

    /// <summary>What a device uses to take part in an aggregation, as for a step.</summary>
    public double Aggregation { get; init; }

    /// <summary>Time on the clock, in seconds.</summary>
    /// <param name="limit">How long learning may take.</param>
    public static Resource Time(TimeSpan limit) => new(TimeName, limit.TotalSeconds, Sharing.Longest);

    /// <summary>Energy of all devices.</summary>
    /// <param name="joules">How much they may use.</param>
    public static Resource Energy(double joules) => new("energy_j", joules, Sharing.Sum);

    /// <summary>Bytes that all devices send and get.</summary>
    /// <param name="bytes">How many there may be.</param>
    public static Resource Bytes(long bytes) => new(BytesName, bytes, Sharing.Sum);

    /// <summary>Money, in any currency.</summary>
    /// <param name="amount">How much may be spent.</param>
    public static Resource Money(double amount) => new("money", amount, Sharing.Sum);

    /// <summary>What the devices use of it together.</summary>
    /// <param name="uses">What each uses, in the unit of the resource.</param>
    public double Total(ReadOnlySpan<double> uses)
    {
        var total = 0.0;
        foreach (var use in uses) { total = With(total, use); }
        return total;
    }

    internal double With(double total, double use) => Sharing == Sharing.Longest ? Math.Max(total, use) : total + use;

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentOutOfRangeException.ThrowIfNegative(Step);
        ArgumentOutOfRangeException.ThrowIfNegative(Aggregation);
        if (!(Limit > 0 && double.IsFinite(Limit))) { throw new ArgumentOutOfRangeException(nameof(Limit), Limit, "expected more than 0"); }
    }
}

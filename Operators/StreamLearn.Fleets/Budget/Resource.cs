namespace StreamLearn.Fleets;

/// <summary>A resource with a limit for the fleet.</summary>
/// <param name="Name">Name with unit, as in metrics: <c>time_s</c>, <c>energy_j</c>, <c>bytes</c>.</param>
/// <param name="Limit">The limit in that unit; above 0.</param>
public sealed record Resource(string Name, double Limit)
{
    /// <summary>True: the maximum over the devices counts, as for time. Default false: their sum, as for energy, bytes and money.</summary>
    public bool CountsLongest { get; init; }

    /// <summary>Name of elapsed time, which is measured.</summary>
    public const string TimeName = "time_s";

    /// <summary>Name of bytes, which are counted.</summary>
    public const string BytesName = "bytes";

    /// <summary>A device's use per local step, in the unit of the resource; ignored if it is measured. At least 0; default 0.</summary>
    public double Step { get; init; }

    /// <summary>A device's use per aggregation, otherwise like <c>Step</c>.</summary>
    public double Aggregation { get; init; }

    /// <summary>Limits elapsed time, in seconds.</summary>
    /// <param name="limit">Maximum learning time.</param>
    public static Resource Time(TimeSpan limit) => new(TimeName, limit.TotalSeconds) { CountsLongest = true };

    /// <summary>Limits the energy of all devices.</summary>
    /// <param name="joules">Maximum joules.</param>
    public static Resource Energy(double joules) => new("energy_j", joules);

    /// <summary>Limits the bytes that all devices send and receive.</summary>
    /// <param name="bytes">Maximum bytes.</param>
    public static Resource Bytes(long bytes) => new(BytesName, bytes);

    /// <summary>Limits money, in any currency.</summary>
    /// <param name="amount">Maximum amount.</param>
    public static Resource Money(double amount) => new("money", amount);

    /// <summary>Combines the use of all devices.</summary>
    /// <param name="uses">The use of each device, in the unit of the resource.</param>
    public double Total(ReadOnlySpan<double> uses)
    {
        var total = 0.0;
        foreach (var use in uses) { total = With(total, use); }
        return total;
    }

    internal double With(double total, double use) => CountsLongest ? Math.Max(total, use) : total + use;

    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentOutOfRangeException.ThrowIfNegative(Step);
        ArgumentOutOfRangeException.ThrowIfNegative(Aggregation);
        if (!(Limit > 0 && double.IsFinite(Limit))) { throw new ArgumentOutOfRangeException(nameof(Limit), Limit, "expected more than 0"); }
    }
}

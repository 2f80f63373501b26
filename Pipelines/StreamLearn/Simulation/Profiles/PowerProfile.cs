namespace StreamLearn.Simulation;

/// <summary>The power of a device in each state, and the energy of its radio. Source: Heinzelman et al., HICSS 2000, for bits;
/// Balasubramanian et al., IMC 2009, for the tail of cellular radios.</summary>
public sealed record PowerProfile
{
    /// <summary>A device that consumes no energy.</summary>
    public static PowerProfile None { get; } = new();

    /// <summary>Idle power in watts, 0 or more; default 0.</summary>
    public double IdleWatts { get; init; }

    /// <summary>Power per computing core in watts, 0 or more; default 0.</summary>
    public double ComputingWatts { get; init; }

    /// <summary>Power while sending and in the tail in watts, 0 or more; default 0.</summary>
    public double SendingWatts { get; init; }

    /// <summary>Power while receiving in watts, 0 or more; default 0.</summary>
    public double ReceivingWatts { get; init; }

    /// <summary>Radio energy per bit sent or received in joules, 0 or more; default 0.</summary>
    public double JoulesPerBit { get; init; }

    /// <summary>How long the radio stays on after the last send, 0 or more; default 0. Cellular radios: some 200 ms.</summary>
    public TimeSpan Tail { get; init; }

    internal void Check()
    {
        RequireNumber(IdleWatts, nameof(IdleWatts));
        RequireNumber(ComputingWatts, nameof(ComputingWatts));
        RequireNumber(SendingWatts, nameof(SendingWatts));
        RequireNumber(ReceivingWatts, nameof(ReceivingWatts));
        RequireNumber(JoulesPerBit, nameof(JoulesPerBit));
        Profiles.Require(Tail >= TimeSpan.Zero && Tail <= VirtualTime.Never, nameof(Tail), "0 or more", Tail);
    }

    private static void RequireNumber(double value, string setting) =>
        Profiles.Require(value >= 0 && double.IsFinite(value), setting, "a number of 0 or more", value);
}

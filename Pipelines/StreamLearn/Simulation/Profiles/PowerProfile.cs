namespace StreamLearn.Simulation;

/// <summary>What a device draws in each state, and what its radio adds. Source of the radio's part: Heinzelman et al., HICSS 2000, for
/// bits; the tail is that of cellular radios (Balasubramanian et al., IMC 2009).</summary>
public sealed record PowerProfile
{
    /// <summary>A device that draws nothing.</summary>
    public static PowerProfile None { get; } = new();

    /// <summary>Power while it does nothing else, in watts; 0 or more; default 0.</summary>
    public double IdleWatts { get; init; }

    /// <summary>Power of each core that computes, in watts; 0 or more; default 0.</summary>
    public double ComputingWatts { get; init; }

    /// <summary>Power while it sends, and in the tail after that, in watts; 0 or more; default 0.</summary>
    public double SendingWatts { get; init; }

    /// <summary>Power while it receives, in watts; 0 or more; default 0.</summary>
    public double ReceivingWatts { get; init; }

    /// <summary>What the radio's electronics take for a bit sent or received, in joules; 0 or more; default 0.</summary>
    public double JoulesPerBit { get; init; }

    /// <summary>How long the radio stays on after it has sent, unless it sends again before; 0 or more; default 0. Of cellular radios some
    /// 200 ms.</summary>
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

namespace StreamLearn.Fleets;

/// <summary>Decides the weight of an update.</summary>
/// <remarks>It is a pure function of update and round, without memory.</remarks>
public abstract record Weigh : Rule
{
    /// <summary>Weighs by samples over √(1 + staleness); the newest version has staleness 0.</summary>
    /// <remarks>Source: McMahan et al. (2017), FedAvg, for the samples; Xie, Koyejo, Gupta (2019), for the staleness with a = ½.</remarks>
    public static Weigh BySamples { get; } = new BySamples();

    /// <summary>Weighs by the rows that the device learns from (<see cref="DeviceEstimate.Rows"/>); updates that do not report them are
    /// refused.</summary>
    public static Weigh ByRows { get; } = new ByRows();

    /// <summary>Weighs by staleness: α·f(staleness).</summary>
    /// <param name="staleness">The function f.</param>
    /// <param name="share">Weight α of a fresh update, above 0, at most 1; default 1.</param>
    /// <param name="devices">Devices in the fleet, at least 1; null (default): the known ones.</param>
    /// <exception cref="ArgumentException">An argument or a nested setting is out of range.</exception>
    public static Weigh ByStaleness(Staleness staleness, float share = 1, int? devices = null) =>
        Checked(new ByStaleness(staleness, share, devices));

    /// <summary>Returns an update's weight, at least 0; 0 refuses it.</summary>
    /// <param name="update">The update.</param>
    /// <param name="round">The round so far.</param>
    public abstract float Of(in UpdateHeader update, in RoundView round);
}

internal sealed record BySamples : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) => update.Samples / MathF.Sqrt(1 + round.StalenessOf(update));
}

internal sealed record ByRows : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) => update.Rows;
}

internal sealed record ByStaleness(Staleness Staleness, float Share = 1, int? Devices = null) : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) =>
        Share * Staleness.Of(round.StalenessOf(update), Devices ?? round.Known);

    public override void Check()
    {
        ArgumentNullException.ThrowIfNull(Staleness);
        Staleness.Check();
        CheckShare(Share, nameof(Share));
        if (Devices is { } devices) { ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1, nameof(Devices)); }
    }
}

internal sealed record FirstRound : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) => round.First ? 1 : 0;
}

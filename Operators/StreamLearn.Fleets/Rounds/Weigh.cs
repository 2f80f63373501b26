using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>Decides what an update is worth.</summary>
/// <remarks>A rule is a pure function of the update and the round: it remembers nothing.</remarks>
public abstract record Weigh : Rule
{
    /// <summary>The samples of an update over √(1 + staleness); one of the newest version has staleness 0.</summary>
    /// <remarks>Source: McMahan et al. (2017), FedAvg, the samples; Xie, Koyejo, Gupta (2019), the staleness, a = ½.</remarks>
    public static Weigh BySamples { get; } = new BySamples();

    /// <summary>The rows that a device learns from, of updates that say so (<see cref="DeviceEstimate.Rows"/>); others are
    /// refused.</summary>
    public static Weigh ByRows { get; } = new ByRows();

    /// <summary>A share of an update, of which less remains the staler it is: α·f(staleness).</summary>
    /// <param name="staleness">What remains, f.</param>
    /// <param name="share">The share α of a fresh update, above 0, at most 1; default 1.</param>
    /// <param name="devices">Devices of the fleet, at least 1; null (default): those that are known.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or a setting of the staleness.</exception>
    public static Weigh ByStaleness(Staleness staleness, float share = 1, int? devices = null) =>
        Checked(new ByStaleness(staleness, share, devices));

    /// <summary>What an update is worth, 0 or more; 0 refuses it.</summary>
    /// <param name="update">The update.</param>
    /// <param name="round">The round as it stands.</param>
    public abstract float Of(in UpdateHeader update, in RoundView round);
}

/// <summary>The rule of <see cref="Weigh.BySamples"/>.</summary>
internal sealed record BySamples : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) =>
        update.Samples / MathF.Sqrt(1 + round.StalenessOf(update));
}

/// <summary>The rule of <see cref="Weigh.ByRows"/>.</summary>
internal sealed record ByRows : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) => update.Rows;
}

/// <summary>The rule of <see cref="Weigh.ByStaleness"/>.</summary>
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

/// <summary>1 in the first round; nothing after it.</summary>
internal sealed record FirstRound : Weigh
{
    public override float Of(in UpdateHeader update, in RoundView round) => round.First ? 1 : 0;
}

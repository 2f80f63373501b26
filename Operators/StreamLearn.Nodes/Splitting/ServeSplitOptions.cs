using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>ServeSplit</c>.</summary>
public sealed record ServeSplitOptions
{
    /// <summary>Training settings, the same as on the devices.</summary>
    public SplitTrainOptions Training { get; init; } = new();

    /// <summary>Layers of devices without a plan: 0 none, the model's layer count all. Null, the default: as requested when
    /// joining.</summary>
    public int? Split { get; init; }

    /// <summary>True: devices train one copy of the edge's layers in turn (SplitFed v2); only plans for every device apply. False, the
    /// default: one copy each (SplitFed v1). Source: Thapa et al. (2022), SplitFed.</summary>
    public bool SharesLayers { get; init; }

    /// <summary>Maximum devices training at once, at least 1; default unlimited. With 1, each continues from the previous device's result.
    /// Source: Gupta, Raskar (2018), split learning with several devices.</summary>
    public int MaxAtOnce { get; init; } = int.MaxValue;

    /// <summary>Time after which a silent session is removed; default 5 min.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time after which an unconfirmed transfer is canceled and the session continues here; default 5 s.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Check(ISplitModel model)
    {
        ArgumentNullException.ThrowIfNull(Training);
        Training.Check(model);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Training.InFlight, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Split ?? 0, nameof(Split));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Split ?? 0, model.PartCount, nameof(Split));
        if (SharesLayers && Split is null) { throw new ArgumentException($"expected {nameof(Split)}: all devices train one copy"); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SessionLifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TransferTimeout, TimeSpan.Zero);
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"split {(Split is { } split ? $"at {split}" : "as devices ask")}, "
            + $"{(SharesLayers ? "one copy for all" : "a copy for each")}, {Training}")
        + (MaxAtOnce == int.MaxValue ? "" : $", {MaxAtOnce} at once");
}

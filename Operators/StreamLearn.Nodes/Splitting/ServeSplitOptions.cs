using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>ServeSplit</c>.</summary>
public sealed record ServeSplitOptions
{
    /// <summary>Training settings, the same as on the devices.</summary>
    public SplitTrainOptions Training { get; init; } = new();

    /// <summary>Layers on devices without a plan: 0 for none, the model's number of layers for all. Null (default): as requested when
    /// joining.</summary>
    public int? Split { get; init; }

    /// <summary>True: devices train one copy of the edge's layers in turn (SplitFed v2); only plans for all devices apply. False (default):
    /// each device has its own copy (SplitFed v1). Source: Thapa et al. (2022), SplitFed.</summary>
    public bool SharesLayers { get; init; }

    /// <summary>Maximum number of devices that train at the same time, at least 1; default unlimited. With 1, each continues from the
    /// result of the previous device. Source: Gupta, Raskar (2018), split learning with several devices.</summary>
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

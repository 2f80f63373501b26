using System.Globalization;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>ServeSplit</c>.</summary>
public sealed record ServeSplitOptions
{
    /// <summary>How the edge's layers are trained; the same as on the devices.</summary>
    public SplitTrainOptions Training { get; init; } = new();

    /// <summary>Layers of a device whose split nobody has planned: 0 none, the model's number of layers all. Null, the default: as many as
    /// it says when it joins.</summary>
    public int? Split { get; init; }

    /// <summary>
    /// True: all devices train one copy of the edge's layers, a batch after the other as they come (SplitFed v2), and only plans for every
    /// device count. False, the default: each device has a copy of its own (SplitFed v1). Source: Thapa et al. (2022), SplitFed.
    /// </summary>
    public bool SharesLayers { get; init; }

    /// <summary>
    /// Devices that train at the same time, at least 1; default as many as there are. With 1 they train in turn, each from what the one
    /// before has learned. Source: Gupta, Raskar (2018), split learning with several devices.
    /// </summary>
    public int MaxAtOnce { get; init; } = int.MaxValue;

    /// <summary>Time after which a session that nothing was heard of is forgotten, and nobody waits for it; default 5 min.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time after which a session that is handed to another edge, and that this edge did not take, is continued here; default
    /// 5 s.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Check(ISplitModel model)
    {
        ArgumentNullException.ThrowIfNull(Training);
        Training.Check(model);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Training.InFlight, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Split ?? 0, nameof(Split));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Split ?? 0, model.PartCount, nameof(Split));
        if (SharesLayers && Split is null) { throw new ArgumentException($"expected {nameof(Split)} where all devices train one copy"); }
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

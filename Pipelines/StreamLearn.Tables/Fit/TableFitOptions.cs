namespace StreamLearn.Tables;

/// <summary>How a model is fitted to a table.</summary>
public sealed record TableFitOptions
{
    /// <summary>The kind of model; default <see cref="ModelKind.Auto"/>: chosen on held-out devices.</summary>
    public ModelKind Model { get; init; } = ModelKind.Auto;

    /// <summary>Devices held out to evaluate the model; default empty: one in five.</summary>
    public ImmutableArray<string> Unseen { get; init; } = [];

    /// <summary>Length of a window in seconds; default null: 2.56 s or 64 rows, but at most a third of the usual run of one
    /// label.</summary>
    public double? WindowSeconds { get; init; }

    /// <summary>True if each row is a separate window. Default false.</summary>
    public bool EachRow { get; init; }

    /// <summary>Share of the answers whose set or interval must contain the true one; needs at least 15 devices. Default null: no
    /// bound.</summary>
    public double? Bound { get; init; }

    /// <summary>Maximum number of devices to learn from; default null: all.</summary>
    public int? MaxDevices { get; init; }

    /// <summary>Seed of every random number; default 42.</summary>
    public long Seed { get; init; } = 42;
}

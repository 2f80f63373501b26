namespace StreamLearn.Nodes;

/// <summary>Settings of <c>PlanSplits</c>.</summary>
public sealed record PlanSplitsOptions
{
    /// <summary>The planner, which is wrapped in <see cref="Steady"/> to ignore small gains.</summary>
    public required Planner Planner { get; init; }

    /// <summary>The edge that trains layers of all devices; its name must not be that of a device.</summary>
    public required NodeView Server { get; init; }

    /// <summary>The objective and batch.</summary>
    public Objective Objective { get; init; } = new();

    /// <summary>Resources assumed for a device that reports none; null (default): no plan for it.</summary>
    public SplitResources? Default { get; init; }

    /// <summary>Bits per second of a link that was not measured, at least 0; default 0: the device keeps all layers.</summary>
    public double InitialBitsPerSecond { get; init; }

    /// <summary>Relative change of a link that triggers a plan, at least 0; default 0.1.</summary>
    public double MinChange { get; init; } = 0.1;

    internal Predictor Rates { get; init; } = Predictor.Last;

    /// <summary>Maximum number of planned devices, at least 1; default 16. Other devices keep their split.</summary>
    public int MaxDevices { get; init; } = 16;

    /// <summary>Silence after which a device is no longer planned, above 0; default 5 minutes, the edge's session lifetime.</summary>
    public TimeSpan DeviceLifetime { get; init; } = TimeSpan.FromMinutes(5);

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Planner);
        ArgumentNullException.ThrowIfNull(Server);
        ArgumentNullException.ThrowIfNull(Objective);
        ArgumentNullException.ThrowIfNull(Rates);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Server.Rows, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(InitialBitsPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(MinChange);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDevices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DeviceLifetime, TimeSpan.Zero);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Planner}, {Objective}");
}

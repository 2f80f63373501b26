using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>PlanSplits</c>.</summary>
public sealed record PlanSplitsOptions
{
    /// <summary>What chooses; put into <see cref="Steady"/>, so that small gains move nothing.</summary>
    public required Planner Planner { get; init; }

    /// <summary>The edge that trains the layers of all devices. Its name is not that of a device.</summary>
    public required NodeView Server { get; init; }

    /// <summary>What to look for, and what a batch is.</summary>
    public Objective Objective { get; init; } = new();

    /// <summary>What a device is taken for that says nothing of itself; null (default): it is not planned for.</summary>
    public SplitResources? Default { get; init; }

    /// <summary>Bits a second of a link of which nothing is known yet, 0 or more; default 0: its device keeps all layers.</summary>
    public double InitialBitsPerSecond { get; init; }

    /// <summary>Share by which a link has to change before a plan is made for it alone, 0 or more; default 0.1.</summary>
    public double MinChange { get; init; } = 0.1;

    /// <summary>How the rate of a link is predicted of what was measured; default the last value.</summary>
    public Predictor Rates { get; init; } = Predictor.Last;

    /// <summary>Devices that are planned for at most, at least 1; default 16. Further ones keep the split that they have.</summary>
    public int MaxDevices { get; init; } = 16;

    /// <summary>A device that has sent nothing for this long is no longer planned for: above 0; default 5 minutes, as long as an edge
    /// keeps its session.</summary>
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

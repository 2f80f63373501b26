using StreamLearn.Simulation;

namespace StreamLearn.Nodes;

/// <summary>A planner's view of a device, edge server or cloud.</summary>
public sealed record NodeView(string Name)
{
    /// <summary>Measured seconds per row through the layers; null (default): computed from <see cref="MultiplyAddsPerSecond"/>.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Multiply-adds per second, used without <see cref="Times"/>, above 0; default unlimited.</summary>
    public double MultiplyAddsPerSecond
    {
        get;
        init => field = value > 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerSecond), value, $"expected above 0, got {value}");
    } = double.PositiveInfinity;

    /// <summary>Power draw; default none: energy is ignored.</summary>
    public PowerProfile Power { get; init; } = PowerProfile.None;

    /// <summary>Memory for a model in bytes; default unlimited.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Slowdown factor relative to measured times, above 0; default 1.</summary>
    public double Load
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Load), value, $"expected above 0, got {value}");
    } = 1;

    /// <summary>Rows that it produces per round; 0 (default): it only computes for others.</summary>
    public long Rows { get; init; }

    /// <summary>Theta: seconds per batch other than computing and links, 0 or more; default 0.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Seconds per batch with all layers local; null (default): computed from its times.</summary>
    public double? BaselineSeconds { get; init; }

    /// <summary>Seconds per batch in its last round; null (default): none.</summary>
    public double? LastSeconds { get; init; }

    /// <summary>Creates a node from a profile: with its times if they are of the model's layers, otherwise with its rate.</summary>
    public static NodeView Of(string name, DeviceProfile profile, LayerCosts model)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(model);
        return new(name)
        {
            Times = profile.LayerTimes is { } times && times.Count == model.Count ? times : null,
            MultiplyAddsPerSecond = profile.MultiplyAddsPerSecond,
            Power = profile.Power,
            MemoryBytes = profile.MemoryBytes,
            Load = 1 / profile.Speed,
        };
    }
}

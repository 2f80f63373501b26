using StreamLearn.Simulation;

namespace StreamLearn.Nodes;

/// <summary>A planner's view of a device, edge server or cloud.</summary>
/// <param name="Name">Its name.</param>
public sealed record NodeView(string Name)
{
    /// <summary>Measured seconds of a row through the layers; null, the default: from <see cref="MultiplyAddsPerSecond"/>.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Multiply-adds a second without <see cref="Times"/>, above 0; default unlimited.</summary>
    public double MultiplyAddsPerSecond
    {
        get;
        init => field = value > 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerSecond), value, $"expected above 0, got {value}");
    } = double.PositiveInfinity;

    /// <summary>Power draw; default none: energy is ignored.</summary>
    public PowerProfile Power { get; init; } = PowerProfile.None;

    /// <summary>Memory bytes for a model; default unlimited.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Slowdown factor against measured times, above 0; default 1.</summary>
    public double Load
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Load), value, $"expected above 0, got {value}");
    } = 1;

    /// <summary>Rows it produces in a round; 0, the default: it only computes for others.</summary>
    public long Rows { get; init; }

    /// <summary>Theta: seconds of a batch beyond computing and links, 0 or more; default 0.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Batch seconds with all layers local; null, the default: from its times.</summary>
    public double? BaselineSeconds { get; init; }

    /// <summary>Batch seconds in its last round; null, the default: none.</summary>
    public double? LastSeconds { get; init; }

    /// <summary>Creates a node from a profile: its times if they are of the model's layers, else its rate.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="model">Layer costs.</param>
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

using StreamLearn.Models;
using StreamLearn.Simulation;

namespace StreamLearn.Nodes;

/// <summary>What a planner knows of a node: a device, an edge server, a cloud.</summary>
/// <param name="Name">Its name.</param>
public sealed record NodeView(string Name)
{
    /// <summary>Seconds of a row through the layers of the model, as measured; null, the default: from
    /// <see cref="MultiplyAddsPerSecond"/>.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Multiply-adds a second, above 0, where there are no <see cref="Times"/>; default without limit.</summary>
    public double MultiplyAddsPerSecond
    {
        get;
        init => field = value > 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(MultiplyAddsPerSecond), value, $"expected above 0, got {value}");
    } = double.PositiveInfinity;

    /// <summary>What it draws; default nothing, so that its energy does not count.</summary>
    public PowerProfile Power { get; init; } = PowerProfile.None;

    /// <summary>Bytes of memory for a model; default without limit.</summary>
    public long MemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Factor by which work takes longer than measured, above 0; default 1.</summary>
    public double Load
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Load), value, $"expected above 0, got {value}");
    } = 1;

    /// <summary>Rows that are born on it in a round; 0, the default: it has none, and computes for others.</summary>
    public long Rows { get; init; }

    /// <summary>Theta: seconds of a batch that neither computing nor links explain, 0 or more; default 0.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Seconds of a batch when all layers ran on it; null, the default: as its times say.</summary>
    public double? BaselineSeconds { get; init; }

    /// <summary>Seconds of a batch in the last round it took part in; null, the default: none yet.</summary>
    public double? LastSeconds { get; init; }

    /// <summary>A node as a profile describes it: its times, where they are those of the model's layers, and else its rate.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="model">What the layers of the model cost.</param>
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

using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Nodes;

namespace StreamLearn.Programs;

/// <summary>The devices of a fleet that train the first layers of a network alone.</summary>
/// <param name="Serving">How the last layers are trained, and how those of devices that ask for a split of their own.</param>
public sealed record SplitFleetOptions(ServeSplitOptions Serving)
{
    /// <summary>What plans the splits of the other devices; null, the default: nothing.</summary>
    public PlanSplitsOptions? Planning { get; init; }

    /// <summary>True: what crosses the boundary has 8 bits a value, on the devices too. Default false: float32.</summary>
    public bool HasBytes { get; init; }

    /// <summary>Called with each device that begins a round, and the layers that it has in it; default: nothing.</summary>
    public Action<string, int> OnSplit { get; init; } = static (_, _) => { };

    /// <summary>Called once with each device whose file does not go with this side's, and with what is wrong, as the rest of a sentence
    /// about it; from several threads. Default: nothing.</summary>
    public Action<string, string> OnMismatch { get; init; } = static (_, _) => { };

    /// <summary>Called with each plan; default: nothing.</summary>
    public Action<PlannedSplits> OnPlan { get; init; } = static _ => { };
}

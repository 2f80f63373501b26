using StreamLearn.Nodes;

namespace StreamLearn.Programs;

/// <summary>Split training of a fleet.</summary>
internal sealed record SplitFleetOptions(ServeSplitOptions Serving)
{
    /// <summary>Planning of other devices' splits; default null: none.</summary>
    public PlanSplitsOptions? Planning { get; init; }

    /// <summary>True: 8 bits a value across the boundary, on devices too. Default false: float32.</summary>
    public bool HasBytes { get; init; }

    /// <summary>Called with each device that begins a round and its layers in it; default: nothing.</summary>
    public Action<string, int> OnSplit { get; init; } = static (_, _) => { };

    /// <summary>Called once with each mismatching device and the error, as a sentence end; from several threads. Default:
    /// nothing.</summary>
    public Action<string, string> OnMismatch { get; init; } = static (_, _) => { };

    /// <summary>Called with each plan; default: nothing.</summary>
    public Action<PlannedSplits> OnPlan { get; init; } = static _ => { };
}

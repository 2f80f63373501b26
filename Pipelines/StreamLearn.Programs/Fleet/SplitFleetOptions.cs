using StreamLearn.Nodes;

namespace StreamLearn.Programs;

internal sealed record SplitFleetOptions(ServeSplitOptions Serving)
{
    public PlanSplitsOptions? Planning { get; init; }

    /// <summary>True for 8 bits per value across the boundary, on devices too. Default false: float32.</summary>
    public bool HasBytes { get; init; }

    public Action<string, int> OnSplit { get; init; } = static (_, _) => { };

    /// <summary>Called once with each mismatching device and the error, as the end of a sentence; from several threads. Default:
    /// nothing.</summary>
    public Action<string, string> OnMismatch { get; init; } = static (_, _) => { };

    public Action<PlannedSplits> OnPlan { get; init; } = static _ => { };
}

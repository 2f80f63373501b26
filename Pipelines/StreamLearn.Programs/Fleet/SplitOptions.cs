using StreamLearn.Nodes;

namespace StreamLearn.Programs;

/// <summary>Split training: the device trains the first layers, the aggregator the others.</summary>
internal sealed record SplitOptions(SplitTrainOptions Training, int Split)
{
    /// <summary>True for 8 bits per value across the boundary, at the aggregator too. Default false: float32.</summary>
    public bool HasBytes { get; init; }
}

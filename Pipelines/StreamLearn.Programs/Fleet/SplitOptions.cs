using StreamLearn.Learning;
using StreamLearn.Nodes;

namespace StreamLearn.Programs;

/// <summary>How a device trains the first layers of a model alone, and the aggregator the others.</summary>
/// <param name="Training">How it trains, in rounds.</param>
/// <param name="Split">Layers on the device; with <see cref="SplitTrainOptions.Resources"/> only until the aggregator plans.</param>
public sealed record SplitOptions(SplitTrainOptions Training, int Split)
{
    /// <summary>True: what crosses the boundary has 8 bits a value, at the aggregator too. Default false: float32.</summary>
    public bool HasBytes { get; init; }
}

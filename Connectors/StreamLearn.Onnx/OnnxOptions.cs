using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>What an ONNX file does not say of a network.</summary>
public sealed record OnnxOptions
{
    /// <summary>Shape of one row, where the file leaves sizes open; null: as the file says. Default null.</summary>
    public Shape? Input { get; init; }

    /// <summary>
    /// What the network learns by, and how its scores become answers. Null: cross-entropy where the graph ends in a softmax, binary
    /// cross-entropy where it ends in a sigmoid, and otherwise the squared error, whose answers are the outputs as they are. Default null.
    /// </summary>
    public Loss? Objective { get; init; }
}

using StreamLearn.Models;

namespace StreamLearn.Onnx;

/// <summary>What an ONNX file leaves open about a network.</summary>
public sealed record OnnxOptions
{
    /// <summary>Shape of one row, if the file leaves sizes open; null, the default: as in the file.</summary>
    public Shape? Input { get; init; }

    /// <summary>The loss and its output function. Null, the default: cross-entropy after a softmax, binary cross-entropy after a sigmoid,
    /// otherwise squared error with unchanged outputs.</summary>
    public Loss? Objective { get; init; }
}

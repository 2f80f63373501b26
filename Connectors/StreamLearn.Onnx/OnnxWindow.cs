namespace StreamLearn.Onnx;

/// <summary>Steps in an ONNX file from raw windows to a network's input; the <c>OnnxWindow</c> of a <c>Preparation</c> of
/// StreamLearn.Programs.</summary>
/// <param name="Rows">Rows of a window, at least 1.</param>
/// <param name="Channels">Channels of a row, at least 1.</param>
public sealed record OnnxWindow(int Rows, int Channels)
{
    /// <summary>Window features the network takes; null, the default: none.</summary>
    public OnnxFeatures? Features { get; init; }

    /// <summary>Random convolutions the network takes; null, the default: none.</summary>
    public OnnxConvolutions? Convolutions { get; init; }
}

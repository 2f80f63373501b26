namespace StreamLearn.Onnx;

/// <summary>The steps in an ONNX file from raw windows to the input of a network: the <c>OnnxWindow</c> of a <c>Preparation</c> in
/// StreamLearn.Programs.</summary>
/// <param name="Rows">Rows per window, at least 1.</param>
/// <param name="Channels">Channels per row, at least 1.</param>
public sealed record OnnxWindow(int Rows, int Channels)
{
    /// <summary>The window features that the network receives; null (default): none.</summary>
    public OnnxFeatures? Features { get; init; }

    /// <summary>The random convolutions that the network receives; null (default): none.</summary>
    public OnnxConvolutions? Convolutions { get; init; }
}

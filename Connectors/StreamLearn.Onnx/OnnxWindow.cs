namespace StreamLearn.Onnx;

/// <summary>How a network's rows are made of raw windows: what of it an ONNX file computes first. That of a <c>Preparation</c> of
/// StreamLearn.Programs is its <c>OnnxWindow</c>.</summary>
/// <param name="Rows">Rows of a window, at least 1.</param>
/// <param name="Channels">Channels of a row, at least 1.</param>
public sealed record OnnxWindow(int Rows, int Channels)
{
    /// <summary>Features of the window that the network takes; null, the default: it takes none.</summary>
    public OnnxFeatures? Features { get; init; }

    /// <summary>Random convolutions whose shares the network takes; null, the default: it takes none.</summary>
    public OnnxConvolutions? Convolutions { get; init; }
}

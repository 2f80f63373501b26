namespace StreamLearn.Learning;

/// <summary>The arguments of one call of a layer: spans that belong to the caller. Rows are row-major, one after the other.</summary>
public readonly ref struct LayerCall
{
    /// <summary>Shape of one row of the inputs.</summary>
    public required Shape Input { get; init; }

    /// <summary>Rows, at least 1.</summary>
    public required int Rows { get; init; }

    /// <summary>The layer's values, slice after slice.</summary>
    public ReadOnlySpan<float> Weights { get; init; }

    /// <summary>Inputs, <c>[rows, input]</c>.</summary>
    public ReadOnlySpan<float> Inputs { get; init; }

    /// <summary>Outputs, <c>[rows, output]</c>: written forward, read backward.</summary>
    public Span<float> Outputs { get; init; }

    /// <summary>The layer's part of the tape, <c>[rows, tape values]</c>: written forward, read backward; empty for inference.</summary>
    public Span<float> Tape { get; init; }

    /// <summary>Gradient of the outputs, <c>[rows, output]</c>; backward only.</summary>
    public ReadOnlySpan<float> OutputGradients { get; init; }

    /// <summary>Gradient of the inputs, <c>[rows, input]</c>: overwritten backward; empty where it is not wanted.</summary>
    public Span<float> InputGradients { get; init; }

    /// <summary>Gradient of the layer's values: added to backward.</summary>
    public Span<float> Gradients { get; init; }

    /// <summary>Memory of undefined content for the time of the call.</summary>
    public Span<float> Scratch { get; init; }
}

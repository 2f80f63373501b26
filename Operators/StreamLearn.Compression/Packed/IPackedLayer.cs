namespace StreamLearn.Compression;

/// <summary>A layer with its weights, as a kernel for few or small weights wants them.</summary>
internal interface IPackedLayer
{
    /// <summary>Scratch values of a call.</summary>
    int ScratchValues { get; }

    /// <summary>inputs [rows, inputs] → outputs [rows, outputs].</summary>
    void Forward(ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Span<float> scratch);
}

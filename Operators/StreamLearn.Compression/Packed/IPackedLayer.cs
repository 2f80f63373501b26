namespace StreamLearn.Compression;

internal interface IPackedLayer
{
    int ScratchValues { get; }

    /// <summary>inputs [rows, inputs] → outputs [rows, outputs].</summary>
    void Forward(ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Span<float> scratch);
}

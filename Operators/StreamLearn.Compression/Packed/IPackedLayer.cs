namespace StreamLearn.Compression;

internal interface IPackedLayer
{
    int ScratchValues { get; }

    /// <summary>Computes outputs [rows, outputs] from inputs [rows, inputs].</summary>
    void Forward(ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Span<float> scratch);
}

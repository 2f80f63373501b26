using StreamLearn;
using StreamLearn.Compression;
using StreamLearn.Learning;

namespace Partition;

/// <summary>How what crosses the boundary of a split goes over the links.</summary>
internal sealed record BoundaryForm(string Name, int Bytes, ICodec<Activations> Forward, ICodec<BoundaryGradients> Back)
{
    /// <summary>As they are: weights are the same bits whatever the split.</summary>
    internal static BoundaryForm Float32 { get; } = new("float32", 4, LearningCodecs.Activations, LearningCodecs.BoundaryGradients);

    /// <summary>A byte a value, which loses precision.</summary>
    internal static BoundaryForm EightBit { get; } =
        new("8 bit", 1, CompressionCodecs.Activations8, CompressionCodecs.BoundaryGradients8);
}

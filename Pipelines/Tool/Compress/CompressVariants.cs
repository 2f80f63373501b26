using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Compression;
using StreamLearn.Learning;

namespace Tool;

/// <summary>What <c>compress</c> makes of a model. A further way to compress is a line here.</summary>
internal static class CompressVariants
{
    internal static ImmutableArray<CompressedVariant> All { get; } =
    [
        new("int8", static (model, in rows) => model.Quantize(rows)),
        new("int8, trained on", static (model, in rows) => model.QuantizeAware(rows)),
    ];

    /// <summary>The codes of an update that are compared. A further code is a line here.</summary>
    internal static ImmutableArray<(string Name, ICodec<WeightDelta> Codec)> Codes { get; } = [("float32", LearningCodecs.Deltas)];
}

using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>Codecs of fewer bytes; the 8-bit and float16 ones lose precision.</summary>
/// <remarks>Both sides of a topic use the same codec. An 8-bit message has two frames: count, scale, zero point and a byte per value; then
/// the rest as in <see cref="LearningCodecs"/>. A value is scale × (byte − zero point), off by at most half a scale, one scale at the
/// range's ends; 0 is exact. Values stay float32 if one is not finite or all are equal; labels and moved layers always stay exact. Source:
/// Jacob et al. (2018), integer-arithmetic-only inference, equation 1.</remarks>
public static class CompressionCodecs
{
    /// <summary>Batches between layers with 8-bit values: <c>activations8/1</c>.</summary>
    public static ICodec<Activations> Activations8 { get; } = new BoundaryCodec8<Activations>(
        "activations8/1", LearningCodecs.Activations, static message => message.Values,
        static (message, values) => message with { Values = values });

    /// <summary>Creates a lossless codec for batches of one schema: <c>batches-lossless/1</c>. Each column is stored plain or as
    /// differences, whichever is shorter.</summary>
    /// <param name="schema">The schema, known to both sides.</param>
    public static ICodec<Batch> LosslessBatches(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new LosslessBatches(schema);
    }

    /// <summary>Gradients between layers with 8-bit values: <c>gradients8/1</c>.</summary>
    public static ICodec<BoundaryGradients> BoundaryGradients8 { get; } = new BoundaryCodec8<BoundaryGradients>(
        "gradients8/1", LearningCodecs.BoundaryGradients, static message => message.Values,
        static (message, values) => message with { Values = values });

    /// <summary>Encodes messages of any type with 8-bit values, such as tasks and results of parts. The answers are close to the exact
    /// ones.</summary>
    /// <param name="name">The name of the format, with a version, such as <c>part-task8/1</c>.</param>
    /// <param name="exact">The codec that writes the rest of the message.</param>
    /// <param name="values">Returns the values of a message.</param>
    /// <param name="with">Returns the message with other values.</param>
    public static ICodec<T> EightBit<T>(
        string name, ICodec<T> exact, Func<T, ImmutableArray<float>> values, Func<T, ImmutableArray<float>, T> with)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(exact);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(with);
        return new BoundaryCodec8<T>(name, exact, values, with);
    }

    /// <summary>Scores of shared rows in float16: <c>soft-labels/1</c>.</summary>
    public static ICodec<SoftLabels> SoftLabels { get; } = FrameFields.Codec<SoftLabels>("soft-labels/1", SoftLabelsCodec.Fields);
}

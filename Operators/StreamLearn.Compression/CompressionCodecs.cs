using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>Codecs that take fewer bytes, and lose some precision for it.</summary>
/// <remarks>
/// Both sides of a topic name the same codec. A message is two frames: values as 8-bit numbers (their count, scale, zero point, a byte for
/// each), and the rest of the message as <see cref="LearningCodecs"/> writes it. A value is scale × (byte − zero point), and off by half a
/// scale at most, by a whole one at the end of the range. 0 stays 0. Values stay as they are where one is not finite, where all are equal,
/// and where there are none. Labels and moved layers always do. Source: Jacob et al. (2018), integer-arithmetic-only inference, equation 1.
/// </remarks>
public static class CompressionCodecs
{
    /// <summary>Batches between two layers with 8-bit values: <c>activations8/1</c>.</summary>
    public static ICodec<Activations> Activations8 { get; } = new BoundaryCodec8<Activations>(
        "activations8/1", LearningCodecs.Activations, static message => message.Values,
        static (message, values) => message with { Values = values });

    /// <summary>Batches of one schema in fewer bytes, bit for bit: <c>batches-lossless/1</c>. Columns are apart from each other, as
    /// differences of neighbors or as they are, whichever is shorter.</summary>
    /// <param name="schema">The schema, which both sides know.</param>
    public static ICodec<Batch> LosslessBatches(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new LosslessBatches(schema);
    }

    /// <summary>Their gradients with 8-bit values: <c>gradients8/1</c>.</summary>
    public static ICodec<BoundaryGradients> BoundaryGradients8 { get; } = new BoundaryCodec8<BoundaryGradients>(
        "gradients8/1", LearningCodecs.BoundaryGradients, static message => message.Values,
        static (message, values) => message with { Values = values });

    /// <summary>Messages of any kind with 8-bit values, such as part tasks and part results: their answers are near the exact ones.</summary>
    /// <typeparam name="T">The message.</typeparam>
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

    /// <summary>Scores of rows that both sides have, as float16: <c>soft-labels/1</c>.</summary>
    public static ICodec<SoftLabels> SoftLabels { get; } = new SoftLabelsCodec();
}

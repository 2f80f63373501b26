namespace StreamLearn.Learning;

/// <summary>The codecs of learning messages.</summary>
/// <remarks>
/// One frame, little-endian: magic <c>SLML</c>, format version (1), kind (1 weights, 2 delta), flags (1 moments, 2 leaving), the fields,
/// and CRC-32C of all before it. What is damaged, cut or unknown is refused. Values need not be finite: an aggregator decides about that.
/// </remarks>
public static class LearningCodecs
{
    /// <summary>Model versions: <c>weights/1</c>.</summary>
    public static ICodec<Weights> Weights { get; } = new WeightsCodec();

    /// <summary>Updates of devices: <c>delta/1</c>.</summary>
    public static ICodec<WeightDelta> Deltas { get; } = new DeltaCodec();
}

namespace StreamLearn.Learning;

/// <summary>
/// Moves the split of a model that is in training: a control message for the device, which takes the edge along. Immutable.
/// </summary>
public sealed record SplitPlan : ISized, IReplaceable
{
    /// <summary>The device; null for every device.</summary>
    public string? Device { get; init; }

    /// <summary>Layers that the device computes from then on: 0 none, the model's number of layers all.</summary>
    public required int Split { get; init; }

    /// <summary>Number of the first batch for which it holds; 0 for the next one.</summary>
    public long FromSequence { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;

    /// <inheritdoc />
    public string ReplacementKey => Device ?? "";
}

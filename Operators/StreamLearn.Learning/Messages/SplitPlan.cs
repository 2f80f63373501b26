namespace StreamLearn.Learning;

/// <summary>Control message that moves the split of a model in training on the device; the edge follows. Immutable.</summary>
public sealed record SplitPlan : ISized, IReplaceable
{
    /// <summary>The device; null: every device.</summary>
    public string? Device { get; init; }

    /// <summary>Layers on the device from then on: 0 none, the model's layer count all.</summary>
    public required int Split { get; init; }

    /// <summary>The first batch affected; 0: the next one.</summary>
    public long FromSequence { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64;

    /// <inheritdoc />
    public string ReplacementKey => Device ?? "";
}

namespace StreamLearn.Learning;

/// <summary>A device's session at an edge, sufficient for another edge to continue it bit for bit. Immutable.</summary>
/// <remarks>Random numbers need no state: seed, layer and batch determine them.</remarks>
public sealed record SessionCheckpoint
{
    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Start of the device.</summary>
    public required long Epoch { get; init; }

    /// <summary>The device's newest applied message.</summary>
    public required long Sequence { get; init; }

    /// <summary>Base version of the round.</summary>
    public required ModelVersion Base { get; init; }

    /// <summary>The edge's layers with optimizer state.</summary>
    public required ModelPart Part { get; init; }

    /// <summary>Optimizer steps in this round.</summary>
    public required int Steps { get; init; }

    /// <summary>Optimizer steps in earlier rounds.</summary>
    public required long StepsBefore { get; init; }

    /// <summary>True if the device ended its round and waits for the next version.</summary>
    public required bool Waits { get; init; }

    /// <summary>The newest answer, possibly undelivered; null: none.</summary>
    public BoundaryGradients? Answer { get; init; }

    internal long SizeBytes => 64 + Part.SizeBytes + (Answer?.SizeBytes ?? 0);
}

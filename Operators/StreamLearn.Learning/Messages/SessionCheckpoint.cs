using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>A device's session at an edge: all that another edge needs to continue it with the same bits. Immutable.</summary>
/// <remarks>Random numbers of layers need no state: they are named by seed, layer and batch.</remarks>
public sealed record SessionCheckpoint
{
    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Start of the device.</summary>
    public required long Epoch { get; init; }

    /// <summary>The newest message of the device that took effect.</summary>
    public required long Sequence { get; init; }

    /// <summary>The version that the round began with.</summary>
    public required ModelVersion Base { get; init; }

    /// <summary>Layers of the edge, with what the optimizer remembers of them.</summary>
    public required ModelPart Part { get; init; }

    /// <summary>Steps of the optimizer in this round.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps of the session in earlier rounds.</summary>
    public required long StepsBefore { get; init; }

    /// <summary>True if the device has ended its round and waits for the next version.</summary>
    public required bool Waits { get; init; }

    /// <summary>The newest answer, which may not have reached the device; null if there is none.</summary>
    public BoundaryGradients? Answer { get; init; }

    internal long SizeBytes => 64 + Part.SizeBytes + (Answer?.SizeBytes ?? 0);
}

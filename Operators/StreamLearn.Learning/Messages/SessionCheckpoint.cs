namespace StreamLearn.Learning;

/// <summary>The state of a device's session at an edge, from which another edge can continue it bit for bit. Immutable.</summary>
/// <remarks>Random numbers need no state, because seed, layer and batch determine them.</remarks>
public sealed record SessionCheckpoint
{
    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Start of the device.</summary>
    public required long Epoch { get; init; }

    /// <summary>The number of the device's newest applied message.</summary>
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

    /// <summary>The newest answer, which may not have been delivered; null: none.</summary>
    public BoundaryGradients? Answer { get; init; }

    internal long SizeBytes => 64 + Part.SizeBytes + (Answer?.SizeBytes ?? 0);

    internal static SessionCheckpoint? Fields(ref FrameFields f, SessionCheckpoint? c)
    {
        var (schema, epoch, sequence) = (f.Hash(c?.SchemaHash), f.Long(c?.Epoch), f.Long(c?.Sequence));
        var (version, steps, before) = (f.Version(c?.Base), f.Int(c?.Steps, min: 0), f.Long(c?.StepsBefore));
        var waits = f.Truth(c?.Waits);
        var part = ModelPart.Fields(ref f, c?.Part);
        var answer = f.Frame(c?.Answer, BoundaryGradients.Fields, FrameKind.Gradients);
        return !f.HasRead(before >= 0) ? c : new()
        {
            SchemaHash = schema,
            Epoch = epoch,
            Sequence = sequence,
            Base = version,
            Part = part!,
            Steps = steps,
            StepsBefore = before,
            Waits = waits,
            Answer = answer,
        };
    }
}

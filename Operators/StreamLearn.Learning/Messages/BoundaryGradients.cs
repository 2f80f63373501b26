namespace StreamLearn.Learning;

/// <summary>The backward gradient of a batch between two layers: answers <see cref="Activations"/>. Immutable.</summary>
public sealed record BoundaryGradients : ISized, ITagged
{
    /// <summary>The device that owns the rows, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Start of the device that made the batch.</summary>
    public required long Epoch { get; init; }

    /// <summary>The batch or move answered.</summary>
    public required long Sequence { get; init; }

    /// <summary>The layer whose inputs the gradient is for; after a move, the current split.</summary>
    public required int Split { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The gradient, float32, <c>[rows, values between the layers]</c>; empty before the first layer and when answering a
    /// move.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Weighted loss of the exits after this layer, mean over rows.</summary>
    public float Loss { get; init; }

    /// <summary>True: a loss or gradient was not finite; no values follow, and neither side applies the step. Default false.</summary>
    public bool RolledBack { get; init; }

    /// <summary>Layers that move back to the receiver; null: none.</summary>
    public ModelPart? Part { get; init; }

    /// <summary>At the end of a round: the next round's base version, whose first layers are the <see cref="Part"/>; null
    /// otherwise.</summary>
    public ModelVersion? Begins { get; init; }

    /// <summary>With <see cref="Begins"/>: true if that version has the fleet's scale. Default false.</summary>
    public bool HasScale { get; init; }

    /// <summary>True if the edge does not know the message's round: the device must rejoin. Default false.</summary>
    public bool Voids { get; init; }

    /// <summary>The answering edge, to which the device sends next; null: only one exists.</summary>
    public string? Edge { get; init; }

    /// <summary>Number of moves between edges so far; messages of earlier edges are ignored.</summary>
    public int Term { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length) + (Part?.SizeBytes ?? 0);

    /// <inheritdoc />
    public override string ToString() => $"gradients {Device}/{Epoch}/{Sequence} before layer {Split}";
}

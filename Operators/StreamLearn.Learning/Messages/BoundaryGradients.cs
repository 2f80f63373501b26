namespace StreamLearn.Learning;

/// <summary>The gradient of a batch that is sent backward between two layers. It answers <see cref="Activations"/>. Immutable.</summary>
public sealed record BoundaryGradients : DeviceMessage, ISized, ITagged
{
    /// <summary>The layer for whose inputs the gradient is; after a move, the current split.</summary>
    public required int Split { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The gradient, float32, <c>[rows, values between the layers]</c>; empty before the first layer and when answering a
    /// move.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Weighted loss of the exits after this layer, averaged over rows.</summary>
    public float Loss { get; init; }

    /// <summary>True: a loss or a gradient was not finite. The message then has no values, and neither side applies the step. Default
    /// false.</summary>
    public bool RolledBack { get; init; }

    /// <summary>Layers that move back to the receiver; null: none.</summary>
    public ModelPart? Part { get; init; }

    /// <summary>At the end of a round: the base version of the next round, whose first layers are <see cref="Part"/>; else null.</summary>
    public ModelVersion? Begins { get; init; }

    /// <summary>With <see cref="Begins"/>: true if that version has the fleet's scale. Default false.</summary>
    public bool HasScale { get; init; }

    /// <summary>True if the edge does not know the round of the message, so that the device must rejoin. Default false.</summary>
    public bool Voids { get; init; }

    /// <summary>The edge that answers and to which the device sends next; null: there is only one.</summary>
    public string? Edge { get; init; }

    /// <summary>Number of moves between edges so far; messages of earlier edges are ignored.</summary>
    public int Term { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length) + (Part?.SizeBytes ?? 0);

    /// <inheritdoc />
    public override string ToString() => $"gradients {Device}/{Epoch}/{Sequence} before layer {Split}";

    internal static BoundaryGradients? Fields(ref FrameFields f, BoundaryGradients? g)
    {
        var device = f.Text(g?.Device);
        var (epoch, sequence, split, hash) = (f.Long(g?.Epoch), f.Long(g?.Sequence), f.Int(g?.Split), f.Hash(g?.SchemaHash));
        var (values, loss) = (f.Values(g?.Values), f.Single(g?.Loss));
        var (part, begins) = (f.Optional(FrameFlags.Part, g?.Part, ModelPart.Fields), f.Held(g?.Begins));
        var edge = f.Edge(g?.Edge);
        var term = edge is null ? 0 : f.Int(g?.Term, min: 0);
        var (hasScale, voids) = (f.Has(FrameFlags.Moments, g?.HasScale == true), f.Has(FrameFlags.Void, g?.Voids == true));
        var rolledBack = f.Has(FrameFlags.RolledBack, g?.RolledBack == true);
        return !f.HasRead() ? g : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            Split = split,
            SchemaHash = hash,
            Values = values,
            Loss = loss,
            Part = part,
            Begins = begins,
            HasScale = hasScale,
            Voids = voids,
            Edge = edge,
            Term = term,
            RolledBack = rolledBack,
        };
    }
}

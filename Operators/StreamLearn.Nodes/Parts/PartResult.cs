namespace StreamLearn.Nodes;

/// <summary>A part of a block's output, or a refusal; it answers a <see cref="PartTask"/>. Immutable.</summary>
public sealed record PartResult : DeviceMessage, ISized, ITagged
{
    /// <summary>The node that computes, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Worker { get; init => field = DeviceName.Checked(value, nameof(Worker)); }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Model version used; in a refusal, the node's version.</summary>
    public required ModelVersion Version { get; init; }

    /// <summary>Lines or channels of the block's output.</summary>
    public required IndexRange Lines { get; init; }

    /// <summary>Rows in the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The part, float32, <c>[rows, channels, lines, width]</c>, or its statistics; empty in a refusal.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>The reason for a refusal: <c>schema</c>, <c>version</c>, <c>layers</c>, <c>lines</c> or <c>shape</c>; null:
    /// computed.</summary>
    /// <exception cref="ArgumentException">The reason is empty or too long.</exception>
    public string? Refusal { get; init => field = value is null ? null : DeviceName.Checked(value, nameof(Refusal)); }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 192 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => Refusal is { } reason
        ? $"refusal of {Device}/{Epoch}/{Sequence} by {Worker}: {reason}"
        : $"result {Device}/{Epoch}/{Sequence} of {Worker}: {Lines}, {Rows} rows";

    internal static PartResult? Fields(ref FrameFields f, PartResult? r)
    {
        var (device, worker, epoch, sequence) = (f.Text(r?.Device), f.Text(r?.Worker), f.Long(r?.Epoch), f.Long(r?.Sequence));
        var (hash, version) = (f.Hash(r?.SchemaHash), f.Version(r?.Version));
        var lines = new IndexRange(f.Int(r?.Lines.From), f.Int(r?.Lines.To));
        var (rows, values) = (f.Int(r?.Rows, min: 0), f.Values(r?.Values));
        var refusal = f.Truth(r?.Refusal is not null) ? f.Text(r?.Refusal) : null;
        return !f.HasRead() ? r : new()
        {
            Device = device,
            Worker = worker,
            Epoch = epoch,
            Sequence = sequence,
            SchemaHash = hash,
            Version = version,
            Lines = lines,
            Rows = rows,
            Values = values,
            Refusal = refusal,
        };
    }
}

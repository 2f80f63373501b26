namespace StreamLearn.Nodes;

/// <summary>A part of a block's output, or a refusal: answers a <see cref="PartTask"/>. Immutable.</summary>
public sealed record PartResult : ISized, ITagged
{
    /// <summary>The requesting node, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The computing node, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Worker
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Worker));
    }

    /// <summary>Start of the requesting device.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the task.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Model version used; in a refusal, the node's version.</summary>
    public required ModelVersion Version { get; init; }

    /// <summary>Lines or channels of the block's output.</summary>
    public required IndexRange Lines { get; init; }

    /// <summary>Rows of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The part, float32, <c>[rows, channels, lines, width]</c>, or its statistics; empty in a refusal.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Reason of a refusal: <c>schema</c>, <c>version</c>, <c>layers</c>, <c>lines</c> or <c>shape</c>; null: computed.</summary>
    /// <exception cref="ArgumentException">The reason is empty or too long.</exception>
    public string? Refusal
    {
        get;
        init => field = value is null ? null : DeviceName.Checked(value, nameof(Refusal));
    }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 192 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => Refusal is { } reason
        ? $"refusal of {Device}/{Epoch}/{Sequence} by {Worker}: {reason}"
        : $"result {Device}/{Epoch}/{Sequence} of {Worker}: {Lines}, {Rows} rows";
}

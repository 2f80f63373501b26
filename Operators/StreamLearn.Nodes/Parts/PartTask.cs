namespace StreamLearn.Nodes;

/// <summary>A part of a block's input, sent to a node that computes some lines or channels. Immutable.</summary>
/// <remarks>Identity is (device, epoch, sequence, lines). Tasks are self-contained: workers keep no state.</remarks>
public sealed record PartTask : ISized, ITagged, IPrivate
{
    /// <summary>The requesting node, which gets the result, 1 to 256 bytes in UTF-8.</summary>
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

    /// <summary>Start of the device; rises with each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of an input's block within its epoch, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Required model version; nodes with another one refuse.</summary>
    public required ModelVersion Version { get; init; }

    /// <summary>The first layer of the block.</summary>
    public required int First { get; init; }

    /// <summary>The layer after its last.</summary>
    public required int End { get; init; }

    /// <summary>The dimension divided; default lines.</summary>
    public PartCut By { get; init; }

    /// <summary>Requested lines or channels of the block's output; <see cref="NetworkPart"/> gives the input needed.</summary>
    public required IndexRange Lines { get; init; }

    /// <summary>Rows of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The input needed, float32, <c>[rows, channels, lines, width]</c>.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Highest privacy label of the source columns and rows; publications without it refuse the task. Default
    /// <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 192 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() =>
        $"task {Device}/{Epoch}/{Sequence} for {Worker}: layers {First} to {End}, "
        + $"{(By == PartCut.Channels ? "channels" : "lines")} {Lines}, {Rows} rows";
}

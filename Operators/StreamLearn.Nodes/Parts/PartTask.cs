namespace StreamLearn.Nodes;

/// <summary>A part of a block's input, sent to a node that computes some lines or channels. Immutable.</summary>
/// <remarks>Its identity is (device, epoch, sequence, lines). Tasks contain everything needed, so workers keep no state.</remarks>
public sealed record PartTask : DeviceMessage, ISized, ITagged, IPrivate
{
    /// <summary>The node that computes, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Worker { get; init => field = DeviceName.Checked(value, nameof(Worker)); }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Required model version; nodes with another version refuse.</summary>
    public required ModelVersion Version { get; init; }

    /// <summary>The first layer of the block.</summary>
    public required int First { get; init; }

    /// <summary>One past the last layer of the block.</summary>
    public required int End { get; init; }

    /// <summary>The dimension that is divided; default lines.</summary>
    public PartCut By { get; init; }

    /// <summary>The requested lines or channels of the block's output; <see cref="NetworkPart"/> determines the input that they
    /// need.</summary>
    public required IndexRange Lines { get; init; }

    /// <summary>Rows in the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The input that is needed, float32, <c>[rows, channels, lines, width]</c>.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Most private label of the source columns and rows; publications that do not carry it refuse the task. Default
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

    internal static PartTask? Fields(ref FrameFields f, PartTask? t)
    {
        var (device, worker, epoch, sequence) = (f.Text(t?.Device), f.Text(t?.Worker), f.Long(t?.Epoch), f.Long(t?.Sequence));
        var (hash, version, first, end) = (f.Hash(t?.SchemaHash), f.Version(t?.Version), f.Int(t?.First), f.Int(t?.End));
        var by = f.Has(NodeFrames.Channels, t?.By == PartCut.Channels) ? PartCut.Channels : PartCut.Lines;
        var lines = new IndexRange(f.Int(t?.Lines.From), f.Int(t?.Lines.To));
        var (rows, values) = (f.Int(t?.Rows, min: 0), f.Values(t?.Values));
        var privacy = NodesCodecs.Label(ref f, t?.Privacy ?? default);
        return !f.HasRead() ? t : new()
        {
            Device = device,
            Worker = worker,
            Epoch = epoch,
            Sequence = sequence,
            SchemaHash = hash,
            Version = version,
            First = first,
            End = end,
            By = by,
            Lines = lines,
            Rows = rows,
            Values = values,
            Privacy = privacy,
        };
    }
}

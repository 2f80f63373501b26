namespace StreamLearn.Learning;

/// <summary>A forward batch between two layers. Immutable.</summary>
/// <remarks>Identity is (device, epoch, sequence). A message that asks to move the split (<see cref="MoveTo"/>) has no rows.</remarks>
public sealed record Activations : ISized, ITagged, ISentOnTopic<Activations>
{
    /// <summary>The device that owns the rows, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The topic's device, if it is not <see cref="Device"/>: an edge refuses the message. Null, the default: same device, or no
    /// topic. Not serialized.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device; rises with each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Batch number within the epoch, from 1; rises, may skip.</summary>
    public required long Sequence { get; init; }

    /// <summary>The next layer, whose inputs these are.</summary>
    public required int Split { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Optimizer steps behind the weights used; in rounds, batches learned in this round.</summary>
    public long WeightsVersion { get; init; }

    /// <summary>Rows of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The values, float32, <c>[rows, values between the layers]</c>.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Class of each row; empty if labels stay on the device.</summary>
    public ImmutableArray<int> Labels { get; init; } = [];

    /// <summary>Requested split before any further batch; null in a batch.</summary>
    public int? MoveTo { get; init; }

    /// <summary>Layers that move to the receiver; null: none.</summary>
    public ModelPart? Part { get; init; }

    /// <summary>The round that ends, or a request to join; null in a batch.</summary>
    public SplitRound? Round { get; init; }

    /// <summary>Resources for training, sent when joining; null otherwise.</summary>
    public SplitResources? Resources { get; init; }

    /// <summary>Moments of the rows since the last round, if the scale is learned; null otherwise.</summary>
    public ChannelMoments? Moments { get; init; }

    /// <summary>The target edge, if devices may change edges; null: only one exists.</summary>
    public string? Edge { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * (Values.Length + Labels.Length)) + (Part?.SizeBytes ?? 0);

    /// <inheritdoc />
    public Activations SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <summary>Written in place of a message from a foreign topic: an empty one of the topic's device.</summary>
    internal Activations OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = 0, Sequence = 0, Split = 0, SchemaHash = 0, Rows = 0 };

    /// <inheritdoc />
    public override string ToString() => Round is { } round
        ? $"round {Device}/{Epoch}/{Sequence} of {round.Batches} batches, split at {Split}"
        : MoveTo is { } to
        ? $"move {Device}/{Epoch}/{Sequence} from layer {Split} to {to}"
        : $"activations {Device}/{Epoch}/{Sequence} before layer {Split}, {Rows} rows";
}

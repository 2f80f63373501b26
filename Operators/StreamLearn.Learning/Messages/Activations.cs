namespace StreamLearn.Learning;

/// <summary>A forward batch between two layers. Immutable.</summary>
/// <remarks>A message that asks to move the split (<see cref="MoveTo"/>) has no rows.</remarks>
public sealed record Activations : DeviceMessage, ISized, ITagged, ISentOnTopic<Activations>
{
    /// <summary>The topic's device, if it is not <see cref="DeviceMessage.Device"/>: an edge refuses the message. Null, the
    /// default: same device, or no topic. Not serialized.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>The next layer, which receives these values.</summary>
    public required int Split { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Optimizer steps in the weights used; in rounds, number of batches learned in this round.</summary>
    public long WeightsVersion { get; init; }

    /// <summary>Rows in the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The values, float32, <c>[rows, values between the layers]</c>.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Class of each row; empty if labels stay on the device.</summary>
    public ImmutableArray<int> Labels { get; init; } = [];

    /// <summary>The split to use before any further batch; null in a batch.</summary>
    public int? MoveTo { get; init; }

    /// <summary>Layers that move to the receiver; null: none.</summary>
    public ModelPart? Part { get; init; }

    /// <summary>The round that ends, or a request to join; null in a batch.</summary>
    public SplitRound? Round { get; init; }

    /// <summary>Resources for training, sent when joining; null otherwise.</summary>
    public SplitResources? Resources { get; init; }

    /// <summary>Moments of the rows since the last round, if the scale is learned; null otherwise.</summary>
    public ChannelMoments? Moments { get; init; }

    /// <summary>The edge to which it is sent, if devices may change edges; null: there is only one.</summary>
    public string? Edge { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * (Values.Length + Labels.Length)) + (Part?.SizeBytes ?? 0);

    /// <inheritdoc />
    public Activations SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <summary>The message that is written if it comes from a foreign topic: an empty one from the topic's device.</summary>
    internal Activations OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = 0, Sequence = 0, Split = 0, SchemaHash = 0, Rows = 0 };

    /// <inheritdoc />
    public override string ToString() => Round is { } round
        ? $"round {Device}/{Epoch}/{Sequence} of {round.Batches} batches, split at {Split}"
        : MoveTo is { } to
        ? $"move {Device}/{Epoch}/{Sequence} from layer {Split} to {to}"
        : $"activations {Device}/{Epoch}/{Sequence} before layer {Split}, {Rows} rows";

    internal static Activations? Fields(ref FrameFields f, Activations? a)
    {
        a = a?.OfItsTopic();
        var device = f.Text(a?.Device);
        var (epoch, sequence, split) = (f.Long(a?.Epoch), f.Long(a?.Sequence), f.Int(a?.Split));
        var (hash, version, rows) = (f.Hash(a?.SchemaHash), f.Long(a?.WeightsVersion), f.Int(a?.Rows, min: 0));
        var values = f.Values(a?.Values);
        var labels = f.Has(FrameFlags.Labels, a?.Labels.IsEmpty == false)
            ? f.Items(a?.Labels, static (ref f, label) => f.Int(label), sizeof(int)) : [];
        var moveTo = f.Has(FrameFlags.Move, a?.MoveTo is not null) ? f.Int(a?.MoveTo) : (int?)null;
        var part = f.Optional(FrameFlags.Part, a?.Part, ModelPart.Fields);
        var round = f.Optional(FrameFlags.Round, a?.Round, SplitRound.Fields);
        var resources = f.Optional(FrameFlags.Resources, a?.Resources, SplitResources.Fields);
        var (moments, edge) = (f.Moments(a?.Moments), f.Edge(a?.Edge));
        return !f.HasRead() ? a : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            Split = split,
            SchemaHash = hash,
            WeightsVersion = version,
            Rows = rows,
            Values = values,
            Labels = labels,
            MoveTo = moveTo,
            Part = part,
            Round = round,
            Resources = resources,
            Moments = moments,
            Edge = edge,
        };
    }
}

using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>A batch between two layers, on its way forward. Immutable.</summary>
/// <remarks>
/// Identity is (device, epoch, sequence). A message that asks to move the split (<see cref="MoveTo"/>) has no rows.
/// </remarks>
public sealed record Activations : ISized, ITagged, ISentOnTopic<Activations>
{
    /// <summary>The device whose rows they are, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The device that may publish to the topic on which the message came, where that is another one than <see cref="Device"/>:
    /// an edge refuses it. Null, the default: both are the same, or no topic says. It does not travel.</summary>
    public string? TopicDevice { get; private init; }

    /// <summary>Start of the device; rises at each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the batch within its epoch, from 1; rises, and may skip.</summary>
    public required long Sequence { get; init; }

    /// <summary>The layer that comes next: these are its inputs.</summary>
    public required int Split { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>Optimizer steps that made the weights which computed them; in rounds, batches that were learned from in this one.</summary>
    public long WeightsVersion { get; init; }

    /// <summary>Rows of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>The values, float32, <c>[rows, values between the layers]</c>.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>A class for each row; empty where labels stay on the device.</summary>
    public ImmutableArray<int> Labels { get; init; } = [];

    /// <summary>Where the split is asked to move, before any further batch; null in a batch.</summary>
    public int? MoveTo { get; init; }

    /// <summary>The layers that move along to the receiver; null if none do.</summary>
    public ModelPart? Part { get; init; }

    /// <summary>The round that ends here, or the wish to join one; null in a batch.</summary>
    public SplitRound? Round { get; init; }

    /// <summary>What the device has to train with, as it joins; null otherwise.</summary>
    public SplitResources? Resources { get; init; }

    /// <summary>Moments of the rows since the last round, where the scale is learned; null otherwise.</summary>
    public ChannelMoments? Moments { get; init; }

    /// <summary>The edge that it is for, where a device may move from one edge to another; null: there is only one.</summary>
    public string? Edge { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * (Values.Length + Labels.Length)) + (Part?.SizeBytes ?? 0);

    /// <inheritdoc />
    public Activations SentBy(string sender) => sender == Device ? this : this with { TopicDevice = DeviceName.Cut(sender) };

    /// <summary>What is written in place of a message that is not of its topic: an empty one of the topic's device.</summary>
    internal Activations OfItsTopic() => TopicDevice is not { } device ? this
        : new() { Device = device, Epoch = 0, Sequence = 0, Split = 0, SchemaHash = 0, Rows = 0 };

    /// <inheritdoc />
    public override string ToString() => Round is { } round
        ? $"round {Device}/{Epoch}/{Sequence} of {round.Batches} batches, split at {Split}"
        : MoveTo is { } to
        ? $"move {Device}/{Epoch}/{Sequence} from layer {Split} to {to}"
        : $"activations {Device}/{Epoch}/{Sequence} before layer {Split}, {Rows} rows";
}

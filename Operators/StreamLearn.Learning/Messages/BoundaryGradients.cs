using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>The gradient of a batch between two layers, on its way back: the answer to <see cref="Activations"/>. Immutable.</summary>
public sealed record BoundaryGradients : ISized, ITagged
{
    /// <summary>The device whose rows they are, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Start of the device that made the batch.</summary>
    public required long Epoch { get; init; }

    /// <summary>The batch, or the move that is answered.</summary>
    public required long Sequence { get; init; }

    /// <summary>The layer whose inputs these are the gradient of; in the answer to a move, where the split now is.</summary>
    public required int Split { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The gradient, float32, <c>[rows, values between the layers]</c>; empty before the first layer and in the answer to a
    /// move.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Loss of the exits after this layer, weighted, mean over the rows.</summary>
    public float Loss { get; init; }

    /// <summary>
    /// True: a loss or gradient of the batch was not finite, so that its step was not applied; it is not to be applied here either, and
    /// there are no values. Default false.
    /// </summary>
    public bool RolledBack { get; init; }

    /// <summary>The layers that move back to the receiver; null if none do.</summary>
    public ModelPart? Part { get; init; }

    /// <summary>In the answer to the end of a round: the version that the next one begins with, whose first layers are the
    /// <see cref="Part"/>; null otherwise.</summary>
    public ModelVersion? Begins { get; init; }

    /// <summary>With <see cref="Begins"/>: true if that version has the scale of the fleet's rows. Default false.</summary>
    public bool HasScale { get; init; }

    /// <summary>True if the edge knows nothing of the round that the message was of: the device is to join anew. Default false.</summary>
    public bool Voids { get; init; }

    /// <summary>The edge that answers, and that the device sends to from then on; null where there is only one.</summary>
    public string? Edge { get; init; }

    /// <summary>How often the session has moved from edge to edge: what an earlier edge still says no longer counts.</summary>
    public int Term { get; init; }

    /// <inheritdoc />
    public MessageTags Tags => new(SchemaHash: SchemaHash);

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Values.Length) + (Part?.SizeBytes ?? 0);

    /// <inheritdoc />
    public override string ToString() => $"gradients {Device}/{Epoch}/{Sequence} before layer {Split}";
}

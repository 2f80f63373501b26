using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A part of a block's input, on its way to a node that computes some lines or channels of the block's output.
/// Immutable.</summary>
/// <remarks>Identity is (device, epoch, sequence, lines). It says all that there is to do: a node keeps nothing between two of
/// them.</remarks>
public sealed record PartTask : ISized, ITagged, IPrivate
{
    /// <summary>The node that deals the lines out and gets the result, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>The node that is to compute, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Worker
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Worker));
    }

    /// <summary>Start of the device; rises at each.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of a block of an input within its epoch, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The version of the model that is to compute: a node that has another one refuses.</summary>
    public required ModelVersion Version { get; init; }

    /// <summary>The first layer of the block.</summary>
    public required int First { get; init; }

    /// <summary>The layer after its last.</summary>
    public required int End { get; init; }

    /// <summary>What the parts of the block divide; default lines.</summary>
    public PartCut By { get; init; }

    /// <summary>Lines or channels of the block's output that are wanted; <see cref="NetworkPart"/> says what of its input they
    /// need.</summary>
    public required IndexRange Lines { get; init; }

    /// <summary>Rows of the batch.</summary>
    public required int Rows { get; init; }

    /// <summary>What they need of the block's input, float32, <c>[rows, channels, lines, width]</c>.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>The label of the most private of the columns and rows that the values were computed of: a publication that does not carry
    /// it refuses the task. Default <see cref="PrivacyLabel.Public"/>.</summary>
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

using System.Collections.Immutable;

namespace StreamLearn.Nodes;

/// <summary>What a route costs: the parts of a batch, and what a round of batches comes to.</summary>
public sealed record PlanCost
{
    /// <summary>Batches of a round, 0 or more: rows of the device over rows of a batch. Default 1.</summary>
    public double Batches { get; init; } = 1;

    /// <summary>Seconds that the device computes for a batch.</summary>
    public double DeviceSeconds { get; init; }

    /// <summary>Seconds that other nodes compute for a batch.</summary>
    public double ServerSeconds { get; init; }

    /// <summary>Seconds that activations of a batch are on their way forward.</summary>
    public double UpSeconds { get; init; }

    /// <summary>Seconds that gradients or answers of a batch are on their way back.</summary>
    public double DownSeconds { get; init; }

    /// <summary>Seconds of a batch that are none of these: <see cref="NodeView.OverheadSeconds"/>.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Joules of a batch.</summary>
    public double BatchJoules { get; init; }

    /// <summary>Bytes of a batch forward.</summary>
    public double BatchBytesUp { get; init; }

    /// <summary>Bytes of a batch back.</summary>
    public double BatchBytesDown { get; init; }

    /// <summary>Memory by node, in the order of the route.</summary>
    public ImmutableArray<NodeMemory> Memory { get; init; } = [];

    /// <summary>Seconds of a batch. Infinite if a link carries nothing.</summary>
    public double BatchSeconds => DeviceSeconds + ServerSeconds + UpSeconds + DownSeconds + OverheadSeconds;

    /// <summary>Seconds of a round.</summary>
    public double Seconds => Batches * BatchSeconds;

    /// <summary>Joules of a round.</summary>
    public double Joules => Batches * BatchJoules;

    /// <summary>Bytes of a round forward.</summary>
    public double BytesUp => Batches * BatchBytesUp;

    /// <summary>Bytes of a round back.</summary>
    public double BytesDown => Batches * BatchBytesDown;

    /// <inheritdoc />
    public bool Equals(PlanCost? other) =>
        other is not null
        && (Batches, DeviceSeconds, ServerSeconds) == (other.Batches, other.DeviceSeconds, other.ServerSeconds)
        && (UpSeconds, DownSeconds, OverheadSeconds) == (other.UpSeconds, other.DownSeconds, other.OverheadSeconds)
        && (BatchJoules, BatchBytesUp, BatchBytesDown) == (other.BatchJoules, other.BatchBytesUp, other.BatchBytesDown)
        && Memory.AsSpan().SequenceEqual(other.Memory.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Batches, DeviceSeconds, UpSeconds, BatchJoules);
}

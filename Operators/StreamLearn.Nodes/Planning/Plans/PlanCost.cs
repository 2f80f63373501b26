namespace StreamLearn.Nodes;

/// <summary>Cost of a route, per batch and per round.</summary>
public sealed record PlanCost
{
    /// <summary>Batches per round, 0 or more: rows of the device divided by rows per batch. Default 1.</summary>
    public double Batches { get; init; } = 1;

    /// <summary>The device's compute seconds per batch.</summary>
    public double DeviceSeconds { get; init; }

    /// <summary>Other nodes' compute seconds per batch.</summary>
    public double ServerSeconds { get; init; }

    /// <summary>Forward transfer seconds per batch.</summary>
    public double UpSeconds { get; init; }

    /// <summary>Return transfer seconds per batch, of gradients or answers.</summary>
    public double DownSeconds { get; init; }

    /// <summary>Other seconds per batch: <see cref="NodeView.OverheadSeconds"/>.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Joules per batch.</summary>
    public double BatchJoules { get; init; }

    /// <summary>Forward bytes per batch.</summary>
    public double BatchBytesUp { get; init; }

    /// <summary>Returned bytes per batch.</summary>
    public double BatchBytesDown { get; init; }

    internal ImmutableArray<NodeMemory> Memory { get; init; } = [];

    /// <summary>Seconds per batch; infinite over a dead link.</summary>
    public double BatchSeconds => DeviceSeconds + ServerSeconds + UpSeconds + DownSeconds + OverheadSeconds;

    /// <summary>Seconds per round.</summary>
    public double Seconds => Batches * BatchSeconds;

    /// <summary>Joules per round.</summary>
    public double Joules => Batches * BatchJoules;

    /// <summary>Forward bytes per round.</summary>
    public double BytesUp => Batches * BatchBytesUp;

    /// <summary>Returned bytes per round.</summary>
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

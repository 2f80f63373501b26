using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>InferInParts</c>.</summary>
public sealed record InferPartsOptions
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(365);

    /// <summary>The distributed blocks, at least one, in layer order; other layers run on this node. At most 64 workers in all.</summary>
    public required ImmutableArray<PartBlock> Blocks { get; init; }

    /// <summary>Time after which a silent worker is considered lost and its part is reassigned. Above 0, at most a year; default 2 s per
    /// block. It must cover all inputs in flight.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan Deadline
    {
        get;
        init => field = value > TimeSpan.Zero && value <= MaxTime
            ? value : throw new ArgumentOutOfRangeException(nameof(Deadline), value, "expected a time above 0, at most a year");
    }

        = TimeSpan.FromSeconds(2);

    /// <summary>Time before a worker that was lost or refused gets parts again; at least 0, at most a year; default 10 s. A hello ends
    /// it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan RetryAfter
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= MaxTime
            ? value : throw new ArgumentOutOfRangeException(nameof(RetryAfter), value, "expected a time of at least 0, at most a year");
    }

        = TimeSpan.FromSeconds(10);

    /// <summary>Maximum number of inputs in flight, 1 to 16; default 2. Further inputs wait until the oldest is answered.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int InFlight
    {
        get;
        init => field = value is >= 1 and <= 16
            ? value : throw new ArgumentOutOfRangeException(nameof(InFlight), value, "expected 1 to 16 inputs");
    }

        = 2;

    /// <summary>Number of this start, which rises with each start; null (default): the start time.</summary>
    public long? Epoch { get; init; }

    /// <summary>True if answers have a column <c>version</c> (int64), of the model when the rows arrived. Default false.</summary>
    public bool Versions { get; init; }

    /// <summary>Weights until a version arrives, the same on every node; null, the default: the network's initial ones.</summary>
    public Weights? Start { get; init; }

    internal void Check(Network network)
    {
        if (Blocks.IsDefaultOrEmpty || Blocks.Any(static b => b is null))
        {
            throw new ArgumentException("expected at least one block, got none");
        }

        var end = 0;
        foreach (var block in Blocks)
        {
            if (block.First < end) { throw new ArgumentException($"expected a block that begins with layer {end} or after, got {block}"); }
            end = block.Check(network).End;
        }

        var workers = PartWorkers.NamesOf(Blocks).Length;
        if (workers > PartWorkers.Most) { throw new ArgumentException($"expected at most {PartWorkers.Most} workers, got {workers}"); }
        PartCache.Check(network, Start);
    }

    /// <inheritdoc />
    public bool Equals(InferPartsOptions? other) => ReferenceEquals(this, other) || (other is not null
        && (Deadline, RetryAfter, InFlight, Epoch, Versions)
            == (other.Deadline, other.RetryAfter, other.InFlight, other.Epoch, other.Versions)
        && Equals(Start, other.Start) && Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan()));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Deadline, RetryAfter, InFlight, Epoch);

    /// <inheritdoc />
    public override string ToString() => string.Join("; ", Blocks)
        + string.Create(CultureInfo.InvariantCulture, $", {InFlight} in flight, {Deadline.TotalMilliseconds} ms each");
}

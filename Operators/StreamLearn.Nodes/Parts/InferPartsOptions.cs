using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>InferInParts</c>.</summary>
public sealed record InferPartsOptions
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(365);

    /// <summary>The blocks that are shared, at least one, in the order of their layers. What is between two of them runs on this node, and
    /// so does what is before the first and after the last. They have at most 64 workers in all.</summary>
    public required ImmutableArray<PartBlock> Blocks { get; init; }

    /// <summary>Time after which a worker that has not answered is taken for lost: its part goes to the others. Above 0, at most
    /// a year; default 2 s, of each block. It has to cover all inputs in flight.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan Deadline
    {
        get;
        init => field = value > TimeSpan.Zero && value <= MaxTime
            ? value : throw new ArgumentOutOfRangeException(nameof(Deadline), value, "expected a time above 0, at most a year");
    }

        = TimeSpan.FromSeconds(2);

    /// <summary>Time after which a lost worker, or one that refused, is given lines again; at least 0, at most a year; default 10 s. One
    /// that says hello is given some at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public TimeSpan RetryAfter
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= MaxTime
            ? value : throw new ArgumentOutOfRangeException(nameof(RetryAfter), value, "expected a time of at least 0, at most a year");
    }

        = TimeSpan.FromSeconds(10);

    /// <summary>Inputs that are under way at most, 1 to 16; default 2. No further input is taken until the oldest is answered.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int InFlight
    {
        get;
        init => field = value is >= 1 and <= 16
            ? value : throw new ArgumentOutOfRangeException(nameof(InFlight), value, "expected 1 to 16 inputs");
    }

        = 2;

    /// <summary>Number of this start, which rises at each; null, the default: the time of the start.</summary>
    public long? Epoch { get; init; }

    /// <summary>The values before a version comes, the same on every node; null, the default: those that the network begins with.</summary>
    public Weights? Start { get; init; }

    internal void Check(Network network)
    {
        if (Blocks.IsDefaultOrEmpty || Blocks.Any(static b => b is null))
        {
            throw new ArgumentException("expected a block or more, got none");
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
        && (Deadline, RetryAfter, InFlight, Epoch) == (other.Deadline, other.RetryAfter, other.InFlight, other.Epoch)
        && Equals(Start, other.Start) && Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan()));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Deadline, RetryAfter, InFlight, Epoch);

    /// <inheritdoc />
    public override string ToString() => string.Join("; ", Blocks)
        + string.Create(CultureInfo.InvariantCulture, $", {InFlight} in flight, {Deadline.TotalMilliseconds} ms each");
}

using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>InferInParts</c>.</summary>
public sealed record InferPartsOptions
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(365);

    /// <summary>The first layer of the block that is shared, from 0; default 0.</summary>
    public int First { get; init; }

    /// <summary>The layer after its last: at most <see cref="RowPartition.Reach"/> of the first.</summary>
    public required int End { get; init; }

    /// <summary>The nodes that share it, 1 to 64, each of another name.</summary>
    public required ImmutableArray<PartWorker> Workers { get; init; }

    /// <summary>The share of this node, in the unit of the workers' rates, at least 0. Default 0: it computes only what nobody else
    /// can.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0 or not finite.</exception>
    public double OwnRate
    {
        get;
        init => field = value >= 0 && double.IsFinite(value)
            ? value : throw new ArgumentOutOfRangeException(nameof(OwnRate), value, "expected a rate of at least 0");
    }

    /// <summary>Time after which a worker that has not answered is taken for lost: its lines go to the others. Above 0, at most
    /// a year; default 2 s. It has to cover all inputs in flight.</summary>
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
        _ = RowPartition.Of(network, First, End, 1);
        if (Workers.IsDefault || Workers.Length is < 1 or > 64 || Workers.Any(static w => w is null))
        {
            throw new ArgumentException($"expected 1 to 64 workers, got {(Workers.IsDefault ? 0 : Workers.Length)}");
        }

        if (Workers.Select(static w => w.Name).Distinct(StringComparer.Ordinal).Count() < Workers.Length)
        {
            throw new ArgumentException($"expected workers with a name each, got {string.Join(", ", Workers.Select(static w => w.Name))}");
        }

        PartCache.Check(network, Start);
    }

    /// <inheritdoc />
    public bool Equals(InferPartsOptions? other) => ReferenceEquals(this, other) || (other is not null
        && (First, End, OwnRate, Deadline, RetryAfter, InFlight, Epoch)
            == (other.First, other.End, other.OwnRate, other.Deadline, other.RetryAfter, other.InFlight, other.Epoch)
        && Equals(Start, other.Start) && Workers.AsSpan().SequenceEqual(other.Workers.AsSpan()));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(First, End, OwnRate, Deadline, RetryAfter, InFlight, Epoch);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"layers {First} to {End} on {string.Join(", ", Workers.Select(static w => FormattableString.Invariant($"{w.Name} {w.Rate}")))}")
        + (OwnRate > 0 ? string.Create(CultureInfo.InvariantCulture, $" and here {OwnRate}") : "")
        + string.Create(CultureInfo.InvariantCulture, $", {InFlight} in flight, {Deadline.TotalMilliseconds} ms each");
}

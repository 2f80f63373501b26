using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>A round that has ended: the model it made and where that came from. Immutable.</summary>
public sealed record Round : ISized
{
    /// <summary>The model in use from now on: an average of versions.</summary>
    public required Weights Averaged { get; init; }

    /// <summary>The version that the round made, as devices get it.</summary>
    public required Weights Made { get; init; }

    /// <summary>The strategy that is followed from now on, by its name among <see cref="AggregateOptions.Others"/>; empty: the first
    /// one.</summary>
    public string Strategy { get; init => field = value ?? ""; } = "";

    /// <summary>The number of the version that the round made; that of the model in use.</summary>
    public long Version => Averaged.Version;

    /// <summary>
    /// True if no update went into it: too few had come, none was accepted, or it only waited for devices to announce themselves. The model
    /// is that of the version before, except for its scale.
    /// </summary>
    public bool Void => Contributions.IsEmpty;

    /// <summary>The updates that went into it, in the order in which they were added; at most 4,096 of them, the first.</summary>
    public required ImmutableArray<Contribution> Contributions { get; init; }

    /// <summary>Updates refused since the last round, with the reason; at most 4,096 of them, the oldest.</summary>
    public required ImmutableArray<RefusedUpdate> Refusals { get; init; }

    /// <summary>The slowest devices, at most 64, slowest first, as they were reckoned last; only those whose times are known.</summary>
    public required ImmutableArray<Straggler> Stragglers { get; init; }

    /// <summary>Devices that were invited and alive, and had not reported when it ended.</summary>
    public int Missing { get; init; }

    /// <summary>When the round began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The best version so far, which is in use, where versions are judged (<see cref="BestVersion"/>); default null.</summary>
    public BestSoFar? Best { get; init; }

    /// <summary>True if learning has ended with it: no round follows.</summary>
    public bool IsLast { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>The version and what went into it, in a line: <c>version 7 of 4 updates, 1 refused, 2 missing</c>, and where versions are
    /// judged <c>version 5 is the best, for 12 s</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"version {Version} of {Contributions.Length} updates")
        + (Refusals.IsEmpty ? "" : string.Create(CultureInfo.InvariantCulture, $", {Refusals.Length} refused"))
        + (Missing == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {Missing} missing"))
        + (Best is { } best ? string.Create(CultureInfo.InvariantCulture, $", version {best.Version} is the best") : "")
        + (Best is { NoBetterFor: { Ticks: > 0 } time }
            ? string.Create(CultureInfo.InvariantCulture, $", for {time.TotalSeconds:0} s") : "");

    /// <inheritdoc />
    public long SizeBytes => Averaged.SizeBytes + (Made.Values == Averaged.Values ? 64 : Made.SizeBytes)
        + (128L * (Contributions.Length + Refusals.Length + Stragglers.Length));
}

/// <summary>An update that went into a version.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">Start of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="BaseVersion">The version it was learned from.</param>
/// <param name="Staleness">Versions between its base and the round's begin.</param>
/// <param name="Weight">What it was worth.</param>
/// <param name="Samples">Samples processed for it.</param>
/// <param name="Norm">Euclidean norm of its differences.</param>
/// <param name="IsCapped">True if its device claimed more, weight, steps or rows, than the aggregator let it count for.</param>
public readonly record struct Contribution(string Device, long Epoch, long Sequence, long BaseVersion, long Staleness, float Weight,
    int Samples, double Norm, bool IsCapped = false);

/// <summary>An update that was refused.</summary>
/// <param name="Device">The device that it names.</param>
/// <param name="Epoch">Start of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="Reason">Why.</param>
public readonly record struct RefusedUpdate(string Device, long Epoch, long Sequence, string Reason);

/// <summary>How slow a device is against the fleet.</summary>
/// <param name="Device">The device.</param>
/// <param name="Score">Smoothed time per step (computing, transfer and waiting for credit) over the fleet's median; 1 is ordinary.</param>
/// <param name="Reason">Where the time goes: <c>computing</c>, <c>link</c>, <c>credit</c>, or empty below a score of 2.</param>
public readonly record struct Straggler(string Device, double Score, string Reason);

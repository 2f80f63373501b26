using System.Globalization;

namespace StreamLearn.Fleets;

/// <summary>A finished round: its model and how it was made. Immutable.</summary>
public sealed partial record Round : ISized
{
    /// <summary>The model in use from now on, an average of versions.</summary>
    public required Weights Averaged { get; init; }

    /// <summary>The version sent to devices.</summary>
    public required Weights Made { get; init; }

    /// <summary>Name of the strategy from now on, as in <see cref="AggregateOptions.Others"/>; empty: the initial strategy.</summary>
    public string Strategy { get; init => field = value ?? ""; } = "";

    /// <summary>Number of the new version, which the model in use also has.</summary>
    public long Version => Averaged.Version;

    /// <summary>True if the round added no update: there were too few, none was accepted, or it waited for announcements. The model equals
    /// the previous version, except for its scale.</summary>
    public bool Void => Contributions.IsEmpty;

    /// <summary>The updates in the round in order of addition; at most the first 4,096.</summary>
    public required ImmutableArray<Contribution> Contributions { get; init; }

    /// <summary>The updates refused since the last round; at most the oldest 4,096.</summary>
    public required ImmutableArray<RefusedUpdate> Refusals { get; init; }

    /// <summary>The reason of a straggler that rounds no longer wait for.</summary>
    public const string LeftOut = "left out";

    /// <summary>The slowest devices with known times, slowest first; at most 64, as last computed. Score: smoothed time per step
    /// (computing, transfer, wait for credit) divided by the median of the fleet. Reason: the main cause, <c>computing</c>, <c>link</c> or
    /// <c>credit</c>; empty below a score of 2; <see cref="LeftOut"/> (<see cref="AggregateOptions.RoundTimeout"/>), first.</summary>
    public required ImmutableArray<(string Device, double Score, string Reason)> Stragglers { get; init; }

    /// <summary>Invited live devices that had not reported at its end, with those left out.</summary>
    public int Missing { get; init; }

    /// <summary>Start of the round.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>With <see cref="BestVersion"/>, the best version so far, which is in use; default null.</summary>
    public (long Version, TimeSpan NoBetterFor)? Best { get; init; }

    /// <summary>True if learning ended with this round.</summary>
    public bool IsLast { get; init; }

    /// <summary>End of the round.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>Formats a line: <c>version 7 of 4 updates, 1 refused, 2 missing</c>, and if versions are judged <c>version 5 is the best,
    /// for 12 s</c>.</summary>
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

/// <summary>An update that is part of a version.</summary>
/// <param name="Device">The device.</param>
/// <param name="Epoch">The epoch (start) of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="BaseVersion">Base version.</param>
/// <param name="Staleness">Versions between its base and the start of the round.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Samples">Samples processed.</param>
/// <param name="Norm">Euclidean norm of the changes.</param>
/// <param name="IsCapped">True if its claimed weight, steps or rows were capped.</param>
public readonly record struct Contribution(string Device, long Epoch, long Sequence, long BaseVersion, long Staleness, float Weight,
    int Samples, double Norm, bool IsCapped = false);

/// <summary>A refused update.</summary>
/// <param name="Device">The device that the update names.</param>
/// <param name="Epoch">The epoch (start) of the device.</param>
/// <param name="Sequence">Number within the epoch.</param>
/// <param name="Reason">The reason.</param>
public readonly record struct RefusedUpdate(string Device, long Epoch, long Sequence, string Reason)
{
    /// <summary>The reason as a value; null if this library does not know it.</summary>
    public UpdateRefusal? Refusal => RefusalOf(Reason);

    /// <summary>Returns the refusal with a given reason; null if there is none, as for a counter of another block.</summary>
    /// <param name="reason">The reason, as in receipts, counters and ledgers.</param>
    public static UpdateRefusal? RefusalOf(string? reason) => UpdateRefusals.TryParse(reason);
}

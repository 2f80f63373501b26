using System.Text.Json.Serialization;

namespace Quickstart;

/// <summary>
/// Something that a run tells of itself. The events of a run, in the order in which they were recorded, are all that its report knows.
/// Counters are totals since the mode began; times are virtual seconds since then.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(RunStarted), "run_started")]
[JsonDerivedType(typeof(ModeStarted), "mode_started")]
[JsonDerivedType(typeof(ModeEnded), "mode_ended")]
[JsonDerivedType(typeof(Judged), "judged")]
[JsonDerivedType(typeof(VersionMade), "version_made")]
[JsonDerivedType(typeof(UpdateRefused), "update_refused")]
[JsonDerivedType(typeof(DeviceSampled), "device_sampled")]
[JsonDerivedType(typeof(RowsDropped), "rows_dropped")]
[JsonDerivedType(typeof(StragglerSeen), "straggler_seen")]
[JsonDerivedType(typeof(FaultSeen), "fault_seen")]
[JsonDerivedType(typeof(ExitsJudged), "exits_judged")]
[JsonDerivedType(typeof(ConfusionJudged), "confusion_judged")]
[JsonDerivedType(typeof(LedgerClosed), "ledger_closed")]
internal abstract record RunEvent
{
    /// <summary>
    /// The part of the job: <c>async</c> or <c>barrier</c>, with the name of the case behind a dash if it is not the main one
    /// (<c>async-1x</c>). Default empty: the whole job.
    /// </summary>
    public string Mode { get; init; } = "";

    /// <summary>When, in virtual seconds since the mode began. Default 0.</summary>
    public double Seconds { get; init; }
}

/// <summary>The job as a whole, before any mode runs.</summary>
internal sealed record RunStarted : RunEvent
{
    /// <summary>The words that repeat the run.</summary>
    public required string Command { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required long Seed { get; init; }

    /// <summary>A line on where the rows came from.</summary>
    public required string Data { get; init; }

    /// <summary><c>simulation</c>, <c>dataflow</c> or <c>replay</c>.</summary>
    public required string Host { get; init; }

    /// <summary>Accuracy to be reached, 0 to 1.</summary>
    public required double TargetAccuracy { get; init; }

    /// <summary>A line on the virtual world.</summary>
    public required string Scenario { get; init; }

    /// <summary>A line on the model.</summary>
    public required string Model { get; init; }

    /// <summary>Width of the SIMD registers in use; 0 if unknown.</summary>
    public int VectorBits { get; init; }

    /// <summary>Names of the classes, by number.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Multiply-adds of a row that leaves at each exit; the last is the full network. Empty for a model without exits.</summary>
    public IReadOnlyList<long> ExitMultiplyAdds { get; init; } = [];

    /// <summary>The devices, in fleet order.</summary>
    public required IReadOnlyList<DeviceDescribed> Devices { get; init; }
}

/// <summary>A device as the scenario has it.</summary>
internal sealed record DeviceDescribed
{
    /// <summary>The device.</summary>
    public required string Name { get; init; }

    /// <summary>Share of the scenario's rate of computing; 1 is ordinary.</summary>
    public required double Speed { get; init; }

    /// <summary>Bits per second to the aggregator; 0 if not emulated.</summary>
    public double UpBitsPerSecond { get; init; }

    /// <summary>Bits per second from the aggregator; 0 if not emulated.</summary>
    public double DownBitsPerSecond { get; init; }

    /// <summary>What it was given on purpose, as <c>straggler, 1/10 of the rate</c> or <c>clock an hour ahead</c>. Default empty: an ordinary
    /// device.</summary>
    public string Role { get; init; } = "";
}

/// <summary>A mode begins.</summary>
internal sealed record ModeStarted : RunEvent
{
    /// <summary>A line on how updates become versions.</summary>
    public required string Text { get; init; }
}

/// <summary>A mode has ended.</summary>
internal sealed record ModeEnded : RunEvent
{
    /// <summary>Virtual time that it took; null outside the simulation.</summary>
    public required double? VirtualSeconds { get; init; }

    /// <summary>Real time that it took.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Virtual time of the first of three consecutive judgments at the target; null if it was not reached.</summary>
    public required double? SecondsToTarget { get; init; }

    /// <summary>Accuracy of the last model in use on rows that no device learned from, 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cohen's kappa of the same answers.</summary>
    public required double Kappa { get; init; }

    /// <summary>Hash of the last model in use.</summary>
    public required string WeightsSha256 { get; init; }
}

/// <summary>A version in use was judged on rows that no device learned from.</summary>
internal sealed record Judged : RunEvent
{
    /// <summary>The version.</summary>
    public required long Version { get; init; }

    /// <summary>Share of rows answered with their label.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cohen's kappa.</summary>
    public required double Kappa { get; init; }

    /// <summary>Mean cross-entropy in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Rows answered.</summary>
    public required long Rows { get; init; }
}

/// <summary>The aggregator made a version.</summary>
internal sealed record VersionMade : RunEvent
{
    /// <summary>The version.</summary>
    public required long Version { get; init; }

    /// <summary>The updates in it, in the order in which they were added.</summary>
    public required IReadOnlyList<UpdateUsed> Updates { get; init; }
}

/// <summary>An update that went into a version.</summary>
internal sealed record UpdateUsed
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Its number on the device.</summary>
    public required long Sequence { get; init; }

    /// <summary>The version that it was learned from.</summary>
    public required long BaseVersion { get; init; }

    /// <summary>Versions between its base and the round.</summary>
    public required long Staleness { get; init; }

    /// <summary>What it was worth.</summary>
    public required double Weight { get; init; }

    /// <summary>Euclidean norm of its differences.</summary>
    public required double Norm { get; init; }

    /// <summary>Training visits behind it.</summary>
    public required long Samples { get; init; }
}

/// <summary>The aggregator refused updates.</summary>
internal sealed record UpdateRefused : RunEvent
{
    /// <summary>The device that they name.</summary>
    public required string Device { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>How many. Default 1.</summary>
    public long Updates { get; init; } = 1;
}

/// <summary>A look at a device, taken every few virtual seconds and at the end. Everything but the backlog is a total so far.</summary>
internal sealed record DeviceSampled : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Messages that wait on its edges now.</summary>
    public required long Backlog { get; init; }

    /// <summary>Rows that its source made.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window.</summary>
    public required long RowsWindowed { get; init; }

    /// <summary>Rows drawn for training steps.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Updates that it published.</summary>
    public required long Updates { get; init; }

    /// <summary>Bytes that it published.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Bytes of models that it received.</summary>
    public required long BytesDown { get; init; }

    /// <summary>Time in calls.</summary>
    public required double BusySeconds { get; init; }

    /// <summary>Accuracy on its own rows, each answered before it was learned from, 0 to 1; null before the first.</summary>
    public required double? PrequentialAccuracy { get; init; }
}

/// <summary>Rows that a block of a device dropped in the whole mode.</summary>
internal sealed record RowsDropped : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>The block.</summary>
    public required string Block { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>How many.</summary>
    public required long Rows { get; init; }
}

/// <summary>How slow a device is against the fleet; the last event of a device counts.</summary>
internal sealed record StragglerSeen : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>Time per step over the fleet's median; 1 is ordinary.</summary>
    public required double Score { get; init; }

    /// <summary>Where the time goes: <c>computing</c>, <c>link</c>, or empty.</summary>
    public required string Reason { get; init; }
}

/// <summary>A fault that the run noticed.</summary>
internal sealed record FaultSeen : RunEvent
{
    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary><c>crash</c>, <c>rejoin</c>, <c>stuck</c> or <c>clock</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was noticed and what was done about it, in words.</summary>
    public required string Text { get; init; }
}

/// <summary>Early exits of the last model in use, on rows that no device learned from.</summary>
internal sealed record ExitsJudged : RunEvent
{
    /// <summary>What the thresholds are compared with: <c>entropy</c>, <c>max probability</c> or <c>margin</c>.</summary>
    public required string Measure { get; init; }

    /// <summary>The exits in order; the last is the full network.</summary>
    public required IReadOnlyList<ExitJudged> Exits { get; init; }

    /// <summary>Accuracy when no row leaves early, 0 to 1.</summary>
    public required double FullNetworkAccuracy { get; init; }

    /// <summary>Multiply-adds executed over those of the full network, 0 to 1.</summary>
    public required double MultiplyAddsFraction { get; init; }

    /// <summary>CPU time of a row through the full network, in nanoseconds; null if not measured.</summary>
    public required double? FullNanosecondsPerRow { get; init; }

    /// <summary>CPU time of a row with exits, in nanoseconds; null if not measured.</summary>
    public required double? ExitNanosecondsPerRow { get; init; }
}

/// <summary>One exit.</summary>
internal sealed record ExitJudged
{
    /// <summary>Rows that left here.</summary>
    public required long Rows { get; init; }

    /// <summary>Those answered with their label.</summary>
    public required long Correct { get; init; }

    /// <summary>Multiply-adds of a row that leaves here.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>Threshold of the measure; null at the last exit.</summary>
    public required double? Threshold { get; init; }
}

/// <summary>What the last model in use answered, by label.</summary>
internal sealed record ConfusionJudged : RunEvent
{
    /// <summary>Rows by label and answer, <c>[label × classes + answer]</c>.</summary>
    public required IReadOnlyList<long> Counts { get; init; }
}

/// <summary>The row ledger of a mode, closed at its end.</summary>
internal sealed record LedgerClosed : RunEvent
{
    /// <summary>Rows that the sources made.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window, each counted once.</summary>
    public required long RowsWindowed { get; init; }

    /// <summary>Rows in open windows and on edges before them.</summary>
    public required long RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window.</summary>
    public required long RowsDropped { get; init; }
}

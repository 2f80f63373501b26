using System.Text.Json.Serialization;

namespace Tool;

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
[JsonDerivedType(typeof(ConnectionLost), "connection_lost")]
[JsonDerivedType(typeof(ConnectionBack), "connection_back")]
[JsonDerivedType(typeof(DoubtRaised), "doubt_raised")]
[JsonDerivedType(typeof(ExitsJudged), "exits_judged")]
[JsonDerivedType(typeof(ConfusionJudged), "confusion_judged")]
[JsonDerivedType(typeof(LedgerClosed), "ledger_closed")]
[JsonDerivedType(typeof(FiguresClosed), "figures_closed")]
[JsonDerivedType(typeof(PeopleJudged), "people_judged")]
[JsonDerivedType(typeof(SeedsJudged), "seeds_judged")]
internal abstract record RunEvent
{
    /// <summary>
    /// The part of the job: <c>async</c> or <c>barrier</c>, with the name of the case after a dash if it is not the main one
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

    /// <summary>What those are called that the model is judged by. Default <c>people</c>.</summary>
    public string Judges { get; init; } = "people";

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

    /// <summary>
    /// What it was given on purpose, as <c>a tenth of the rate</c> or <c>clock an hour ahead</c>. Default empty: an ordinary device.
    /// </summary>
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

    /// <summary>Updates that were lost through the server, or by an aggregator that was restarted; 0 without a server.</summary>
    public long UpdatesLost { get; init; }
}

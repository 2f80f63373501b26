using System.Text.Json.Serialization;

namespace StreamLearn.Simulated;

/// <summary>An event of a run; the report knows nothing else. Counters are totals and times virtual seconds since the mode began;
/// accuracies and shares are 0 to 1.</summary>
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
[JsonDerivedType(typeof(DoubtRaised), "doubt_raised")]
[JsonDerivedType(typeof(ExitsJudged), "exits_judged")]
[JsonDerivedType(typeof(ConfusionJudged), "confusion_judged")]
[JsonDerivedType(typeof(LedgerClosed), "ledger_closed")]
[JsonDerivedType(typeof(FiguresClosed), "figures_closed")]
[JsonDerivedType(typeof(PeopleJudged), "people_judged")]
[JsonDerivedType(typeof(SeedsJudged), "seeds_judged")]
internal abstract record RunEvent
{
    /// <summary><c>async</c> or <c>barrier</c>, with a dash and the name of a side case (<c>async-1x</c>). Empty: the whole job.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Virtual seconds since the mode began.</summary>
    public double Seconds { get; init; }
}

/// <summary>The run has started, before any mode.</summary>
internal sealed record RunStarted : RunEvent
{
    public required string Command { get; init; }       // command that repeats the run
    public required long Seed { get; init; }
    public required string Data { get; init; }          // where the rows came from
    public required string Host { get; init; }          // simulation
    public string Judges { get; init; } = "people";     // what those are called that the model is judged by
    public required double TargetAccuracy { get; init; }
    public required string Scenario { get; init; }
    public required string Model { get; init; }
    public int VectorBits { get; init; }                // width of the SIMD registers in use; 0: unknown
    public required IReadOnlyList<string> Classes { get; init; }
    public IReadOnlyList<long> ExitMultiplyAdds { get; init; } = [];       // of a row that leaves at the exit; the last is the full network
    public required IReadOnlyList<DeviceDescribed> Devices { get; init; }
}

internal sealed record DeviceDescribed(
    string Name, double Speed, double UpBitsPerSecond = 0, double DownBitsPerSecond = 0, string Role = "");

internal sealed record ModeStarted(string Text) : RunEvent;

/// <summary>Accuracy and kappa of the last model in use, on rows that no device learned from.</summary>
internal sealed record ModeEnded : RunEvent
{
    public required double? VirtualSeconds { get; init; }       // that it took
    public required double WallSeconds { get; init; }
    public required double? SecondsToTarget { get; init; }  // at the first of three consecutive judgments at the target; null: not reached
    public required double Accuracy { get; init; }
    public required double Kappa { get; init; }
    public required string WeightsSha256 { get; init; }
    public long UpdatesLost { get; init; }      // 0: nothing is lost in a process
}

using System.Text.Json.Serialization;

namespace StreamLearn.Simulated;

/// <summary>An event of a run; the report is made from events only. Counters are totals, and times are virtual seconds since the mode
/// began; accuracies and shares range from 0 to 1.</summary>
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
    /// <summary><c>async</c> or <c>barrier</c>, with a dash and the name of a variant (<c>async-1x</c>). Empty for the whole job.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Virtual seconds since the mode began.</summary>
    public double Seconds { get; init; }
}

internal sealed record RunStarted : RunEvent
{
    public required string Command { get; init; }
    public required long Seed { get; init; }
    public required string Data { get; init; }
    public required string Host { get; init; }          // where the run takes place: simulation
    public string Judges { get; init; } = "people";     // name of the devices or people on whom the model is evaluated
    public required double TargetAccuracy { get; init; }
    public required string Scenario { get; init; }
    public required string Model { get; init; }
    public int VectorBits { get; init; }                // width of the SIMD registers in use; 0 if unknown
    public required IReadOnlyList<string> Classes { get; init; }
    public IReadOnlyList<long> ExitMultiplyAdds { get; init; } = [];       // multiply-adds up to the exit; the last is the full network
    public required IReadOnlyList<DeviceDescribed> Devices { get; init; }
    public IReadOnlyList<string> Notes { get; init; } = [];         // which rows were left out or filled in, and why
    public string? Bound { get; init; }                             // of the sets of classes that hold the right one; null: none was asked
    public IReadOnlyList<string> Next { get; init; } = [];          // commands that use the model
}

internal sealed record DeviceDescribed(
    string Name, double Speed, double UpBitsPerSecond = 0, double DownBitsPerSecond = 0, string Role = "");

internal sealed record ModeStarted(string Text) : RunEvent;

/// <summary>Accuracy and kappa of the last model in use, on rows that no device learned from.</summary>
internal sealed record ModeEnded : RunEvent
{
    public required double? VirtualSeconds { get; init; }       // virtual time that the mode lasted
    public required double WallSeconds { get; init; }
    public required double? SecondsToTarget { get; init; }  // first of three consecutive evaluations at the target; null if not reached
    public required double Accuracy { get; init; }
    public required double Kappa { get; init; }
    public required string WeightsSha256 { get; init; }
    public long UpdatesLost { get; init; }      // 0, since nothing is lost within a process
}

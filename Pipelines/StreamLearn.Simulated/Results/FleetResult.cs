using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamLearn.Simulated;

/// <summary>The <c>--json</c> result. Keys without a prefix describe the main run: asynchronous, unless only the barrier ran.</summary>
internal sealed record FleetResult
{
    public required string Host { get; init; }      // simulation, or alone for a model without a fleet
    public string? Link { get; init; }              // null: there is no server; this key, registered and connection_losses stay for readers
    public int ExitCode { get; init; }
    public string? Error { get; init; }             // why the exit code is neither 0 nor 3; a job without a result writes a FailedResult
    public ImmutableArray<long> Registered { get; init; } = [];
    public required string Data { get; init; }
    public required string Scenario { get; init; }
    public string Mode => Main.Mode;
    public required long Seed { get; init; }
    public string Model { get; init; } = "conv";
    internal string Judges { get; init; } = "people";       // name of the devices or people it is evaluated on
    public int VectorBits { get; init; } = WidestVector;    // results depend on it
    public required double Accuracy { get; init; }          // of the chosen version, with exits, on rows that no device learned from
    public required double AccuracyFullNetwork { get; init; }
    public double MajorityShare => Majority.Share;          // accuracy of always answering the most frequent class
    public string MajorityClass => Majority.Class;
    internal Majority Majority { get; init; } = new("", 0);
    public double? AccuracyOfNow { get; init; }     // accuracy of the current class as a forecast; null: no forecast
    public double? Chance { get; init; }       // share of random pairings of answers and labels that are as accurate; null if too few rows

    /// <summary>The model choice's guarantee for unseen devices, 95 % confidence; empty: named, or too few chose.</summary>
    public ImmutableArray<double> PromisedInterval { get; init; } = [];

    internal string? BoundMissing { get; init; }    // why the bound that was asked for was not made; null otherwise
    internal string? BoundText { get; init; }       // description of sets of classes; null if not requested
    public double? AccuracyBarrier => Barrier?.Accuracy;    // accuracy of the full network; null if the barrier did not run
    public double Kappa => Main.Kappa;
    public required double Target { get; init; }
    public double? VirtualSecondsToTarget => Main.VirtualSecondsToTarget;
    public double? VirtualSecondsToTargetBarrier => Barrier?.VirtualSecondsToTarget;
    public required double EarlyExitShare { get; init; }        // share of rows that left before the last exit
    public required double MacsFraction { get; init; }          // executed multiply-adds divided by those of the full network
    public required double InferenceTimeFraction { get; init; } // measured time per row with exits divided by that of the full network
    public required long TestRows { get; init; }                // labeled windows of unseen devices
    public double PrequentialAccuracy => Main.PrequentialAccuracy;
    public string WeightsSha256 => Main.WeightsSha256;          // equal if two runs agree
    public long Versions => Main.Versions;
    public long Version => Main.Version;                        // in the model's file
    public long? BestVersion { get; init; }                     // found best by held-back devices; null: they did not judge
    public double AccuracyOfLast => Main.AccuracyOfLast;        // full network
    public List<Doubt> Doubts { get; init; } = [];      // doubts about all runs of the job

    // each message is in one column from UpdatesApplied to UpdatesUnderWay
    public long MessagesSent => Main.Messages.Messages;
    public long UpdatesSent => Main.Messages.Updates;
    public long UpdatesApplied => Main.Messages.Applied;
    public long UpdatesInOpenRound => Main.Messages.InOpenRound;
    public SortedDictionary<string, long> UpdatesRefused => Main.Messages.Refused;
    public long MessagesWithoutSteps => Main.Messages.WithoutSteps;
    public long UpdatesLost => Main.Messages.Lost;
    public long UpdatesUnknown => Main.Messages.Unknown;
    public long UpdatesUnderWay => Main.Messages.UnderWay;
    public long UpdatesRepeated => Main.Messages.Repeated;
    public long MessagesUnreadable => Main.Messages.Unreadable;
    public bool MessagesAddUp => Runs.TrueForAll(static r => r.Messages.AddsUp);
    public long UpdatesUnanswered { get; init; }        // unanswered when their device ended; some may nevertheless be in a version
    public long? StalenessP50 => Main.StalenessP50;
    public long? StalenessP95 => Main.StalenessP95;
    public int ConnectionLosses { get; init; }

    public long RowsIn => Main.RowsIn;
    public long RowsWindowed => Main.RowsWindowed;
    public long RowsHeld => Main.RowsHeld;
    public SortedDictionary<string, long> RowsDropped => Main.RowsDropped;
    public long RowsNotRead => Main.RowsNotRead;
    public long RowsTrained => Main.RowsTrained;
    public required bool LedgerAddsUp { get; init; }    // true if rows in = windowed + dropped + held, in every run of the job
    public long BytesUp => Main.BytesUp;
    public string? Code { get; init; }                          // code of updates; null: float32
    public double BytesPerUpdate => Main.BytesPerUpdate;
    public double? BytesPerUpdateFloat32 => Plain?.BytesPerUpdate;      // of the run without the code; null: there is none
    public double? AccuracyFloat32 => Plain?.Accuracy;
    public required double? VirtualSeconds { get; init; }       // virtual time of the cut-off, to which all numbers here refer
    public required double WallSeconds { get; init; }
    public required long Events { get; init; }
    public required List<RunResult> Runs { get; init; }
    public List<SeedSpread>? Seeds { get; init; }               // each run over all seeds; null without --seeds
    public IReadOnlyList<PersonJudged> People { get; init; } = [];      // unseen people, answered with early exits
    public required List<DeviceResult> Devices { get; init; }

    /// <summary>Bits in the SIMD registers in use.</summary>
    internal static int WidestVector => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;

    internal RunResult Main => Runs[0];

    private RunResult? Plain => Runs.Find(static r => r.Mode.EndsWith(TrainingMode.Float32, StringComparison.Ordinal));

    internal string? CodeText => Plain is not { } plain ? null : CodeTextOf(Code!, BytesPerUpdate, plain.BytesPerUpdate)
        + FormattableString.Invariant($"; accuracy {Main.Accuracy:0.000} against {plain.Accuracy:0.000}");

    internal static string CodeTextOf(string code, double bytes, double plain) => FormattableString.Invariant(
        $"{code}: {bytes:N0} bytes an update against {plain:N0} in float32, {plain / Math.Max(1, bytes):0.0} times fewer");

    private RunResult? Barrier => Runs.Find(static r => r.Mode == "barrier");

    internal static FleetResult Of(FleetOptions options, FleetRun main, List<JudgedRun> runs, ExitStudy exits, TimeSpan wall) => new()
    {
        Host = options.HostName,
        Data = main.Source.Description,
        Scenario = World.TextOf(main, options),
        Seed = options.Seed,
        Model = main.Source.ModelName,
        Judges = main.Source.Judges,
        Accuracy = exits.Accuracy,
        AccuracyFullNetwork = exits.FullAccuracy,
        Target = options.Goal,
        Code = main.Code?.ToString(),
        EarlyExitShare = exits.EarlyShare,
        MacsFraction = exits.MultiplyAddsFraction(main.Network),
        InferenceTimeFraction = Math.Round(exits.ExitTime / exits.FullTime, 3),
        TestRows = runs[0].Final.Rows,
        BestVersion = main.BestAt is null ? null : runs[0].Run.Chosen.Version,
        Doubts = [.. runs.SelectMany(r => r.Doubts)],
        UpdatesUnanswered = runs[0].Facts.Devices.Sum(d => d.UpdatesUnknown),
        LedgerAddsUp = runs.TrueForAll(r => r.CutOff.Rows.AddsUp),
        VirtualSeconds = runs[0].CutOff.At.TotalSeconds,
        WallSeconds = Math.Round(wall.TotalSeconds, 3),
        Events = runs[0].Run.Fleet.Calls(),
        Runs = runs.ConvertAll(RunResult.Of),
        People = exits.People,
        Devices = [.. runs[0].CutOff.Devices],
    };

    internal static int ExitCodeOf(FleetResult result) =>
        result is not { LedgerAddsUp: true, UpdatesLost: 0, BoundMissing: null } || result.Devices.Exists(d => d.Failure is not null)
            ? Simulated.ExitCode.Failed
            : result.Doubts.Count > 0 ? Simulated.ExitCode.Doubtful
            : Simulated.ExitCode.Done;

    internal static string? ErrorOf(FleetResult result)
    {
        if (ExitCodeOf(result) != Simulated.ExitCode.Failed) { return null; }
        List<string> reasons = [.. result.Devices.Where(static d => d.Failure is not null).Select(static d => $"{d.Name}: {d.Failure}")];
        if (!result.LedgerAddsUp) { reasons.Add("rows in are not the sum of rows windowed, dropped and held"); }
        if (result.UpdatesLost is > 0 and var lost)
        {
            reasons.Add(FormattableString.Invariant($"updates lost, or without an answer when the device ended: {lost}"));
        }

        if (result.BoundMissing is { } missing) { reasons.Add(missing); }
        return string.Join("; ", reasons);
    }

    internal FleetResult Closed() => this with { ExitCode = ExitCodeOf(this), Error = ErrorOf(this) };

    internal string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.FleetResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FleetResult))]
[JsonSerializable(typeof(FailedResult))]
internal sealed partial class ResultJson : JsonSerializerContext;

using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tool;

/// <summary>The result of the job, as <c>--json</c> writes it. Without a name of its own a key is of the main run: the asynchronous one,
/// unless only the barrier ran.</summary>
internal sealed record FleetResult
{
    /// <summary><c>simulation</c>, <c>dataflow</c> or <c>replay</c>.</summary>
    public required string Host { get; init; }

    /// <summary>The server that the fleet met at, as <c>nats://host:4222</c>: without user, password or anything else. Null: it met in
    /// the process.</summary>
    public string? Link { get; init; }

    /// <summary>What the program ended with.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why that is neither 0 nor 3; null if it is. Of a job that came to no result there is <see cref="FailedResult"/>.</summary>
    public string? Error { get; init; }

    /// <summary>Versions under which the model was registered at the NATS server where the fleet met, the last one last; empty: it was
    /// not.</summary>
    public ImmutableArray<long> Registered { get; init; } = [];

    /// <summary>A line on those; null: the fleet did not meet at a NATS server.</summary>
    internal string? RegisteredText { get; init; }

    /// <summary>A line on where the rows came from.</summary>
    public required string Data { get; init; }

    /// <summary>A line on the world.</summary>
    public required string Scenario { get; init; }

    /// <summary>The run that the keys are of: <c>async</c> or <c>barrier</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required long Seed { get; init; }

    /// <summary>What was learned: <c>conv</c>, <c>features</c> or <c>linear</c>.</summary>
    public string Model { get; init; } = "conv";

    /// <summary>What the devices are called that judged.</summary>
    internal string Judges { get; init; } = "people";

    /// <summary>Width of the SIMD registers in use, so that two runs of different width can be told apart.</summary>
    public int VectorBits { get; init; } = WidestVector;

    /// <summary>Accuracy of the last model in use, with early exits, on rows that no device learned from.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The same without early exits.</summary>
    public required double AccuracyFullNetwork { get; init; }

    /// <summary>Accuracy of the barrier's last model, full network; null if the barrier did not run.</summary>
    public required double? AccuracyBarrier { get; init; }

    /// <summary>Cohen's kappa of the full network's answers: accuracy beyond chance.</summary>
    public required double Kappa { get; init; }

    /// <summary>The accuracy whose time is measured.</summary>
    public required double Target { get; init; }

    /// <summary>Virtual time of the first of three consecutive judgments at the target; null if it was not reached.</summary>
    public required double? VirtualSecondsToTarget { get; init; }

    /// <summary>The same with the barrier.</summary>
    public required double? VirtualSecondsToTargetBarrier { get; init; }

    /// <summary>Share of rows that left before the last exit.</summary>
    public required double EarlyExitShare { get; init; }

    /// <summary>Multiply-adds executed over those of the full network.</summary>
    public required double MacsFraction { get; init; }

    /// <summary>Time of a row with exits over that of a row through the full network; measured, so it differs from run to run.</summary>
    public required double InferenceTimeFraction { get; init; }

    /// <summary>Labelled windows of the unseen that the model was judged by.</summary>
    public required long TestRows { get; init; }

    /// <summary>Accuracy of the devices on their own rows, each answered before it was learned from.</summary>
    public required double PrequentialAccuracy { get; init; }

    /// <summary>Hash of the last model in use: two runs agree when it does.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>The last version.</summary>
    public required long Versions { get; init; }

    /// <summary>What makes the result doubtful, of every run of the job; empty for nothing.</summary>
    public List<Doubt> Doubts { get; init; } = [];

    /// <summary>Messages that the devices sent to the aggregator, each counted once: the sum of <see cref="UpdatesApplied"/>,
    /// <see cref="UpdatesInOpenRound"/>, <see cref="UpdatesRefused"/>, <see cref="MessagesWithoutSteps"/>, <see cref="UpdatesLost"/>,
    /// <see cref="UpdatesUnknown"/> and <see cref="UpdatesUnderWay"/>.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Updates among them: messages of one training step or more.</summary>
    public long UpdatesSent { get; init; }

    /// <summary>Updates that went into versions.</summary>
    public required long UpdatesApplied { get; init; }

    /// <summary>Updates accepted for the version that had not been made yet.</summary>
    public long UpdatesInOpenRound { get; init; }

    /// <summary>Updates refused, by reason; those that only came again are not among them.</summary>
    public required SortedDictionary<string, long> UpdatesRefused { get; init; }

    /// <summary>Announcements and farewells, which bring no training step.</summary>
    public long MessagesWithoutSteps { get; init; }

    /// <summary>Updates that an aggregator accepted which was restarted before it used them.</summary>
    public long UpdatesLost { get; init; }

    /// <summary>Updates that never reached the aggregator, as far as it knows.</summary>
    public long UpdatesUnknown { get; init; }

    /// <summary>Updates that were on their way at the cut-off, and arrived later.</summary>
    public long UpdatesUnderWay { get; init; }

    /// <summary>Updates that came again after they had been taken; no part of <see cref="MessagesSent"/>.</summary>
    public long UpdatesRepeated { get; init; }

    /// <summary>Messages on the fleet's topics that could not be read; no part of <see cref="MessagesSent"/>.</summary>
    public long MessagesUnreadable { get; init; }

    /// <summary>True if each message has one of these columns, in every run of the job.</summary>
    public bool MessagesAddUp { get; init; } = true;

    /// <summary>Updates that had no answer when their device ended: some may be in a version all the same.</summary>
    public long UpdatesUnanswered { get; init; }

    /// <summary>Updates that a server may have lost, in all runs of the job: lost ones and unanswered ones. 0 without a server.</summary>
    internal long LostThroughServer { get; init; }

    /// <summary>Why the run was given up; null: it came to its end.</summary>
    internal string? GivenUp { get; init; }

    /// <summary>Half of the updates in versions were not more versions behind; null without an update.</summary>
    public long? StalenessP50 { get; init; }

    /// <summary>95 % of the updates in versions were not more versions behind; null without an update.</summary>
    public long? StalenessP95 { get; init; }

    /// <summary>Connections to the server that were lost, of all sessions.</summary>
    public int ConnectionLosses { get; init; }

    /// <summary>Rows that the sources made.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window, each counted once.</summary>
    public required long RowsWindowed { get; init; }

    /// <summary>Rows in open windows and on edges before them at the cut-off.</summary>
    public required long RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window, by reason; <c>stopped</c>: they were on their way between two blocks when
    /// their device was stopped, as in a run that is given up.</summary>
    public required SortedDictionary<string, long> RowsDropped { get; init; }

    /// <summary>Rows of the data that no source came to read before the run was given up; no part of <see cref="RowsIn"/>. 0 in the
    /// simulation and in a replay, which end by their time.</summary>
    public long RowsNotRead { get; init; }

    /// <summary>Rows drawn for training steps; one row is drawn many times.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>True if rows in = windowed + dropped + held, in every run of the job.</summary>
    public required bool LedgerAddsUp { get; init; }

    /// <summary>Bytes of updates published by the devices.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Virtual time of the cut-off: that of every number here; null in the dataflow host and in a replay, whose cut-off is their
    /// end.</summary>
    public required double? VirtualSeconds { get; init; }

    /// <summary>Real time that the job took, loading and judging included.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Events of the simulation, or calls of the dataflow host.</summary>
    public required long Events { get; init; }

    /// <summary>The runs of the job.</summary>
    public required List<RunResult> Runs { get; init; }

    /// <summary>With <c>--seeds</c>, each run over all seeds; null without.</summary>
    public List<SeedSpread>? Seeds { get; init; }

    /// <summary>How well each of the unseen people was answered, with early exits.</summary>
    public IReadOnlyList<PersonJudged> People { get; init; } = [];

    /// <summary>The devices, in fleet order.</summary>
    public required List<DeviceResult> Devices { get; init; }

    /// <summary>Width of the SIMD registers in use.</summary>
    internal static int WidestVector => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;

    /// <summary>The row counts as a ledger.</summary>
    internal RowLedger Ledger => new(RowsIn, RowsWindowed, RowsDropped, RowsHeld, RowsTrained) { NotRead = RowsNotRead };

    /// <summary>The main run.</summary>
    internal RunResult Main => Runs[0];

    internal string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.FleetResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FleetResult))]
internal sealed partial class ResultJson : JsonSerializerContext;

using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Learning;

namespace Quickstart;

/// <summary>The result of the job, as <c>--json</c> writes it. Without a name of its own a key is of the main run: the asynchronous one,
/// unless only the barrier ran.</summary>
internal sealed record FleetResult
{
    /// <summary><c>simulation</c>, <c>dataflow</c> or <c>replay</c>.</summary>
    public required string Host { get; init; }

    /// <summary>A line on where the rows came from.</summary>
    public required string Data { get; init; }

    /// <summary>A line on the world.</summary>
    public required string Scenario { get; init; }

    /// <summary>The run that the keys are of: <c>async</c> or <c>barrier</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required long Seed { get; init; }

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

    /// <summary>The same behind the barrier.</summary>
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

    /// <summary>Updates that the devices sent, each counted once.</summary>
    public long UpdatesSent { get; init; }

    /// <summary>Updates that went into versions.</summary>
    public required long UpdatesApplied { get; init; }

    /// <summary>Updates that were lost, in all runs of the job: those without an answer, and those accepted by an aggregator that was
    /// restarted before their round ended. 0 without a server.</summary>
    public long UpdatesLost { get; init; }

    /// <summary>Updates without an answer when their device ended.</summary>
    public long UpdatesUnknown { get; init; }

    /// <summary>Updates refused, by reason; those that only came again are not among them.</summary>
    public required SortedDictionary<string, long> UpdatesRefused { get; init; }

    /// <summary>Updates that came again after they had been taken.</summary>
    public long UpdatesRepeated { get; init; }

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

    /// <summary>Rows in open windows and on edges before them when the run ended.</summary>
    public required long RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window, by reason.</summary>
    public required SortedDictionary<string, long> RowsDropped { get; init; }

    /// <summary>Rows drawn for training steps; one row is drawn many times.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>True if rows in = windowed + dropped + held, in every run of the job.</summary>
    public required bool LedgerAddsUp { get; init; }

    /// <summary>Bytes of updates published by the devices.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Virtual time that the run took; null in the dataflow host and in a replay.</summary>
    public required double? VirtualSeconds { get; init; }

    /// <summary>Real time that the job took, loading and judging included.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Events of the simulation, or calls of the dataflow host.</summary>
    public required long Events { get; init; }

    /// <summary>The runs of the job.</summary>
    public required List<RunResult> Runs { get; init; }

    /// <summary>The devices, in fleet order.</summary>
    public required List<DeviceResult> Devices { get; init; }

    /// <summary>Width of the SIMD registers in use.</summary>
    internal static int WidestVector => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;

    /// <summary>The row counts as a ledger.</summary>
    internal RowLedger Ledger => new(RowsIn, RowsWindowed, RowsDropped, RowsHeld, RowsTrained);

    internal static FleetResult Of(QuickstartOptions options, FleetRun main, List<JudgedRun> runs, ExitStudy exits, TimeSpan wall)
    {
        var (first, fleet) = (runs[0], runs[0].Run.Fleet);
        var barrier = runs.Find(r => r.Mode == "barrier");
        var evaluations = fleet.Members.Select(m => fleet.Watch.Of(m.Name)).OfType<Evaluation>().ToList();
        var (devices, facts) = (fleet.Members.Select(m => DeviceResult.Of(m, fleet)).ToList(), first.Facts);
        return new()
        {
            Host = options.HostName,
            Data = main.Source.Description,
            Scenario = main.Scenario.Description,
            Mode = first.Mode,
            Seed = options.Seed,
            Accuracy = exits.Accuracy,
            AccuracyFullNetwork = exits.FullAccuracy,
            AccuracyBarrier = barrier?.Final.Accuracy,
            Kappa = first.Final.Kappa,
            Target = options.Target,
            VirtualSecondsToTarget = options.IsVirtual ? first.ToTarget?.TotalSeconds : null,
            VirtualSecondsToTargetBarrier = options.IsVirtual ? barrier?.ToTarget?.TotalSeconds : null,
            EarlyExitShare = exits.EarlyShare,
            MacsFraction = exits.MultiplyAddsFraction(main.Network),
            InferenceTimeFraction = Math.Round(exits.ExitTime / exits.FullTime, 3),
            TestRows = first.Final.Rows,
            PrequentialAccuracy = evaluations.Sum(e => (double)e.Correct) / Math.Max(1, evaluations.Sum(e => e.Rows)),
            WeightsSha256 = first.Run.Last.Sha256(),
            Versions = first.Run.Last.Version,
            Doubts = [.. runs.SelectMany(r => r.Doubts)],
            UpdatesSent = facts.Devices.Sum(d => d.UpdatesSent),
            UpdatesApplied = facts.UpdatesApplied,
            UpdatesLost = runs.Sum(r => r.Run.Fleet.UpdatesLost),
            UpdatesUnknown = facts.Devices.Sum(d => d.UpdatesUnknown),
            UpdatesRefused = facts.UpdatesRefused,
            UpdatesRepeated = facts.UpdatesRepeated,
            StalenessP50 = facts.StalenessP50,
            StalenessP95 = facts.StalenessP95,
            ConnectionLosses = fleet.Connections.Losses,
            RowsIn = first.Ledger.In,
            RowsWindowed = first.Ledger.Windowed,
            RowsHeld = first.Ledger.Held,
            RowsDropped = first.Ledger.Dropped,
            RowsTrained = first.Ledger.Trained,
            LedgerAddsUp = runs.TrueForAll(r => r.Ledger.AddsUp),
            BytesUp = devices.Sum(d => d.BytesUp),
            VirtualSeconds = options.IsVirtual ? first.Judgments[^1].At.TotalSeconds : null,
            WallSeconds = Math.Round(wall.TotalSeconds, 3),
            Events = fleet.Calls(),
            Runs = runs.ConvertAll(r => RunResult.Of(r, options.IsVirtual)),
            Devices = devices,
        };
    }

    internal string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.FleetResult);
}

/// <summary>One run of the result.</summary>
internal sealed record RunResult
{
    /// <summary><c>async</c> or <c>barrier</c>, with <c>-1x</c> where the recordings play at their own speed.</summary>
    public required string Mode { get; init; }

    /// <summary>Accuracy of its last model in use, full network.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Virtual time to the target; null if it was not reached, or time is real.</summary>
    public required double? VirtualSecondsToTarget { get; init; }

    /// <summary>The last version.</summary>
    public required long Versions { get; init; }

    /// <summary>Rows drawn for training steps.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Half of the updates in versions were not more versions behind; null without an update.</summary>
    public long? StalenessP50 { get; init; }

    /// <summary>95 % of the updates in versions were not more versions behind; null without an update.</summary>
    public long? StalenessP95 { get; init; }

    /// <summary>Hash of its last model in use.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Real time that it took.</summary>
    public required double WallSeconds { get; init; }

    internal static RunResult Of(JudgedRun run, bool isVirtual) => new()
    {
        Mode = run.Mode,
        Accuracy = run.Final.Accuracy,
        VirtualSecondsToTarget = isVirtual ? run.ToTarget?.TotalSeconds : null,
        Versions = run.Run.Last.Version,
        RowsTrained = run.Ledger.Trained,
        StalenessP50 = run.Facts.StalenessP50,
        StalenessP95 = run.Facts.StalenessP95,
        WeightsSha256 = run.Run.Last.Sha256(),
        WallSeconds = Math.Round(run.Run.Wall.TotalSeconds, 3),
    };
}

/// <summary>One device of the result.</summary>
internal sealed record DeviceResult
{
    /// <summary>The device.</summary>
    public required string Name { get; init; }

    /// <summary>Share of the scenario's rate.</summary>
    public required double Speed { get; init; }

    /// <summary>Rows that its source made.</summary>
    public required long Rows { get; init; }

    /// <summary>Windows that it cut.</summary>
    public required long Windows { get; init; }

    /// <summary>Rows drawn for training steps; one row is drawn many times.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Updates that it published.</summary>
    public required long Updates { get; init; }

    /// <summary>Accuracy on its own rows, each answered before it was learned from.</summary>
    public required double PrequentialAccuracy { get; init; }

    /// <summary>Bytes of updates published by the devices.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Time in calls: virtual in the simulation, measured in the dataflow host.</summary>
    public required double BusySeconds { get; init; }

    /// <summary>Time for which it had no credit for a further update: apart from computing and transfer.</summary>
    public double CreditWaitSeconds { get; init; }

    /// <summary>Updates of it that were answered.</summary>
    public long UpdatesAnswered { get; init; }

    /// <summary>Connections to the server that it lost, of all of its sessions.</summary>
    public int ConnectionLosses { get; init; }

    /// <summary>Virtual time at which its last block ended; null outside the simulation.</summary>
    public required double? EndedAtVirtualSeconds { get; init; }

    /// <summary><c>learning</c>, <c>slow</c>, <c>crashed</c>, <c>rejoined</c>, <c>done</c>, <c>failed</c>, or why its rows are refused.</summary>
    public required string State { get; init; }

    /// <summary>Why it stopped before its end; null if it did not.</summary>
    public required string? Failure { get; init; }

    internal static DeviceResult Of(FleetMember member, RunningFleet fleet) => new()
    {
        Name = member.Name,
        Speed = Math.Round(member.Speed, 4),
        Rows = member.RowsMade,
        Windows = member.Windows,
        RowsTrained = member.Total("rows-trained"),
        Updates = member.Updates,
        PrequentialAccuracy = Math.Round(fleet.Watch.Of(member.Name)?.Accuracy ?? 0, 4),
        BytesUp = member.BytesUp,
        BusySeconds = Math.Round(member.Busy.TotalSeconds, 3),
        CreditWaitSeconds = Math.Round(member.Waited.TotalSeconds, 3),
        UpdatesAnswered = member.Total("updates-answered"),
        ConnectionLosses = fleet.Connections.LossesOf(member.Name),
        EndedAtVirtualSeconds = member.EndedAt()?.TotalSeconds,
        State = member.State(),
        Failure = member.Failure(),
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FleetResult))]
internal sealed partial class ResultJson : JsonSerializerContext;

using System.Globalization;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Prints a status line each second and writes the status file. <paramref name="ends"/>: tasks that complete when a device's rows
/// end.</summary>
internal sealed partial class SensorWatch(
    SensorConfig config, IReadOnlyList<SensorOptions> devices, IReadOnlyList<PipelineRun> runs, IReadOnlyList<EdgeLink> links,
    IReadOnlyList<Task> ends, OwnScore score, DeviceComparison? comparison, ModelWatch model, DateTimeOffset started, TextWriter error)
{
    private const string Train = "train";

    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(0.5);       // timers are not exact to the millisecond

    private static readonly string[] LabelCounters =
        ["labels-unknown-class", "labels-empty-span", "labels-forgotten", "label-again"];

    private const int MinWindows = 40;

    /// <summary>Time within which a running aggregator answers.</summary>
    private static readonly TimeSpan EdgePatience = TimeSpan.FromSeconds(20);

    /// <summary>Rows that the next start restores.</summary>
    private const string Saved = "saved";

    private const long LargeUpdate = 128 << 10;

    /// <summary>Reason for duplicates; dropping them is safe.</summary>
    private const string Copies = "duplicate";

    private const string Retained = "retained";

    private readonly LinkWatch _link = new(
        comparison is null || config.Learns ? [.. links.SelectMany(static l => l.Transports)] : [comparison.Transport], config.Link.Url,
        config.Learns ? FleetTrial.BytesOf(devices[0].Model) : 0, text => error.WriteLine($"streamlearn-sensor: {text}"),
        config.Learns ? AdviceOf(config, FleetTrial.BytesOf(devices[0].Model)) : null);
    private readonly RowWatch _rows = new(config.Source, [.. runs.Select(static r => r.Metrics.Pipeline)],
        i => SensorPipeline.RowsMeasured(runs[i].Metrics), i => ends[i].IsCompleted,
        text => error.WriteLine($"streamlearn-sensor: {text}"), TimeProvider.System);
    private readonly WindowWatch _windows = new(config, runs, text => error.WriteLine($"streamlearn-sensor: {text}"));
    private readonly RefusalWatch _refusals = new(config, model,
        [.. (config.Learns ? runs : []).Select(static r => (r.Metrics.Pipeline,
            RefusalWatch.Since(r.Metrics[Train].Counters, r.Metrics[Train].Counter)))],
        text => error.WriteLine($"streamlearn-sensor: {text}"));
    private readonly List<(string Device, Func<string, long> Count)> _drops = [.. (config.Learns ? runs : []).Select(static r =>
        (r.Metrics.Pipeline, RefusalWatch.Since(r.Metrics[Train].Drops, reason => r.Metrics[Train].Drops.GetValueOrDefault(reason))))];
    private readonly SaveWatch _saving = new(text => error.WriteLine($"streamlearn-sensor: {text}"));
    private readonly List<PlaceWatch> _places = [.. devices
        .SelectMany(static d => (d.Answering?.Transports ?? []).Append(d.Anomalies?.Target?.Transport).OfType<ITransport>())
        .GroupBy(static t => t.Name).Select(t => new PlaceWatch([.. t], text => error.WriteLine($"streamlearn-sensor: {text}")))];
    private readonly LeftOutWatch _leftOut = new(text => error.WriteLine($"streamlearn-sensor: {text}"));
    private readonly HashSet<string> _said = [];
    private AnswerWatch? _answerWatch;
    private bool _diskFailed;
    private bool _saidNoEdge;
    private bool _saysEnded;
    private long? _statusAt;

    private AnswerWatch Answers => _answerWatch ??= new(Say, WhereToLook, TimeProvider.System);

    /// <summary>Returns advice on updates too large for an unstable link; null if they are small or sent in pieces.</summary>
    private static string? AdviceOf(SensorConfig config, long bytes) =>
        config.Exchange.PieceBytes is not null || bytes < LargeUpdate ? null : FormattableString.Invariant(
            $"an update has {bytes / 1024:N0} KiB and is sent again from its start after each lost connection; 'piece: 64KiB' under ")
                + "exchange sends it in pieces";

    /// <summary>Returns the status line; also updates the status file and warns once for each problem.</summary>
    internal string Line()
    {
        SayThatTheThresholdIsAGuess();
        if (HasLink) { _link.Look(); }
        comparison?.Look(runs.Any(static r => r.Metrics["share-moments"].ItemsOut > 0));
        _places.ForEach(static p => p.Look());
        _rows.Look();
        SayWhatIsNotSaved();
        if (!config.Learns)
        {
            SayWhatIsLeftOut();
            WriteStatus("running");
            return string.Create(
                CultureInfo.InvariantCulture, $"devices={runs.Count} ended={Ended} rows={Rows}{Anomalies}");
        }

        _windows.Look();
        _refusals.Look();
        LookForAnswers();
        SayOldVersions();
        SayImplausibleVersions();
        SayWhatIsNotLearned();
        SayThatLearningEnded();
        LookForAnswersOfSplits();
        LookForEdge();
        SayBounds();
        WriteStatus("running");
        return string.Create(CultureInfo.InvariantCulture,
            $"devices={runs.Count} ended={Ended} rows={Rows} windows={Windows} updates={Counter("updates-sent")} "
                + $"trained={Counter("rows-trained")}")
            + (score.Accuracy is { } accuracy ? string.Create(CultureInfo.InvariantCulture, $" accuracy={accuracy:0.000}") : "")
            + (score.MeanAbsoluteError is { } error ? string.Create(CultureInfo.InvariantCulture, $" error={error:G4}") : "")
            + (config.Anomalies is null ? "" : Anomalies)
            + SignificanceShown.Text(Kept)
            + (config.Columns.Label?.Later is null ? "" : string.Create(CultureInfo.InvariantCulture, $" waiting={Waiting}"))
            + (HeldUp is var (device, block) ? $"; {device} {HoldUpText.Of(block)}" : "");
    }

    /// <summary><paramref name="wasAsked"/>: true if stopped on request, so answers may be in flight.</summary>
    internal int ExitOf(int exit, bool wasAsked)
    {
        SayThatTheThresholdIsAGuess();
        if (HasEnded && comparison?.WhyNone is { } silence) { Say(silence); }
        if (!config.Learns)
        {
            WriteStatus(HasEnded ? "ended" : "stopped");
            if (exit == ProgramExit.Done && HasEnded && AnomaliesShown.WhyNone(runs, config.Anomalies!) is { } why) { Say(why); }
            return exit == ProgramExit.Done && _diskFailed ? ProgramExit.DiskFailed : exit;
        }

        _refusals.Look();
        SayThatLearningEnded();
        foreach (var caveat in score.Caveats(config.Columns.Label?.Classes ?? [], config.Window.Samples)) { Say(caveat); }
        LookForAnswersOfSplits();
        SayBounds();
        WriteStatus(HasEnded ? "ended" : "stopped");
        var (sent, answered) = (Counter("updates-sent"), Counter("updates-answered"));
        if (sent > 0 && answered == 0)
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"no answer: {sent} updates unanswered; {WhereToLook()}"));
            if (exit == ProgramExit.Done && !wasAsked) { return ProgramExit.NobodyAnswered; }
        }

        if (RefusedUpdates.TextOf(answered, Counters) is { } refused)
        {
            Say(refused);
            if (exit == ProgramExit.Done && !wasAsked) { return ProgramExit.NobodyAnswered; }
        }

        return exit == ProgramExit.Done && _diskFailed ? ProgramExit.DiskFailed : exit;
    }

    /// <summary>True if a fleet link is open. Devices that only detect anomalies open none.</summary>
    private bool HasLink => config.Learns || comparison is not null;

    private string Anomalies => AnomaliesShown.Text(runs) + comparison?.Text();

    internal bool HasEnded => Ended == runs.Count;

    private int Ended => ends.Count(static e => e.IsCompleted);

    private long Rows => runs.Sum(static r => SensorPipeline.RowsMeasured(r.Metrics));

    /// <summary>The device and block that were blocked longest; null if none was blocked for long.</summary>
    private (string Device, HoldUp Block)? HeldUp => runs
        .Select(r => (r.Metrics.Pipeline, HoldUpText.Worst(r.Metrics.HoldUps, TimeProvider.System.GetUtcNow() - started)))
        .Where(static h => h.Item2 is not null).OrderByDescending(static h => h.Item2!.Value.Time)
        .Select(static h => ((string, HoldUp)?)(h.Pipeline, h.Item2!.Value)).FirstOrDefault();

    private long Windows => Sum("window", static b => b.ItemsOut);

    /// <summary>Rows that are in no window, except rows that a checkpoint keeps.</summary>
    private List<(string Reason, long Count)> LeftOut => BeforeWindows(static b => b.RowsDropped);

    /// <summary>Messages without any row, by reason.</summary>
    private List<(string Reason, long Count)> Unusable => BeforeWindows(b =>
        config.Source.LeavesOthersAside(b.Block) ? [] : b.Drops.Where(d => !b.RowsDropped.ContainsKey(d.Key)));

    private long Unlabelled => Sum(Train, static b => b.RowsDropped.GetValueOrDefault("unlabelled"))
        / (Preparation.TakesRows(config.Model.Kind) ? config.Window.Samples : 1);        // a window of features is one row

    /// <summary>Windows that were neither learned from nor answered, by reason.</summary>
    private List<(string Reason, long Count)> WindowsLeftOut =>
        [.. runs.SelectMany(static r => r.Metrics.Blocks)
            .Where(static b => b.Block is "windows" or "in time" or "hold-for-labels" or "answer" or "infer")
            .SelectMany(static b => b.Drops)
            .GroupBy(static d => d.Key, StringComparer.Ordinal)
            .Where(static g => g.Key != "saved").OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => ($"windows_left_out_{g.Key}", g.Sum(static d => d.Value)))];

    private long Waiting => runs.Sum(WaitingIn);

    internal static long WaitingIn(PipelineRun? run) =>
        (long)(run?.Metrics["hold-for-labels"].Gauges.GetValueOrDefault("windows-held") ?? 0);

    private List<BlockMetrics> Kept => devices[0] is { Significant: null, Code: null } ? []
        : [.. runs.Select(r => r.Metrics[devices[0].Code is null ? "keep-significant" : "code-updates"])];

    private IEnumerable<KeyValuePair<string, long>> Counters => runs.SelectMany(static r => r.Metrics[Train].Counters);

    private long Counter(string counter) => Sum(Train, b => b.Counter(counter));

    private long Sum(string block, Func<BlockMetrics, long> count) => runs.Sum(r => count(r.Metrics[block]));

    private List<(string Reason, long Count)> BeforeWindows(Func<BlockMetrics, IEnumerable<KeyValuePair<string, long>>> dropped) =>
    [
        .. runs.SelectMany(r => BeforeWindowsOf(r)
                .SelectMany(b => dropped(b).Select(d => (Reason: d.Key, Count: d.Value, IsOfAll: config.Source.ReadsForAll(b.Block)))))
            .Where(static d => d.Reason != Saved)
            .GroupBy(static d => d.Reason, StringComparer.Ordinal)
            .OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => (g.Key, g.Where(static d => !d.IsOfAll).Sum(static d => d.Count)
                + g.Where(static d => d.IsOfAll).Select(static d => d.Count).DefaultIfEmpty().Max())),
    ];

    private static IEnumerable<BlockMetrics> BeforeWindowsOf(PipelineRun run) =>
        run.Metrics.Blocks.TakeWhile(static b => b.Block is not ("window" or "detect-anomalies"));

    private void Say(string text) => error.WriteLine($"streamlearn-sensor: {text}");

    private void SayOnce(string what, Func<string> text)
    {
        if (_said.Add(what)) { Say(text()); }
    }

    private void SayWhatIsNotSaved()
    {
        var (device, failure) = runs.Select(static r => (r.Metrics.Pipeline, r.CheckpointFailure))
            .FirstOrDefault(static r => r.CheckpointFailure is not null);
        _saving.Look($"{device} cannot be saved; its updates are held back", failure);
    }

    /// <summary>A full disk holds back updates, so they are not sent.</summary>
    private void LookForAnswers()
    {
        if (runs.Any(static r => r.CheckpointFailure is not null)) { return; }
        var answered = Counter("updates-answered");
        Answers.Look(Math.Max(0, Counter("updates-sent") - Counter("updates-unknown") - answered), answered);
    }

    private void SayBounds()
    {
        if (config.Answers?.Bound is not { } bound) { return; }
        foreach (var (counter, text) in BoundFaults(bound, runs.Select(static r => r.Metrics))) { SayOnce(counter, () => text); }
    }

    /// <summary>Bounds that do not hold as they are in the file, or say nothing.</summary>
    internal static IEnumerable<(string Counter, string Text)> BoundFaults(AnswerBound bound, IEnumerable<RunMetrics> runs)
    {
        (string Counter, string Text)[] faults =
        [
            ("bound-alarms", FormattableString.Invariant($"labels are outside the bound more often than the {1 - bound.Coverage:P0} ")
                + "promised: its windows are unlike those that 'fit --bound' measured; labels widen the bound"),
            ("unbounded", "answers without a bound: so many labels were outside that no bound is wide enough"),
        ];
        return from fault in faults
               let run = runs.FirstOrDefault(r => r["answer"].Counter(fault.Counter) > 0)
               where run is not null
               select (fault.Counter, $"{run.Pipeline}: {fault.Text}");
    }

    private void LookForEdge()
    {
        if (_saidNoEdge || config.Answers?.Across is null || TimeProvider.System.GetUtcNow() - started < EdgePatience) { return; }
        if (runs.Any(static r => r.Metrics["infer-across"].Counter("edge-there") > 0)) { return; }
        _saidNoEdge = true;
        Say("the aggregator answers no windows, so devices answer by themselves: expected 'answers: "
            + $"{(config.Exchange.HasBytes ? "int8" : "float32")}' under 'aggregate' in its file");
    }

    /// <summary>Checks the answers in split training. With late labels, devices answer before they learn, using all layers.</summary>
    private void LookForAnswersOfSplits()
    {
        if (config.Learn.Split is null || config.Columns.Label?.Later is not null) { return; }
        SplitShown.Look(score, ((Network)devices[0].Model).Layers.Length,
            runs.Select(static r => (r.Metrics.Pipeline, r.Metrics[Train].Gauges)));
    }

    private void SayOldVersions()
    {
        if (_drops.Find(static d => d.Count("old-epoch") > 0) is not { Device: { } device }) { return; }
        SayOnce("old versions", () => $"{device} follows the aggregator that started later, and ignores the earlier one until the later "
            + "one is silent for half a minute. Is more than one aggregator running?");
    }

    private void SayImplausibleVersions()
    {
        if (_drops.Find(static d => d.Count("implausible-epoch") > 0) is not { Device: { } device }) { return; }
        SayOnce("implausible versions", () => $"{device} ignores an aggregator whose start time is more than a day ahead of this "
            + "machine's clock. Set both clocks; if they are right, somebody else publishes as the aggregator");
    }

    private void SayWhatIsNotLearned()
    {
        SayWhatIsLeftOut();
        foreach (var (reason, count) in WindowsLeftOut.Where(static w => !w.Reason.EndsWith("no-version", StringComparison.Ordinal)))
        {
            if (reason.EndsWith("_not-held", StringComparison.Ordinal))
            {
                SayOnce(reason, static () => "windows that wait for labels are lost, because the disk is full or fails");
            }

            if (count < MinWindows || count * 2 < Windows) { continue; }
            SayOnce(reason, () => string.Create(CultureInfo.InvariantCulture,
                $"at least half of the windows are dropped as '{reason[(reason.LastIndexOf('_') + 1)..]}', {count} so far; ")
                + (reason.EndsWith("window-time", StringComparison.Ordinal) ? "do rows arrive at the rate in the file?"
                    : "status counts them"));
        }

        var (windows, unlabelled) = (Windows, Unlabelled);
        if (windows < MinWindows || unlabelled * 2 < windows) { return; }
        SayOnce("unlabelled", () => string.Create(CultureInfo.InvariantCulture,
            $"{unlabelled} of {windows} windows have rows without a label or with different labels, and are not used for training; ")
            + "shorter windows help");
    }

    private void SayWhatIsLeftOut()
    {
        if (Unusable.Find(static u => u.Reason == Retained) is { Count: > 0 and var retained })
        {
            SayOnce(Retained, () => ServerConfig.LeftOut(retained));
        }

        if (Unusable.FindAll(static u => u.Reason is not (Copies or Retained)) is [var first, ..])
        {
            var why = WhyUnread is { } fault ? $" ({fault})" : "";
            SayOnce("unusable", () => string.Create(CultureInfo.InvariantCulture,
                $"messages that could not be read as rows, reason '{first.Reason}'{why}: {first.Count} so far; status shows the count"));
        }

        _leftOut.Look(runs.Select(RowsOf));
    }

    private (string Device, long Rows, Dictionary<string, long> LeftOut) RowsOf(PipelineRun run)
    {
        var own = BeforeWindowsOf(run).Where(b => !config.Source.ReadsForAll(b.Block)).ToList();
        var leftOut = own.SelectMany(static b => b.RowsDropped).Where(static d => d.Key != Saved)
            .GroupBy(static d => d.Key, static d => d.Value).ToDictionary(static g => g.Key, static g => g.Sum());
        var before = own.TakeWhile(static b => b.Block != "check-quality")
            .Sum(static b => b.RowsDropped.Where(static d => d.Key != Saved).Sum(static d => d.Value));
        return (run.Metrics.Pipeline, SensorPipeline.RowsMeasured(run.Metrics) + before, leftOut);
    }

    private void SayThatTheThresholdIsAGuess()
    {
        if (config.Anomalies?.Caveat is { } caveat) { SayOnce("guess", () => caveat); }
    }

    private void SayThatLearningEnded()
    {
        if (HasLearningEnded == _saysEnded) { return; }
        _saysEnded = !_saysEnded;
        Say(_saysEnded
            ? "the aggregator's strategy has ended learning: no more updates are sent, and the last version stays in use"
            : "learning continues: the aggregator has another strategy");
    }

    private bool HasLearningEnded => runs.Any(static r => r.Metrics[Train].Gauges.GetValueOrDefault("learning-ended") > 0);

    private string? WhyUnread => devices.Select(static d => d.WhyUnread?.Invoke()).FirstOrDefault(static w => w is not null);

    private string WhereToLook() => _link.IsConnected
        ? $"is an aggregator of fleet '{config.Link.Fleet}' running at {EdgeServer.NameOf(config.Link.Url)}"
            + (config.Learn.Split is null ? "?" : ", with aggregate.split and the same boundary in its file?")
        : $"{EdgeServer.NameOf(config.Link.Url)} is not connected";
}

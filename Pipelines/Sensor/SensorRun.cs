using System.CommandLine;
using System.Globalization;
using StreamLearn.Fleets;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>What a command line asks of a run. <paramref name="Start"/>: for a recording.</summary>
internal sealed record SensorRunOptions(RecordedStart Start, double Slowdown, TimeSpan? Time, TimeSpan? Drain, FileInfo? Ledger);

internal sealed class SensorRun : IAsyncDisposable
{
    private const string Program = "sensor";

    private static readonly KeepSignificantOptions AllChanges = new() { Threshold = SignificanceThreshold.Constant(0) };
    private static readonly CodeUpdatesOptions AllValues = new() { Code = TensorCode.TopK(1) };

    private readonly SensorConfig _config;
    private readonly SensorRunOptions _asked;
    private readonly DateTimeOffset _started;
    private readonly RunRecorder? _recorder;
    private readonly FoundDevices? _found;
    private readonly List<SensorOptions> _devices;
    private readonly StateFolder _state;
    private readonly DrainMark _mark;
    private readonly LedgerFile? _ledger;
    private readonly DeviceComparison? _comparison;
    private readonly OwnScore _score = new();
    private readonly LabelRefusals _refusals = new(SensorCommands.Say);
    private readonly ModelWatch _model = new(SensorCommands.Say);
    private readonly List<IAsyncDisposable> _opened = [];
    private readonly List<EdgeLink> _links = [];
    private readonly List<PipelineRun> _runs = [];
    private readonly List<Task> _ends = [];
    private SensorWatch? _watch;

    private SensorRun(SensorConfig config, SensorRunOptions asked, DateTimeOffset started, RunRecorder? recorder)
    {
        (_asked, _started, _recorder) = (asked, started, recorder);
        if (config.Source is ServerConfig { AtMost: not null } source)
        {
            _found = FoundDevices.Open(source, config.Link.State, SensorCommands.Say);
            _opened.Add(_found);
            config = config with { Source = source with { Devices = _found.Names } };
        }

        _config = config;
        _devices = DevicesOf(config);
        _state = config.Link.OpenState(config.SaveEvery);
        _ledger = LedgerFile.Open(asked.Ledger);
        _mark = new(_state);
        _comparison = DeviceComparison.Start(config, SensorCommands.Say);
        if (_comparison is not null) { _opened.Add(_comparison); }
    }

    /// <summary>Null: it has finished the last run's drain, and the next one is to start.</summary>
    internal static async Task<int?> RunAsync(SensorConfig config, SensorRunOptions asked)
    {
        StatusFile.Prepare(config.Link.State);
        using var hold = StateHold.Take(config.Link.State);
        using var ending = new Ending();
        ending.EndAfter(asked.Time);
        var started = TimeProvider.System.GetUtcNow();
        using var recorder = config.Record is not { } record ? null
            : Recording.Open(record, asked.Start with { Epoch = started.ToUnixTimeMilliseconds() }, SensorCommands.Say);
        var run = new SensorRun(config, asked, started, recorder);
        await using var _ = run.ConfigureAwait(false);
        return await run.RunAsync(ending).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await new DisposableGroup(_runs).DisposeAsync().ConfigureAwait(false);
        await new DisposableGroup([.. _links, .. _opened]).DisposeAsync().ConfigureAwait(false);
    }

    private async Task<int?> RunAsync(Ending ending)
    {
        var left = _devices.FindAll(d => _mark.IsSet(d.Name));
        if (left.Count > 0)
        {
            left.ForEach(Begin);
            return await ending.FinishAsync(_runs, _asked.Drain, _mark).ConfigureAwait(false);
        }

        _devices.ForEach(Begin);
        if (_devices.Count > 0) { Watch(); }
        foreach (var line in SensorCommands.Lines(_devices.Count, _config)) { Console.Out.WriteLine(line); }
        var exit = await ending.WaitAsync(_runs, () => _watch?.Line() ?? $"no device has appeared{_found?.RetainedText}", _asked.Drain,
            _mark, _found is null ? null : NextAsync).ConfigureAwait(false);
        if (_watch is null)
        {
            SensorCommands.Say($"no device has published on {((ServerConfig)_config.Source).Topic}");
            return exit == ProgramExit.Done ? ProgramExit.DataRefused : exit;
        }

        if (_comparison is not null && _watch.HasEnded && await _comparison.SettleAsync().ConfigureAwait(false))
        {
            Console.Out.WriteLine(_watch.Line());
        }

        exit = _watch.ExitOf(exit, ending.IsAsked);
        if (_asked.Time is null || exit != ProgramExit.Done || _watch.HasEnded
            || await RefusalAsync().ConfigureAwait(false) is not { } refusal)
        {
            return exit;
        }

        SensorCommands.Say(refusal.Text);
        return refusal.ExitCode;
    }

    private async Task<ServerRefusal?> RefusalAsync() =>
        await ServerCheck.RefusesAsync(_links.SelectMany(static l => l.Transports), _config.Link.Url, _config.Link.Login)
            .ConfigureAwait(false)
        ?? (_config.Source is not ServerConfig source ? null
            : await ServerCheck.RefusesAsync(_opened.OfType<ITransport>(), source.Url, source.Login).ConfigureAwait(false));

    private void Begin(SensorOptions device)
    {
        var transport = _config.Link.Open($"sl-{_config.Link.Fleet}-{device.Name}");
        _links.Add(EdgeLink.Over(_config.Link.Play(transport, device.Name, _links.Count)));
        var rowsEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PipelineRun? own = null;
        var recorder = _state.Has(device.Name) ? null : _recorder;
        if (_recorder is not null && recorder is null)
        {
            SensorCommands.Say($"{device.Name} is not recorded: it goes on from a checkpoint");
        }

        var options = device with
        {
            Ledger = _ledger,
            OnRowsEnded = () => rowsEnded.TrySetResult(),
            OnEvaluation = _score.Add,
            HeldUp = recorder is null ? () => Volatile.Read(ref own)?.Metrics.HoldUps ?? [] : null,     // it is measured
            News = recorder is not null ? device.News : device.News! with
            {
                Waiting = device.Labels is null ? null : () => SensorWatch.WaitingIn(Volatile.Read(ref own)),
                Where = device.Across is null ? null : () => AcrossShown.Of(Volatile.Read(ref own)?.Metrics, device),
            },
            Labels = device.Labels is { } later ? later with { OnRefused = _refusals.Add, OnGone = _refusals.AddGone } : null,
            // the key was removed: held changes are sent with the next update
            Significant = device.Significant ?? (_state.HasBlock(device.Name, "keep-significant") ? AllChanges : null),
            Code = device.Code ?? (_state.HasBlock(device.Name, "code-updates") ? AllValues : null),
            Check = _model.Of(device, _config.Model),
        };
        var pipeline = SensorPipeline.Create(options, _links[^1]);
        var folder = _state.Of(device.Name);
        own = _state.Start(pipeline, new() { Slowdown = _asked.Slowdown, Recorder = recorder },
            anew: [.. SensorPipeline.BlocksOfOtherSettings(options, pipeline), .. ForgetAggregator.Blocks(folder)],
            problem: () => _model.Saved);
        _runs.Add(own);
        _ends.Add(rowsEnded.Task);
        _ = ForgetAggregator.EndAsync(own, folder);
        _ = DrainAfterAsync(rowsEnded.Task, own);
    }

    /// <summary>A new device restarts the watch for all, which may repeat warnings.</summary>
    private void Watch() => _watch = new(
        _config, [.. _devices], [.. _runs], [.. _links], [.. _ends], _score, _comparison, _model, _started, Console.Error);

    private async Task<PipelineRun> NextAsync(CancellationToken cancellationToken)
    {
        var name = await _found!.NextAsync(cancellationToken).ConfigureAwait(false);
        _devices.AddRange(DevicesOf(_config with { Source = (ServerConfig)_config.Source with { Devices = [name] } }));
        Begin(_devices[^1]);
        Watch();
        Console.Out.WriteLine($"found {name}");
        return _runs[^1];
    }

    private List<SensorOptions> DevicesOf(SensorConfig config)
    {
        List<SensorOptions> Make() => SensorDevices.Of(config, _started.ToUnixTimeMilliseconds(), _opened);
        return config.Learn.Split is { Layers: null } ? SlowWork.Measure(Make) : Make();
    }

    /// <summary>Heartbeats outlive the rows, so the run is drained. Its completion reports the result.</summary>
    private static async Task DrainAfterAsync(Task rowsEnded, PipelineRun run)
    {
        await rowsEnded.ConfigureAwait(false);
        await Task.WhenAny(run.DrainAsync()).ConfigureAwait(false);
    }

    internal static RecordedStart StartOf(ConfigReading<SensorConfig> config, ParseResult result)
    {
        var said = SensorDevices.OfThisMachine;
        return ProgramOptions.StartOf(Program, config, result) with
        {
            Own = [said.Cores.ToString(CultureInfo.InvariantCulture), said.MemoryBytes.ToString(CultureInfo.InvariantCulture),
                RecordedStart.Word(said.Program)],
        };
    }

    /// <summary>The devices that began in a recording; null: it is of another program.</summary>
    internal static IEnumerable<Pipeline>? PipelinesOf(FileInfo recording, DirectoryInfo state, ICollection<IAsyncDisposable> opened)
    {
        if (Recording.TryRead(recording, Program) is not ({ Own: [var cores, var memory, var program] } start, var names)
            || !int.TryParse(cores, CultureInfo.InvariantCulture, out var count)
            || !long.TryParse(memory, CultureInfo.InvariantCulture, out var bytes) || RecordedStart.TextOf(program) is not { } said)
        {
            return null;
        }

        var config = ConfigTree.Parse(start.Source, start.Configuration).Read(SensorConfig.Read).Value;
        config = config with
        {
            Link = config.Link.In(state),
            Source = config.Source is ServerConfig server ? server with { Devices = [.. names], AtMost = null } : config.Source,
        };
        var (edge, model) = (EdgeLink.Over(new InProcessTransport()), new ModelWatch(static _ => { }));
        return [.. SensorDevices.Of(config, start.Epoch, opened).Where(d => names.Contains(d.Name)).Select(d => SensorPipeline.Create(
            d with
            {
                Ledger = start.HasLedger ? new InProcessTransport("ledger") : null,
                OnRowsEnded = static () => { },
                Check = model.Of(d, config.Model),
                Capabilities = new(count, bytes, said, LearningCodecs.Deltas.Name),
            }, edge))];
    }
}

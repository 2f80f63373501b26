using System.Text;
using StreamLearn.Programs;

namespace Tool.Tests;

/// <summary>The quickstart's fleet, free-running, run after run under the hands of a test.</summary>
internal sealed class TriedFleet : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(LongForm.IsAsked ? 10 : 2);

    private static int _fleets;

    private readonly Func<ITransport> _open;
    private readonly FleetSetting _setting;
    private readonly FleetRun _run;
    private readonly List<EdgeLink> _links = [];
    private readonly List<PipelineRun> _aggregators = [];
    private readonly PipelineRun[] _devices;
    private readonly long[] _epochs;

    /// <param name="open">Opens a transport.</param>
    /// <param name="setting">Who learns from what; null: the devices of <see cref="FleetSetting.Default"/>.</param>
    internal TriedFleet(Func<ITransport> open, FleetSetting? setting = null)
    {
        (_open, _setting) = (open, setting ?? FleetSetting.Default);
        _devices = new PipelineRun[_setting.Source.Devices.Length];
        _epochs = new long[_devices.Length];
        _run = _setting.RunOf($"sl/tried-{Interlocked.Increment(ref _fleets)}-{Environment.ProcessId}");
    }

    internal FleetLedger Ledger { get; } = new();

    internal FleetWatch Watch { get; } = new();

    /// <summary>The least time between two updates that the aggregator takes. Zero, the default: as soon as it can.</summary>
    internal TimeSpan Interval { get; init; }

    /// <summary>Counters of devices that were stopped in the middle are not among them.</summary>
    internal IEnumerable<BlockMetrics> Training => _devices.Select(d => d.Metrics["train"]);

    internal BlockMetrics Aggregating => _aggregators[^1].Metrics["aggregate"];

    /// <summary>Accuracy of the model in use on people whom no device has learned from.</summary>
    internal double Accuracy => _setting.AccuracyOf(Watch);

    /// <summary>The staleness that 95 of 100 updates do not exceed. Versions.</summary>
    internal long Staleness => StalenessOf(Watch);

    internal static long StalenessOf(FleetWatch watch)
    {
        var all = watch.Rounds.SelectMany(r => r.Contributions).Select(c => c.Staleness).Order().ToList();
        return all[(int)(0.95 * (all.Count - 1))];
    }

    /// <summary>Starts the aggregator and all devices.</summary>
    internal void Start(double aggregatorSlowdown = 1, double firstSlowdown = 1)
    {
        StartAggregator(aggregatorSlowdown);
        for (var i = 0; i < _devices.Length; i++) { StartDevice(i, i == 0 ? firstSlowdown : 1); }
    }

    /// <summary>Lets the devices come to their end, and then the aggregator.</summary>
    internal async Task FinishAsync()
    {
        try
        {
            await Task.WhenAll(_devices.Select(d => d.Completion)).WaitAsync(Patience);
            await _aggregators[^1].DrainAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the fleet does not come to its end\n{Story()}");
        }
    }

    /// <summary>All counters, for people who look for the reason.</summary>
    internal string Story()
    {
        var text = new StringBuilder();
        foreach (var run in _devices.Append(_aggregators[^1]))
        {
            foreach (var block in run.Metrics.Blocks)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"{run.Pipeline.Name}/{block.Block}: in {block.ItemsIn}, out {block.ItemsOut}, "
                    + $"controls {block.Controls}, {string.Join(' ', block.Drops)} {string.Join(' ', block.Counters)} "
                    + $"{string.Join(' ', block.Gauges)}");
            }

            foreach (var edge in run.Metrics.Edges.Where(e => e.Queued > 0))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {edge.Name}: {edge.Queued}");
            }
        }

        return text.ToString();
    }

    /// <summary>Waits until a version of a number has been made.</summary>
    internal async Task VersionAsync(long number)
    {
        try { await Ledger.VersionAsync(number).WaitAsync(Patience); }
        catch (TimeoutException) { throw new TimeoutException($"the fleet does not come to version {number}\n{Story()}"); }
    }

    /// <summary>Stops the aggregator in the middle of whatever it does, and starts another one.</summary>
    internal async Task RestartAggregatorAsync()
    {
        await _aggregators[^1].DisposeAsync();
        StartAggregator(1);
    }

    /// <summary>Stops a device in the middle of whatever it does, and starts it anew.</summary>
    internal async Task RestartDeviceAsync(int index)
    {
        await _devices[index].DisposeAsync();
        _epochs[index]++;
        StartDevice(index, 1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _aggregators.Concat(_devices.Where(d => d is not null))) { await EndAsync(run, run.Pipeline.Name); }
        foreach (var (i, link) in _links.Index()) { await EndAsync(link, $"link {i}"); }
    }

    private async Task EndAsync(IAsyncDisposable part, string name)
    {
        try { await part.DisposeAsync().AsTask().WaitAsync(Patience); }
        catch (TimeoutException) { throw new TimeoutException($"{name} does not come to its end\n{Story()}"); }
    }

    private void StartAggregator(double slowdown)
    {
        var run = _run with { AggregatorEpoch = _aggregators.Count };
        _aggregators.Add(Pipelines.Aggregator(run, Open(apart: true), Watch).Start(Options(slowdown)));
    }

    private void StartDevice(int index, double slowdown) => _devices[index] = Pipelines
        .Sensor(_run, new(_run.Source.Devices[index], index, _epochs[index], TimeSpan.Zero), Open(apart: false), Watch)
        .Start(Options(slowdown));

    private RunOptions Options(double slowdown) => new() { Seed = _run.Seed, Pace = Pace.AsFastAsPossible, Slowdown = slowdown };

    private EdgeLink Open(bool apart)
    {
        ITransport Watched() => new WatchedTransport(_open(), Ledger, apart ? Interval : TimeSpan.Zero);
        _links.Add(apart ? new(Watched(), Watched()) : EdgeLink.Over(Watched()));
        return _links[^1];
    }
}

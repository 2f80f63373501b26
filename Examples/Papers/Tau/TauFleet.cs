using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Models;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>Nodes that learn under a budget of time, and their aggregator, in a virtual world.</summary>
internal sealed class TauFleet : IDisposable
{
    /// <summary>The rows that no node has are made with a seed of so much more.</summary>
    public const long UnseenSeed = 1_000_000;

    private const long AggregationWork = 1_000_000_000;
    private const double LeastFactor = 1e-9;        // no time is negative, and none is nothing

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1) + (10 * TimeSpan.FromMilliseconds(DemoCommand.MostDelay));

    private readonly VirtualWorld _world;
    private readonly ITransport _air;
    private readonly TauParts _parts;
    private readonly TauFleetSettings _settings;
    private readonly List<(TimeSpan At, int Steps)> _steps = [];
    private readonly List<Machine> _machines = [];      // the aggregator's first, where it has one of its own
    private readonly WatchedFleet? _watcher;
    private Round? _last;
    private long _firstVersion;
    private int _given;

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    public TauFleet(TauFleetSettings settings)
        : this(settings, null)
    {
    }

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    internal TauFleet(TauFleetSettings settings, WatchedFleet? watcher)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings is { IsAggregatorBesideNode: true, Timing: var timing } && timing != timing.Steady)
        {
            throw new ArgumentException("expected times that do not vary: one machine has one speed", nameof(settings));
        }

        (_settings, _watcher) = (settings, watcher);
        _world = new(new() { Seed = settings.Seed });
        _air = _world.Transport("air");
        _parts = new(settings);
        if (settings.IsAggregatorBesideNode) { AddBoth(); }
        else { AddAggregator(); }
        for (var n = settings.IsAggregatorBesideNode ? 1 : 0; n < settings.Nodes; n++) { AddNode(n); }
        foreach (var given in settings.Commands.GroupBy(static c => (c.At, c.Command.Kind)))
        {
            var command = given.Last().Command;
            _world.At(given.Key.At, () => Send(command));
        }

        foreach (var crash in settings.Crashes) { PlanCrash(crash); }
    }

    /// <summary>When each version was made, and the local steps that it asked for.</summary>
    public IReadOnlyList<(TimeSpan At, int Steps)> Steps => _steps;

    /// <summary>What adaptive tau goes by: see <see cref="AdaptiveTau"/>.</summary>
    public IReadOnlyDictionary<string, double> Gauges => _machines[0].Device.Metrics[TauPipelines.AggregateBlock].Gauges;

    /// <summary>The best version so far; null: no round has ended.</summary>
    public Weights? Best => _last?.Averaged;

    /// <summary>Share of the rounds so far, each from a version to the next, that took less than a second; null: none has
    /// ended.</summary>
    public double? ShareUnderSecond => _steps.Count == 0 ? null : RoundTimes.ShareUnder(
        RoundTimes.Between(_steps[0].At, _steps.Skip(1).Select(static s => s.At)), TimeSpan.FromSeconds(1));

    /// <summary>The newest version; null: no round has ended.</summary>
    public Weights? Newest => _last?.Made;

    /// <summary>Crashes after which a machine has gone on from its disk.</summary>
    public int Restarts => _machines.Sum(static m => m.Restarts);

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => _world.Elapsed;

    /// <summary>True if the budget is spent.</summary>
    internal bool HasEnded => _last is { IsLast: true };

    /// <summary>By how many seconds versions take longer on their way.</summary>
    public double AddedSeconds => _machines[0].Device.Metrics[TauPipelines.DelayBlock].Gauges.GetValueOrDefault(Delay<Weights>.Gauge);

    /// <summary>Runs until the budget is spent.</summary>
    public TauResult Run(CancellationToken cancellationToken = default)
    {
        while (!HasEnded) { RunFor(_settings.Budget / 10, cancellationToken); }
        var model = _last!.Averaged;
        // a version says the steps of the round after it: of the last two, one evaluates, and there is none after the other
        var steps = _steps.SkipLast(2).Select(static s => s.Steps).DefaultIfEmpty(1).Average();
        var (loss, accuracy) = (Score.Loss(_settings.Model, model, TauParts.Seen(_settings)), AccuracyOf(model));
        return new(loss, accuracy, steps, Used(Resource.TimeName), _steps.Count)
        {
            UsedBytes = Used(Resource.BytesName),
            ShareUnderSecond = ShareUnderSecond,
        };
    }

    public void Dispose() => _world.Dispose();

    /// <summary>How often the estimates have been forgotten, because the data changed.</summary>
    internal long Alarms => _machines[0].Device.Metrics[TauPipelines.AggregateBlock].Counter("alarms");

    /// <summary>The case whose rows a node has.</summary>
    public int CaseOf(int node) => (int)RowsOf(node).GetValueOrDefault("case");

    /// <summary>How many rows of each kind a node has.</summary>
    public ImmutableArray<int> ClassesOf(int node) => RowsByCase.CountsOf(RowsOf(node));

    /// <summary>Bytes that the machine of a node has sent over its link, and got.</summary>
    internal (long Sent, long Got) BytesOf(int node) => (MachineOf(node).Device.BytesUp, MachineOf(node).Device.BytesDown);

    /// <summary>Runs for a length of virtual time.</summary>
    internal void RunFor(TimeSpan span, CancellationToken cancellationToken)
    {
        var most = (10 * _settings.Budget) + Patience;
        if (_world.Elapsed > most) { throw new InvalidOperationException($"the fleet has not ended within {most}"); }
        _world.RunFor(span, cancellationToken);
        foreach (var device in _world.Devices)
        {
            if (device.Failure is { } failure) { throw failure; }
        }
    }

    private double AccuracyOf(Weights version) => _settings.Model.Model.Plan.Target == TargetKind.Label
        ? Score.Accuracy(_settings.Model, version, TauParts.Unseen(_settings)) : double.NaN;

    private AggregatorPart Aggregator(long work) =>
        _parts.Aggregator(work, Note, _watcher is null ? null : _watcher.AddAggregatorLine);

    private NodePart Node(NodeRows own, int number) =>
        _parts.Node(own, number == 0 && _watcher is not null ? _watcher.AddNodeLine : null);

    private double SpeedOf(NodeRows own) =>
        _settings.Model.Model.Plan.StepMultiplyAdds * _parts.BatchRowsOf(own) / _settings.Timing.Step.TotalSeconds;

    private void Add(Pipeline pipeline, DeviceProfile profile, LinkProfile? link = null) =>
        _machines.Add(new(_world, pipeline, profile, link, _settings.Crashes.IsEmpty ? null : _settings.Checkpoints));

    private void PlanCrash(PlannedCrash crash)
    {
        var machine = crash.Node is { } node ? MachineOf(node) : _machines[0];
        _world.At(crash.At, () => machine.Crash(crash.Away));
    }

    private void AddAggregator() => Add(
        TauPipelines.Aggregator(Aggregator(AggregationWork), _air),
        new()
        {
            MultiplyAddsPerSecond = AggregationWork / _settings.Timing.Aggregation.TotalSeconds,
            Jitter = _settings.Timing.AggregationDeviation / _settings.Timing.Aggregation,
            LeastJitter = LeastFactor,
        });

    private void AddNode(int number)
    {
        var own = _parts.Own(number);
        Add(
            TauPipelines.Node(TauParts.NameOf(number), Node(own, number), _air),
            new()
            {
                MultiplyAddsPerSecond = SpeedOf(own),
                Jitter = _settings.Timing.StepDeviation / _settings.Timing.Step,
                LeastJitter = LeastFactor,
            },
            _settings.Link);
    }

    /// <summary>The machine has the speed of the node, at which taking in updates is a part of an aggregation that shows, and two cores: an
    /// update that comes while it makes steps holds none of them up.</summary>
    private void AddBoth()
    {
        var own = _parts.Own(0);
        var speed = SpeedOf(own);
        var work = (long)Math.Round(speed * _settings.Timing.Aggregation.TotalSeconds)
            - ((long)_settings.Nodes * _settings.Model.Model.Plan.Values);
        Add(
            TauPipelines.Both(TauParts.NameOf(0), Aggregator(Math.Max(0, work)), Node(own, 0), _world.LocalTransport("inside"), _air),
            new() { MultiplyAddsPerSecond = speed, Cores = 2 });
    }

    private void Send(DemoCommand command)
    {
        _world.Add(TauPipelines.Console($"console-{++_given}", command, _air));
    }

    private Machine MachineOf(int node) => _machines[node + (_settings.IsAggregatorBesideNode ? 0 : 1)];

    private IReadOnlyDictionary<string, double> RowsOf(int node) => MachineOf(node).Device.Metrics[TauPipelines.RowsBlock].Gauges;

    private double Used(string resource) => Gauges.GetValueOrDefault($"used-{resource}");

    /// <summary>One that is made again, after a crash, takes the place of the one that no node has seen.</summary>
    private void Note(Round round)
    {
        if (_last is null) { _firstVersion = round.Version; }
        _last = round;
        var place = (int)(round.Version - _firstVersion);
        if (place < _steps.Count) { _steps.RemoveRange(place, _steps.Count - place); }
        _steps.Add((_world.Elapsed, round.Made.Directives[0].StepsPerUpdate ?? 1));
        _watcher?.Add(round);
    }
}

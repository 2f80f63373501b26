using System.Collections.Concurrent;

namespace Papers;

/// <summary>Loss: of the best version on all rows of the nodes. Accuracy: of the same version on rows that no node has.</summary>
internal sealed record TauResult(double Loss, double Accuracy, double Steps, double UsedSeconds, int Rounds, double? ShareUnderSecond)
{
    internal static TauResult Mean(IReadOnlyCollection<TauResult> results) => new(
        results.Average(static r => r.Loss), results.Average(static r => r.Accuracy), results.Average(static r => r.Steps),
        results.Average(static r => r.UsedSeconds), (int)Math.Round(results.Average(static r => r.Rounds)),
        results.Average(static r => r.ShareUnderSecond));
}

internal sealed class Machine(Func<Checkpoint?, VirtualDevice> start)
{
    internal VirtualDevice Device { get; private set; } = start(null);
    internal int Restarts { get; private set; }

    /// <summary>Crashes the machine, which continues from its disk after a while; no effect on one that is already down.</summary>
    internal void Crash(VirtualWorld world, TimeSpan away)
    {
        if (Device.EndedAt is not null) { return; }
        var saved = Device.LastCheckpoint;
        Device.Crash();
        world.At(world.Elapsed + away, () =>
        {
            Device = start(saved);
            if (saved is not null) { Restarts++; }
        });
    }
}

/// <summary>Callbacks for each round, and for what the aggregator and the first node send and receive.</summary>
internal readonly record struct FleetWatch(Action<Round>? OnRound, Action<string>? AggregatorLog, Action<string>? NodeLog);

internal sealed class TauFleet : IDisposable
{
    /// <summary>Added to the seed for rows that no node has.</summary>
    internal const long UnseenSeed = 1_000_000;
    private const long AggregationWork = 1_000_000_000;
    private const double MinFactor = 1e-9;        // avoids times of zero
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(11);
    private static readonly ConcurrentDictionary<(TauModel Model, int Count, long Seed), Lazy<TauRows>> Sets = new();
    private readonly VirtualWorld _world;
    private readonly ITransport _air;
    private readonly TauFleetSettings _settings;
    private readonly FleetWatch _watch;
    private readonly ImmutableSortedDictionary<DataCase, ImmutableArray<ImmutableArray<int>>> _dealt;
    private readonly List<(TimeSpan At, int Steps)> _steps = [];
    private readonly List<Machine> _machines = [];      // the aggregator's machine comes first, if it has one
    private Round? _last;
    private long _firstVersion;

    internal TauFleet(TauFleetSettings settings, FleetWatch watch = default)
    {
        if (settings is { IsAggregatorBesideNode: true, Timing: var timing } && timing != timing.Steady)
        {
            throw new ArgumentException("expected times that do not vary: one machine has one speed", nameof(settings));
        }

        (_settings, _watch) = (settings, watch);
        _world = new(new() { Seed = settings.Seed });
        _air = _world.Transport("air");
        _dealt = settings.Cases.ToImmutableSortedDictionary(static c => c, c => Seen(settings).Deal(c, settings.Nodes));
        if (settings.IsAggregatorBesideNode) { AddBoth(); }
        else { AddAggregator(); }
        for (var n = settings.IsAggregatorBesideNode ? 1 : 0; n < settings.Nodes; n++) { AddNode(n); }
        foreach (var (i, given) in settings.Commands.GroupBy(static c => (c.At, c.Command.Case is null)).Index())
        {
            _world.At(given.Key.At, () => _world.Add(TauPipelines.Console($"console-{i}", given.Last().Command, _air)));
        }

        foreach (var crash in settings.Crashes)
        {
            var machine = crash.Node is { } node ? MachineOf(node) : _machines[0];
            _world.At(crash.At, () => machine.Crash(_world, crash.Away));
        }
    }

    internal IReadOnlyList<(TimeSpan At, int Steps)> Steps => _steps;

    internal IReadOnlyDictionary<string, double> Gauges => _machines[0].Device.Metrics[TauPipelines.AggregateBlock].Gauges;
    internal Weights? Best => _last?.Averaged;
    internal Weights? Newest => _last?.Made;
    internal int Restarts => _machines.Sum(static m => m.Restarts);
    internal TimeSpan Elapsed => _world.Elapsed;
    internal bool HasEnded => _last is { IsLast: true };

    /// <summary>Share of the rounds so far, from one version to the next, that took less than a second; null: none has ended.</summary>
    internal double? ShareUnderSecond => _steps.Count == 0 ? null : Round.ShareUnder(
        Round.Times(_steps[0].At, _steps.Skip(1).Select(static s => s.At)), TimeSpan.FromSeconds(1));

    internal double AddedSeconds => _machines[0].Device.Metrics[TauPipelines.DelayBlock].Gauges.GetValueOrDefault(Delay.Gauge);
    internal long Alarms => _machines[0].Device.Metrics[TauPipelines.AggregateBlock].Counter("alarms");

    internal static TauRows Seen(TauFleetSettings of) => Set(of.Model, of.Digits, of.Seed);

    internal static TauRows Unseen(TauFleetSettings of) => Set(of.Model, of.UnseenDigits, of.Seed + UnseenSeed);

    internal TauResult Run(CancellationToken cancellationToken = default)
    {
        while (!HasEnded) { RunFor(_settings.Budget / 10, cancellationToken); }
        // a version has the steps of the next round; excludes the last two, of which one evaluates and the other has no round
        var steps = _steps.SkipLast(2).Select(static s => s.Steps).DefaultIfEmpty(1).Average();
        var model = _settings.Model;
        return new(model.Loss(Best!, Seen(_settings)), model.Accuracy(Best!, Unseen(_settings)), steps,
            Gauges.GetValueOrDefault($"used-{Resource.TimeName}"), _steps.Count, ShareUnderSecond);
    }

    public void Dispose() => _world.Dispose();

    internal int CaseOf(int node) => (int)RowsOf(node).GetValueOrDefault("case");

    internal ImmutableArray<int> ClassesOf(int node) => RowsByCase.CountsOf(RowsOf(node));

    internal (long Sent, long Got) BytesOf(int node) => (MachineOf(node).Device.BytesUp, MachineOf(node).Device.BytesDown);

    internal void RunFor(TimeSpan span, CancellationToken cancellationToken)
    {
        var most = (10 * _settings.Budget) + Patience;
        if (_world.Elapsed > most) { throw new InvalidOperationException($"the fleet has not ended within {most}"); }
        _world.RunFor(span, cancellationToken);
        if (_world.Devices.FirstOrDefault(static d => d.Failure is not null) is { } failed) { throw failed.Failure!; }
    }

    private static TauRows Set(TauModel model, int count, long seed) =>
        Sets.GetOrAdd((model, count, seed), static key => new(() => key.Model.Make(key.Count, key.Seed))).Value;

    private static string NameOf(int node) => Invariant($"node-{node}");

    private Machine MachineOf(int node) => _machines[node + (_settings.IsAggregatorBesideNode ? 0 : 1)];

    private IReadOnlyDictionary<string, double> RowsOf(int node) => MachineOf(node).Device.Metrics[TauPipelines.RowsBlock].Gauges;

    private NodePart Node(int number)
    {
        var rows = new NodeRows(_settings.Model, Seen(_settings), _settings.Case,
            _dealt.ToImmutableSortedDictionary(static d => d.Key, d => d.Value[number]));
        return new(rows, Math.Min(_settings.BatchRows ?? int.MaxValue, rows.MostRows), (float)_settings.Settings.LearningRate,
            _settings.Cases.Contains(DataCase.Replicated) ? _settings.Seed : null, number == 0 ? _watch.NodeLog : null);
    }

    private AggregatorPart Aggregator(long work) => new(_settings.Model.Model, new AdaptiveTau(_settings.Nodes)
    {
        Budget = _settings.Resources,
        Settings = _settings.Settings with { GradientValues = int.MaxValue },       // as in the source
    }, Note, new(work, _settings.AddedDelay), _watch.AggregatorLog);

    private double SpeedOf(NodePart node) =>
        _settings.Model.Model.Plan.StepMultiplyAdds * node.BatchRows / _settings.Timing.Step.TotalSeconds;

    private void Add(Pipeline pipeline, DeviceProfile profile, LinkProfile? link = null) => _machines.Add(new(saved =>
        _world.Add(pipeline, profile, link, _settings.Crashes.IsEmpty ? null : _settings.Checkpoints, saved)));

    private void AddAggregator() => Add(TauPipelines.Aggregator(Aggregator(AggregationWork), _air), new()
    {
        MultiplyAddsPerSecond = AggregationWork / _settings.Timing.Aggregation.TotalSeconds,
        Jitter = _settings.Timing.AggregationDeviation / _settings.Timing.Aggregation,
        LeastJitter = MinFactor,
    });

    private void AddNode(int number)
    {
        var part = Node(number);
        Add(TauPipelines.Node(NameOf(number), part, _air), new()
        {
            MultiplyAddsPerSecond = SpeedOf(part),
            Jitter = _settings.Timing.StepDeviation / _settings.Timing.Step,
            LeastJitter = MinFactor,
        }, _settings.Link);
    }

    /// <summary>The machine has the speed of the node, so that receiving updates is a visible part of an aggregation, and two cores, so
    /// that steps do not delay an update that arrives meanwhile.</summary>
    private void AddBoth()
    {
        var part = Node(0);
        var speed = SpeedOf(part);
        var work = (long)Math.Round(speed * _settings.Timing.Aggregation.TotalSeconds)
            - ((long)_settings.Nodes * _settings.Model.Model.Plan.Values);
        Add(TauPipelines.Both(NameOf(0), Aggregator(Math.Max(0, work)), part, _world.LocalTransport("inside"), _air),
            new() { MultiplyAddsPerSecond = speed, Cores = 2 });
    }

    /// <summary>A version that is made again after a crash replaces the one that no node has seen.</summary>
    private void Note(Round round)
    {
        if (_last is null) { _firstVersion = round.Version; }
        _last = round;
        var place = (int)(round.Version - _firstVersion);
        if (place < _steps.Count) { _steps.RemoveRange(place, _steps.Count - place); }
        _steps.Add((_world.Elapsed, round.Made.Directives[0].StepsPerUpdate ?? 1));
        _watch.OnRound?.Invoke(round);
    }
}

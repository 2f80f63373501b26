using System.Collections.Concurrent;
using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Adaptation;
using StreamLearn.Aggregation;
using StreamLearn.Learning;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>Nodes that learn to tell even digits from odd ones under a budget of time, and their aggregator, in a virtual world.</summary>
public sealed class TauFleet : IDisposable
{
    private const long AggregationWork = 1_000_000_000;
    private const double LeastFactor = 1e-9;        // no time is negative, and none is nothing

    private const long UnseenSeed = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1) + (10 * TimeSpan.FromMilliseconds(DemoCommand.MostDelay));
    private static readonly ConcurrentDictionary<(int Count, long Seed), Lazy<GlyphDigits>> Sets = new();

    private readonly VirtualWorld _world;
    private readonly ITransport _air;
    private readonly ImmutableSortedSet<DataCase> _cases;
    private readonly TauFleetSettings _settings;
    private readonly List<(TimeSpan At, int Steps)> _steps = [];
    private readonly IFleetWatcher? _watcher;
    private readonly SortedDictionary<DemoCommandKind, DemoCommand> _asked = [];
    private Round? _last;
    private int _given;

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    /// <param name="settings">What it learns, and what it may use.</param>
    public TauFleet(TauFleetSettings settings)
        : this(settings, null)
    {
    }

    internal TauFleet(TauFleetSettings settings, IFleetWatcher? watcher)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _watcher) = (settings, watcher);
        _world = new(new() { Seed = settings.Seed });
        _air = _world.Transport("air");
        _cases = settings.Cases;
        var (digits, timing) = (Seen(settings), settings.Timing);
        ImmutableArray<Resource> budget = [Resource.Time(settings.Budget)];
        if (settings.Bytes is { } bytes) { budget = budget.Add(Resource.Bytes(bytes)); }
        var strategy = new AdaptiveTau(settings.Nodes) { Budget = budget, Settings = settings.Settings };
        _world.Add(
            TauPipelines.Aggregator(Model, strategy, _air, Note, new(AggregationWork, settings.AddedDelay),
                watcher is null ? null : watcher.AddAggregatorLine),
            new()
            {
                MultiplyAddsPerSecond = AggregationWork / timing.Aggregation.TotalSeconds,
                Jitter = timing.AggregationDeviation / timing.Aggregation,
                LeastJitter = LeastFactor,
            });
        var dealt = _cases.ToImmutableSortedDictionary(static c => c, c => c.Deal(digits, settings.Nodes));
        long? drawSeed = _cases.Contains(DataCase.Replicated) ? settings.Seed : null;
        for (var n = 0; n < settings.Nodes; n++)
        {
            NodeDigits own = new(digits, settings.Case, dealt.ToImmutableSortedDictionary(static d => d.Key, d => d.Value[n]));
            var batch = Math.Min(settings.BatchRows ?? int.MaxValue, own.MostRows);
            _world.Add(
                TauPipelines.Node($"node-{n}", Model, own, batch, (float)settings.Settings.LearningRate, _air, drawSeed,
                    n == 0 && watcher is not null ? watcher.AddNodeLine : null),
                new()
                {
                    MultiplyAddsPerSecond = Model.Plan.StepMultiplyAdds * batch / timing.Step.TotalSeconds,
                    Jitter = timing.StepDeviation / timing.Step,
                    LeastJitter = LeastFactor,
                });
        }

        foreach (var given in settings.Commands.GroupBy(static c => (c.At, c.Command.Kind)))
        {
            var command = given.Last().Command;
            _world.At(given.Key.At, () => Send(command));
        }
    }

    /// <summary>The model: a smooth support vector machine.</summary>
    public static LinearModel Model { get; } = ReferenceModels.SvmSmooth(GlyphDigits.Pixels);

    /// <summary>When each version was made, and the local steps that it asked for.</summary>
    public IReadOnlyList<(TimeSpan At, int Steps)> Steps => _steps;

    /// <summary>What adaptive tau goes by: see <see cref="AdaptiveTau"/>.</summary>
    public IReadOnlyDictionary<string, double> Gauges => _world.Devices[0].Metrics["aggregate"].Gauges;

    internal TimeSpan Elapsed => _world.Elapsed;

    /// <summary>True if the budget is spent.</summary>
    internal bool HasEnded => _last is { IsLast: true };

    /// <summary>By how many seconds versions take longer on their way.</summary>
    internal double AddedSeconds => _world.Devices[0].Metrics[TauPipelines.DelayBlock].Gauges.GetValueOrDefault(Delay<Weights>.Gauge);

    /// <summary>Gives a command to all when the fleet runs on; of several of a kind, the last one counts.</summary>
    /// <param name="command">The command.</param>
    /// <exception cref="ArgumentException">The fleet has not made ready for that case.</exception>
    public void Give(DemoCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Case is { } next && !_cases.Contains(next))
        {
            throw new ArgumentException($"the fleet has no digits for case {next}: the settings do not name it", nameof(command));
        }

        _asked[command.Kind] = command;
    }

    /// <summary>Runs until the budget is spent.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It does not end.</exception>
    public TauResult Run(CancellationToken cancellationToken = default)
    {
        while (!HasEnded) { RunFor(_settings.Budget / 10, cancellationToken); }
        var model = _last!.Averaged;
        // a version says the steps of the round after it: of the last two, one evaluates, and there is none after the other
        var steps = _steps.SkipLast(2).Select(static s => s.Steps).DefaultIfEmpty(1).Average();
        var (loss, accuracy) = (Score.Loss(model, Seen(_settings)), Score.Accuracy(model, Unseen(_settings)));
        return new(loss, accuracy, steps, Used(Resource.TimeName), _steps.Count)
        {
            UsedBytes = _settings.Bytes is null ? 0 : Used(Resource.BytesName),
        };
    }

    /// <inheritdoc />
    public void Dispose() => _world.Dispose();

    /// <summary>The digits of the nodes.</summary>
    internal static GlyphDigits Seen(TauFleetSettings settings) => Set(settings.Digits, settings.Seed);

    /// <summary>The digits that no node has.</summary>
    internal static GlyphDigits Unseen(TauFleetSettings settings) => Set(settings.UnseenDigits, settings.Seed + UnseenSeed);

    /// <summary>The case whose digits a node has.</summary>
    internal int CaseOf(int node) => (int)DigitsOf(node).GetValueOrDefault("case");

    /// <summary>How many digits of each class a node has.</summary>
    internal ImmutableArray<int> ClassesOf(int node) => DigitsByCase.CountsOf(DigitsOf(node));

    /// <summary>Runs for a length of virtual time.</summary>
    internal void RunFor(TimeSpan span, CancellationToken cancellationToken)
    {
        var most = (10 * _settings.Budget) + Patience;
        if (_world.Elapsed > most) { throw new InvalidOperationException($"the fleet has not ended within {most}"); }
        foreach (var command in _asked.Values) { Send(command); }
        _asked.Clear();
        _world.RunFor(span, cancellationToken);
        foreach (var device in _world.Devices)
        {
            if (device.Failure is { } failure) { throw failure; }
        }
    }

    private static GlyphDigits Set(int count, long seed) =>
        Sets.GetOrAdd((count, seed), static key => new(() => GlyphDigits.Generate(key.Count, key.Seed))).Value;

    private void Send(DemoCommand command)
    {
        _watcher?.Add(command);
        _world.Add(TauPipelines.Console($"console-{++_given}", command, _air));
    }

    private IReadOnlyDictionary<string, double> DigitsOf(int node) => _world.Devices[1 + node].Metrics[TauPipelines.DigitsBlock].Gauges;

    private double Used(string resource) => Gauges[$"used-{resource}"];

    private void Note(Round round)
    {
        _last = round;
        _steps.Add((_world.Elapsed, round.Made.Directives[0].StepsPerUpdate ?? 1));
        _watcher?.Add(round);
    }
}

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

    private static readonly ConcurrentDictionary<(int Count, long Seed), Lazy<GlyphDigits>> Sets = new();

    private readonly VirtualWorld _world;
    private readonly TauFleetSettings _settings;
    private readonly List<(TimeSpan At, int Steps)> _steps = [];
    private Round? _last;

    /// <summary>Makes the fleet; nothing runs yet.</summary>
    /// <param name="settings">What it learns, and what it may use.</param>
    public TauFleet(TauFleetSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _world = new(new() { Seed = settings.Seed });
        var (air, digits, timing) = (_world.Transport("air"), Set(settings.Digits, settings.Seed), settings.Timing);
        ImmutableArray<Resource> budget = [Resource.Time(settings.Budget)];
        if (settings.Bytes is { } bytes) { budget = budget.Add(Resource.Bytes(bytes)); }
        var strategy = new AdaptiveTau(settings.Nodes) { Budget = budget, Settings = settings.Settings };
        _world.Add(
            TauPipelines.Aggregator(Model, strategy, air, Note, [.. settings.Changes.Select(static c => c.At)], AfterAggregation),
            new()
            {
                MultiplyAddsPerSecond = AggregationWork / timing.Aggregation.TotalSeconds,
                Jitter = timing.AggregationDeviation / timing.Aggregation,
                LeastJitter = LeastFactor,
            });
        ImmutableArray<CaseChange> cases = [new(TimeSpan.Zero, settings.Case), .. settings.Changes];
        ImmutableArray<(TimeSpan At, ImmutableArray<ImmutableArray<int>> Rows)> dealt =
            [.. cases.Select(c => (c.At, c.Case.Deal(digits, settings.Nodes)))];
        for (var n = 0; n < settings.Nodes; n++)
        {
            NodeDigits own = new(digits, [.. dealt.Select(d => (d.At, d.Rows[n]))]);
            var batch = Math.Min(settings.BatchRows ?? int.MaxValue, own.MostRows);
            _world.Add(
                TauPipelines.Node($"node-{n}", Model, own, batch, (float)settings.Settings.LearningRate, air,
                    settings.Case == DataCase.Replicated ? settings.Seed : null),
                new()
                {
                    MultiplyAddsPerSecond = Model.Plan.StepMultiplyAdds * batch / timing.Step.TotalSeconds,
                    Jitter = timing.StepDeviation / timing.Step,
                    LeastJitter = LeastFactor,
                });
        }
    }

    /// <summary>The model: a smooth support vector machine.</summary>
    public static LinearModel Model { get; } = ReferenceModels.SvmSmooth(GlyphDigits.Pixels);

    /// <summary>When each version was made, and the local steps that it asked for.</summary>
    public IReadOnlyList<(TimeSpan At, int Steps)> Steps => _steps;

    /// <summary>What adaptive tau goes by: see <see cref="AdaptiveTau"/>.</summary>
    public IReadOnlyDictionary<string, double> Gauges => _world.Devices[0].Metrics["aggregate"].Gauges;

    /// <summary>Runs until the budget is spent.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It does not end.</exception>
    public TauResult Run(CancellationToken cancellationToken = default)
    {
        var most = (10 * _settings.Budget) + TimeSpan.FromMinutes(1);
        while (_last is not { IsLast: true })
        {
            if (_world.Elapsed > most) { throw new InvalidOperationException($"the fleet has not ended within {most}"); }
            _world.RunFor(_settings.Budget / 10, cancellationToken);
            foreach (var device in _world.Devices)
            {
                if (device.Failure is { } failure) { throw failure; }
            }
        }

        var digits = Set(_settings.Digits, _settings.Seed);
        var unseen = Set(_settings.UnseenDigits, _settings.Seed + 1_000_000);
        var model = _last.Averaged;
        // a version says the steps of the round after it: of the last two, one evaluates, and there is none after the other
        var steps = _steps.SkipLast(2).Select(static s => s.Steps).DefaultIfEmpty(1).Average();
        return new(Score.Loss(model, digits), Score.Accuracy(model, unseen), steps, Used(Resource.TimeName), _steps.Count)
        {
            UsedBytes = _settings.Bytes is null ? 0 : Used(Resource.BytesName),
        };
    }

    /// <inheritdoc />
    public void Dispose() => _world.Dispose();

    private static GlyphDigits Set(int count, long seed) =>
        Sets.GetOrAdd((count, seed), static key => new(() => GlyphDigits.Generate(key.Count, key.Seed))).Value;

    private static Flow<Weights> AfterAggregation(Flow<Weights> versions) => versions.Via("aggregation-time",
        new DelayOptions(AggregationWork),
        static (DelayOptions options, OperatorContext context, IOutput<Weights> output) => new Delay<Weights>(options, context, output));

    private double Used(string resource) => Gauges[$"used-{resource}"];

    private void Note(Round round)
    {
        _last = round;
        _steps.Add((_world.Elapsed, round.Made.Directives[0].StepsPerUpdate ?? 1));
    }
}

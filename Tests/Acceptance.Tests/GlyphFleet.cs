using System.Collections.Concurrent;

namespace Acceptance.Tests;

internal sealed record GlyphFleetSettings
{
    internal static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(10);

    internal required Strategy Strategy { get; init; }

    internal required ImmutableArray<ImmutableArray<int>> Rows { get; init; }

    internal long Seed { get; init; }

    internal int BatchRows { get; init; } = 32;

    internal int Steps { get; init; } = 20;

    internal float LearningRate { get; init; } = 0.01f;

    /// <summary>Whether devices wait for the next version after each update.</summary>
    internal TrainPace Pace { get; init; } = TrainPace.LockStep;

    /// <summary>The speed of a device; 1 is full speed.</summary>
    internal Func<int, double> Speed { get; init; } = static _ => 1;

    internal TimeSpan RoundTime { get; init; } = 20 * StepTime;

    internal bool AdjustLogits { get; init; }

    /// <summary>How devices send their updates; null: as they are.</summary>
    internal CodeUpdatesOptions? Code { get; init; }

    /// <summary>Whether devices say that they have data before they learn.</summary>
    internal bool Announce { get; init; }
}

/// <summary>The scenario <c>fl-straggler</c>: devices that share 6000 glyph-digits and one aggregator, 50 ms away each way.</summary>
internal sealed class GlyphFleet : IDisposable
{
    internal const int Digits = 6000;
    private const int Unseen = 1000;

    /// <summary>Multinomial regression with bias on the gray values as they are.</summary>
    internal static readonly Network Model =
        new(new(GlyphDigits.Pixels), GlyphDigits.Classes, [new Dense(GlyphDigits.Classes)], [new(0, new GlobalMean())], seed: 1);

    private static readonly ConcurrentDictionary<(int Count, long Seed), Lazy<GlyphDigits>> Sets = new();

    private readonly VirtualWorld _world;
    private readonly GlyphDigits _unseen;
    private long _evaluated = -1;
    private double _accuracy;

    internal GlyphFleet(GlyphFleetSettings settings)
    {
        _world = new(new() { Seed = settings.Seed });
        _unseen = Set(Unseen, 1000 + settings.Seed);
        var air = _world.Transport("air");
        _world.Add(Pipeline.Define("edge", p =>
        {
            var (versions, rounds) = p.Subscribe(air, "updates", LearningCodecs.Deltas)
                .Aggregate(Model, settings.Strategy, new() { Averaging = Averaging.None });
            versions.Publish(air, "models", LearningCodecs.Weights);
            rounds.ForEach("rounds", Note);
        }));
        _world.Add(Pipeline.Define("listener", p =>
            p.Subscribe(air, "updates", LearningCodecs.Deltas).ForEach("updates", update => Update?.Invoke(update))));
        for (var d = 0; d < settings.Rows.Length; d++) { Devices.Add(Add(settings, d)); }
    }

    internal Weights Newest { get; private set; } = Model.Initial;

    internal List<(TimeSpan StartedAt, TimeSpan Ended)> Rounds { get; } = [];

    internal List<VirtualDevice> Devices { get; } = [];

    internal Action<WeightDelta>? Update { get; init; }

    internal VirtualWorld World => _world;

    public void Dispose() => _world.Dispose();

    internal static GlyphDigits Shared(long seed) => Set(Digits, seed);

    internal static double Accuracy(Weights weights, long seed)
    {
        var unseen = Set(Unseen, 1000 + seed);
        return Evaluation.Of(Model, weights, new(unseen.Features.AsSpan(), unseen.Labels.AsSpan())).Accuracy;
    }

    /// <summary>Virtual seconds to the first evaluation, ten a second, that reaches an accuracy; null if none does in time.</summary>
    internal double? SecondsTo(double accuracy, double most)
    {
        while (_world.Elapsed.TotalSeconds < most - 1e-9)
        {
            _world.RunFor(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
            if (Accuracy() >= accuracy) { return _world.Elapsed.TotalSeconds; }
        }

        return null;
    }

    /// <summary>Rounds to the first version that reaches an accuracy; null if none of the first ones does.</summary>
    internal int? RoundsTo(double accuracy, int most)
    {
        while (Rounds.Count < most)
        {
            RunRounds(Rounds.Count + 1);
            if (Accuracy() >= accuracy) { return Rounds.Count; }
        }

        return null;
    }

    internal void RunRounds(int rounds)
    {
        for (var slices = 0; Rounds.Count < rounds; slices++)
        {
            if (slices == 10_000) { throw new InvalidOperationException($"no round has ended for {slices} slices"); }
            _world.RunFor(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }
    }

    internal double Accuracy()
    {
        if (_evaluated == Newest.Version) { return _accuracy; }
        _evaluated = Newest.Version;
        return _accuracy = Evaluation.Of(Model, Newest, new(_unseen.Features.AsSpan(), _unseen.Labels.AsSpan())).Accuracy;
    }

    private static GlyphDigits Set(int count, long seed) =>
        Sets.GetOrAdd((count, seed), static key => new(() => GlyphDigits.Generate(key.Count, key.Seed))).Value;

    private void Note(Round round)
    {
        Newest = round.Averaged;
        if (!round.Void) { Rounds.Add((round.StartedAt - new WorldOptions().Start, round.Ended - new WorldOptions().Start)); }
    }

    private VirtualDevice Add(GlyphFleetSettings settings, int number)
    {
        var rows = settings.Rows[number];
        var batch = Math.Min(settings.BatchRows, rows.Length);
        var options = new TrainOptions
        {
            Optimizer = new Sgd(settings.LearningRate, Momentum: 0, ClipNorm: float.PositiveInfinity),
            BufferRows = rows.Length,
            StartAfterRows = rows.Length,
            Draw = DrawKind.Shuffle,
            AdjustLogits = settings.AdjustLogits,
            Continuous = true,
            MaxVisits = null,
            BatchRows = settings.BatchRows,
            StepsPerUpdate = settings.Steps,
            Pace = settings.Pace,
            Announce = settings.Announce,
        };
        var air = _world.Transport("air");
        var pipeline = Pipeline.Define($"device-{number:000}", p =>
        {
            var (updates, scores) = p
                .From("digits", new PlayedRows(LabeledRows.Of(Shared(settings.Seed)), rows), static (PlayedRows played,
                    OperatorContext context) => new PlayedOnce(played, context), GlyphDigits.Schema)
                .Train(Model, p.Subscribe(air, "models", LearningCodecs.Weights), options);
            (settings.Code is { } code ? updates.CodeUpdates(Model, code) : updates).Publish(air, "updates", LearningCodecs.Deltas);
            scores.Discard();
        });
        var rate = 3.0 * Model.Plan.MultiplyAdds * batch * settings.Steps / settings.RoundTime.TotalSeconds;
        return _world.Add(pipeline, new() { MultiplyAddsPerSecond = rate, Speed = settings.Speed(number) },
            new() { Delay = TimeSpan.FromMilliseconds(50) });
    }
}

using Papers;
using StreamLearn.Operators;
using StreamLearn.Programs;

namespace Acceptance.Tests;

/// <summary>What a fleet of people sends, and when. Steps: those of an update, where the strategy does not say.</summary>
internal sealed record MotionExchange(string Name, Strategy Strategy, int Steps, KeepSignificantOptions? Significant = null)
{
    internal bool IsInStep => Strategy is AdaptiveTau;
}

/// <summary>What a fleet has come to. Accuracy: share of the windows of unseen people that the model in use at the end answers
/// rightly. Tau: the steps that each version asked for; empty where the strategy does not say.</summary>
internal sealed record MotionResult(string Name, double Accuracy, double Seconds, ImmutableArray<int> Tau)
{
    internal required long BytesUp { get; init; }
    internal required long BytesDown { get; init; }
    internal required int Versions { get; init; }
    internal required int Updates { get; init; }
    internal required int Refused { get; init; }
    internal required long Steps { get; init; }
}

/// <summary>The devices of people, each with the rows of its sensor as they come, and their aggregator, in a virtual world: the pipelines
/// of <c>streamlearn-sensor</c> and <c>streamlearn-aggregator</c>.</summary>
internal sealed class MotionFleet(MotionPeople people, MotionExchange exchange, long seed)
{
    internal const float LearningRate = 0.05f;

    private const int UpdatesUnderWay = 2;
    private const int StepsPerWindow = 2;       // a person has some 330 windows of one activity: few for a network
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly FleetTopics _topics = new("sl/motion");
    private readonly Network _network = HarNetwork.Create(seed);

    internal MotionResult Run(CancellationToken cancellationToken = default)
    {
        var rounds = new List<(Round Of, TimeSpan At)>();
        using var world = new VirtualWorld(new() { Seed = seed });
        var edge = EdgeLink.Over(world.Transport("edge"));
        var aggregator = world.Add(AggregatorPipeline.Create(Aggregator(round => rounds.Add((round, world.Elapsed))), edge));
        List<VirtualDevice> devices = [.. people.Learners.Select(person => world.Add(SensorPipeline.Create(Sensor(person), edge)))];
        for (var at = Look; at < people.Lengths.Longest + Look && rounds is not [.., { Of.IsLast: true }]; at += Look)
        {
            world.RunFor(Look, cancellationToken);
        }

        if (rounds is not [.., { Of.IsLast: true }]) { world.Drain(cancellationToken); }
        if (devices.Append(aggregator).FirstOrDefault(static d => d.Failure is not null) is { } failed) { throw failed.Failure!; }
        var last = rounds[^1].Of.Averaged;
        return new(exchange.Name,
            Evaluation.Of(_network, last, new(people.JudgedBy.Features.Span, people.JudgedBy.Labels.Span)).Accuracy,
            rounds[^1].At.TotalSeconds, [.. rounds.Select(static r => TauOf(r.Of)).OfType<int>()])
        {
            BytesUp = devices.Sum(static d => d.BytesUp),
            BytesDown = devices.Sum(static d => d.BytesDown),
            Versions = rounds.Count(static r => !r.Of.Void),
            Updates = rounds.Sum(static r => r.Of.Contributions.Length),
            Refused = rounds.Sum(static r => r.Of.Refusals.Length),
            Steps = devices.Sum(static d => d.Metrics["train"].Counter("steps")),
        };
    }

    private static int? TauOf(Round round) => round.Made.Directives is [var directive, ..] ? directive.StepsPerUpdate : null;

    private AggregatorOptions Aggregator(Action<Round> onRound)
    {
        var held = exchange.Strategy is FedBuff buffered ? buffered.BufferSize : people.Learners.Length;
        return new(_topics, _network, exchange.Strategy, held + (UpdatesUnderWay * people.Learners.Length)) { OnRound = onRound };
    }

    private SensorOptions Sensor(int person) => new(
        MotionPeople.NameOf(person), _topics, _network, p => people.Measure(p, person), people.Columns, people.Windows)
    {
        Quality = new() { Clock = EventClock.FullSpeed, DropFaulty = true },
        Training = new()
        {
            Optimizer = new Sgd(LearningRate, Momentum: 0.9f, ClipNorm: 2),
            Buffer = BufferKind.ClassBalanced,
            BufferRows = 128,
            BatchRows = 16,
            StepsPerUpdate = exchange.Steps,
            StepsPerRow = StepsPerWindow,
            AdjustLogits = true,
            Announce = true,
            AnnounceAfterClasses = exchange.IsInStep ? 2 : 1,
            Pace = exchange.IsInStep ? TrainPace.LockStep : TrainPace.Free,
            Epoch = 0,
            Credit = new() { Updates = UpdatesUnderWay },
        },
        Significant = exchange.Significant,
    };
}

/// <summary>Ways to send less than FedBuff that runs freely: significant changes alone, adaptive tau with all changes and with
/// significant ones, and a fixed number of steps, all under the same budget.</summary>
/// <remarks>Settings are those of the documentation. The budget of time is as long as all devices have rows; that of bytes is a quarter of
/// what runs freely.</remarks>
internal sealed record MotionComparison(
    MotionResult Free, MotionResult Significant, MotionResult Adaptive, MotionResult AdaptiveSignificant, MotionResult Fixed)
{
    private const double Phi = 5e-5;            // of convolutional networks
    private const int Buffered = 10, FewSteps = 4, ManySteps = 16;
    private const float FirstSignificance = 2;

    /// <summary>Bytes that a round takes for each that goes up: an update with its estimate is somewhat larger than a version, and one
    /// version comes down.</summary>
    private const double BothWays = 1.85;

    internal static MotionComparison Run(MotionPeople people, long seed = 0, CancellationToken cancellationToken = default)
    {
        var buffered = new FedBuff(Buffered) { Staleness = Staleness.Polynomial(1) };
        var free = Of(new("FedBuff", buffered, FewSteps));
        var significant = new KeepSignificantOptions { Threshold = SignificanceThreshold.Shrinking(FirstSignificance) };
        return new(free, Of(new("significant", buffered, FewSteps, significant)), Of(new("adaptive tau", Tau(null), 1)),
            Of(new("both", Tau(null), 1, significant)), Of(new("fixed tau", Tau(ManySteps), 1)));

        MotionResult Of(MotionExchange exchange) => new MotionFleet(people, exchange, seed).Run(cancellationToken);

        AdaptiveTau Tau(int? steps) => new(people.Learners.Length)
        {
            Budget = [Resource.Time(people.Lengths.Shortest), Resource.Bytes((long)(BothWays * free.BytesUp / 4))],
            Settings = new() { LearningRate = MotionFleet.LearningRate, Phi = Phi, FixedSteps = steps },
        };
    }
}

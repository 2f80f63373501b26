using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace TauDemo;

/// <summary>
/// The devices of people, each with the rows of its sensor as they come, and their aggregator, in a virtual world: the pipelines of
/// <c>streamlearn-sensor</c> and <c>streamlearn-aggregator</c>.
/// </summary>
internal sealed class MotionFleet
{
    internal const float LearningRate = 0.05f;

    private const int UpdatesUnderWay = 2;
    private const int StepsPerWindow = 2;       // a person has some 330 windows of one activity: few for a network

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly MotionPeople _people;
    private readonly MotionExchange _exchange;
    private readonly Network _network;
    private readonly long _seed;
    private readonly List<(Round Round, long BytesUp, TimeSpan At)> _rounds = [];

    /// <summary>Makes the fleet; nothing runs yet. <paramref name="seed"/>: seed of the model and of the rows that steps draw.</summary>
    public MotionFleet(MotionPeople people, MotionExchange exchange, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(people);
        ArgumentNullException.ThrowIfNull(exchange);
        (_people, _exchange, _seed, _network) = (people, exchange, seed, HarNetwork.Create(seed));
    }

    /// <summary>Runs until the rows have ended, or the budget is spent. <paramref name="points"/>: how many models to judge, evenly over
    /// the bytes sent; 1: that of the end alone.</summary>
    public MotionResult Run(int points = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        _rounds.Clear();
        using var world = new VirtualWorld(new() { Seed = _seed });
        var edge = EdgeLink.Over(world.Transport("edge"));
        var topics = new FleetTopics("sl/motion");
        List<VirtualDevice> devices = [];
        var aggregator = world.Add(AggregatorPipeline.Create(Aggregator(topics, round =>
            _rounds.Add((round, devices.Sum(static d => d.BytesUp), world.Elapsed))), edge));
        foreach (var person in _people.Learners) { devices.Add(world.Add(SensorPipeline.Create(Sensor(topics, person), edge))); }
        for (var at = Look; at < _people.Length + Look && _rounds is not [.., { Round.IsLast: true }]; at += Look)
        {
            world.RunFor(Look, cancellationToken);
        }

        if (_rounds is not [.., { Round.IsLast: true }]) { world.Drain(cancellationToken); }
        foreach (var device in devices.Append(aggregator))
        {
            if (device.Failure is { } failure) { throw failure; }
        }

        var took = _rounds.SelectMany(static r => r.Round.Contributions).ToList();
        return new(_exchange.Name, [.. Chosen(points).Select(Judge)])
        {
            BytesUp = devices.Sum(static d => d.BytesUp),
            BytesDown = devices.Sum(static d => d.BytesDown),
            Versions = _rounds.Count(static r => !r.Round.Void),
            Updates = took.Count,
            Refused = _rounds.Sum(static r => r.Round.Refusals.Length),
            Steps = devices.Sum(static d => d.Metrics["train"].Counter("steps")),
            Tau = [.. _rounds.Select(static r => TauOf(r.Round)).OfType<int>()],
        };
    }

    private static int? TauOf(Round round) => round.Made.Directives is [var directive, ..] ? directive.StepsPerUpdate : null;

    private AggregatorOptions Aggregator(FleetTopics topics, Action<Round> onRound)
    {
        var strategy = _exchange.Strategy;
        var held = strategy is FedBuff buffered ? buffered.BufferSize : _people.Learners.Length;
        return new(topics, _network, strategy, held + (UpdatesUnderWay * _people.Learners.Length)) { OnRound = onRound };
    }

    /// <summary>As the quickstart's devices learn, with two steps for each window that comes.</summary>
    private SensorOptions Sensor(FleetTopics topics, int person) => new(
        MotionPeople.NameOf(person), topics, _network, p => _people.Measure(p, person), _people.Columns, _people.Windows)
    {
        Quality = new() { Clock = EventClock.FullSpeed, DropFaulty = true },
        Training = new()
        {
            Optimizer = new Sgd(LearningRate, Momentum: 0.9f, ClipNorm: 2),
            Buffer = BufferKind.ClassBalanced,
            BufferRows = 128,
            BatchRows = 16,
            StepsPerUpdate = _exchange.Steps,
            StepsPerRow = StepsPerWindow,
            AdjustLogits = true,
            Announce = true,
            AnnounceAfterClasses = _exchange.IsInStep ? 2 : 1,
            Pace = _exchange.IsInStep ? TrainPace.LockStep : TrainPace.Free,
            Epoch = 0,
            Credit = new() { Updates = UpdatesUnderWay },
        },
        Significant = _exchange.Significant,
    };

    /// <summary>Rounds evenly over the bytes sent, the last one among them.</summary>
    private IEnumerable<(Round Round, long BytesUp, TimeSpan At)> Chosen(int points)
    {
        var (all, next) = (_rounds[^1].BytesUp, 1);
        foreach (var round in _rounds)
        {
            if (round.BytesUp * points < all * next) { continue; }
            if (round.Round != _rounds[^1].Round) { yield return round; }
            next = (int)(round.BytesUp * points / all) + 1;
        }

        yield return _rounds[^1];
    }

    private MotionPoint Judge((Round Round, long BytesUp, TimeSpan At) at) => new(at.BytesUp, at.At.TotalSeconds,
        Evaluation.Of(_network, at.Round.Averaged, new(_people.JudgedBy.Features.Span, _people.JudgedBy.Labels.Span)).Accuracy);
}

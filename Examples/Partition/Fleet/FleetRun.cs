using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>A fleet that trains in rounds of federated averaging in a virtual world: devices over their links, a server for their other
/// layers, an aggregator beside it.</summary>
internal sealed class FleetRun(FleetSetup setup, FleetPlan plan)
{
    /// <summary>Evaluations in a row that reach the target, so that luck does not count.</summary>
    internal const int Consecutive = 3;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly List<FleetPoint> _points = [];

    /// <summary>The devices after the run, in order.</summary>
    internal ImmutableArray<VirtualDevice> Devices { get; private set; } = [];

    /// <summary>The weights of the newest version.</summary>
    internal Weights Newest { get; private set; } = setup.Network.Initial;

    /// <summary>Runs until versions reach the target, or so many rounds are made.</summary>
    /// <param name="rounds">Rounds at most.</param>
    /// <param name="judge">Judges versions; null: nobody does.</param>
    /// <param name="onRound">Called after each round.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">No version comes.</exception>
    internal ImmutableArray<FleetPoint> Play(
        int rounds, FleetJudge? judge = null, Action<FleetPoint>? onRound = null, CancellationToken cancellationToken = default)
    {
        using var world = new VirtualWorld(new() { Seed = setup.Seed });
        var air = world.Transport("air");
        world.Add(Aggregator(air, version =>
        {
            if (_points.Count == rounds) { return; }
            Newest = version;
            _points.Add(Point(world.Elapsed, version, judge));
            onRound?.Invoke(_points[^1]);
        }));
        foreach (var device in setup.Devices) { world.Add(Edge(device, air), FleetDevices.Server); }
        Devices = [.. setup.Devices.Select((device, i) => world.Add(Device(i, air), device.Profile, device.Link))];
        while (_points.Count < rounds && ReachedAt([.. _points], setup.Rows.Target) is null)
        {
            world.RunFor(Slice, cancellationToken);
            if (world.Devices.FirstOrDefault(static d => d.Failure is not null) is { } failed) { throw failed.Failure!; }
            if (world.Elapsed > Longest) { throw new InvalidOperationException($"expected {rounds} rounds within a day"); }
        }

        return [.. _points];
    }

    /// <summary>The place of the first version from which on several reach the target; null if there is none.</summary>
    internal static int? ReachedAt(ImmutableArray<FleetPoint> points, double target)
    {
        var at = TimeToTarget.Of([.. points.Select(static p => (p.At, p.Accuracy))], target, Consecutive);
        return at is null ? null : points.Select(static p => p.At).ToList().IndexOf(at.Value);
    }

    private FleetPoint Point(TimeSpan at, Weights version, FleetJudge? judge) => new(at, Devices.Sum(static d => d.Joules),
        Devices.Sum(static d => d.BytesUp), Devices.Sum(static d => d.BytesDown), version.Sha256(),
        judge?.AccuracyOf(version) ?? double.NaN);

    private Pipeline Device(int i, ITransport air) => Pipeline.Define(setup.Devices[i].Name, p =>
    {
        var (name, training) = (setup.Devices[i].Name, setup.Training);
        var gradients = p.Subscribe(air, $"down/{name}", plan.Boundary.Back);
        var draws = new DrawnWindowsOptions(setup.Rows.Learners[i], training.BatchRows, setup.Seed, name);
        var rows = p.From("windows", draws, DrawnWindows.Open, DrawnWindowsOptions.Columns);
        var (activations, reports) = rows.SplitTrain(setup.Network, Side.Device, plan.Splits[i], gradients, options: training);
        reports.ForEach("reports", static _ => { });
        activations.Publish(air, $"up/{name}", plan.Boundary.Forward);
    });

    /// <summary>The server's part for a device, which no other one waits for.</summary>
    private Pipeline Edge(FleetDevice device, ITransport air) => Pipeline.Define($"edge-{device.Name}", p =>
    {
        var versions = p.Subscribe(air, "versions", LearningCodecs.Weights);
        var (gradients, updates, moves) = p.Subscribe(air, $"up/{device.Name}", plan.Boundary.Forward)
            .ServeSplit(setup.Network, versions, new() { Training = setup.Training });
        gradients.Publish(air, $"down/{device.Name}", plan.Boundary.Back);
        updates.Publish(air, "updates", LearningCodecs.Deltas);
        moves.ForEach("moves", static _ => { });
    });

    private Pipeline Aggregator(ITransport air, Action<Weights> onVersion) => Pipeline.Define("aggregator", p =>
    {
        var (versions, ended) = p.Subscribe(air, "updates", LearningCodecs.Deltas)
            .Aggregate(setup.Network, new FedAvg(setup.Devices.Length), new() { Averaging = Averaging.None });
        versions.ForEach("look", onVersion);
        versions.Publish(air, "versions", LearningCodecs.Weights);
        ended.ForEach("rounds", static _ => { });
    });
}

using System.Collections.Concurrent;

namespace Papers;

internal readonly record struct DeviceUse(double Joules, long BytesUp, long BytesDown);

internal sealed record FleetPoint(TimeSpan At, ImmutableArray<DeviceUse> Devices, string Sha256, double Accuracy)
{
    internal double Joules => Devices.Sum(static use => use.Joules);
    internal long BytesUp => Devices.Sum(static use => use.BytesUp);
    internal long BytesDown => Devices.Sum(static use => use.BytesDown);
}

/// <summary>Evaluates versions on people whom no device has seen. Runs that train alike give equal bits and are evaluated once.</summary>
internal sealed class FleetJudge(Network network, RecordedRows rows)
{
    private readonly ConcurrentDictionary<string, Lazy<double>> _known = new(StringComparer.Ordinal);

    internal double AccuracyOf(Weights version) => _known.GetOrAdd(version.Sha256(), _ => new(() =>
        Evaluation.Of(network, version, new(rows.Features.Span, rows.Labels.Span)).Accuracy)).Value;
}

/// <summary>A simulated fleet that trains in rounds of federated averaging: devices with their links, a server for the other layers, and an
/// aggregator next to it.</summary>
internal sealed class PlannedRun(FleetSetup setup, FleetPlan plan)
{
    /// <summary>Number of consecutive evaluations that must reach the target, so that chance has no effect.</summary>
    internal const int Consecutive = 3;
    private const float Kept = .8f;             // weight of the previous model in the average
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private readonly List<FleetPoint> _points = [];
    private ImmutableArray<VirtualDevice> _devices = [];

    internal Weights Newest { get; private set; } = setup.Network.Initial;

    internal ImmutableArray<FleetPoint> Play(int rounds, FleetJudge? judge = null, CancellationToken cancellationToken = default)
    {
        using var world = new VirtualWorld(new() { Seed = setup.Seed });
        var air = world.Transport("air");
        world.Add(Aggregator(air, round =>
        {
            if (_points.Count == rounds) { return; }
            Newest = round.Made;
            _points.Add(new(world.Elapsed, [.. _devices.Select(static d => new DeviceUse(d.Joules, d.BytesUp, d.BytesDown))],
                round.Made.Sha256(), judge?.AccuracyOf(round.Averaged) ?? double.NaN));
        }));
        foreach (var device in setup.Devices) { world.Add(Edge(device, air), FleetDevices.Server); }
        _devices = [.. setup.Devices.Select((device, i) => world.Add(Device(i, air), device.Profile, device.Link))];
        while (_points.Count < rounds && ReachedAt([.. _points], setup.Rows.Target) is null)
        {
            world.RunFor(Slice, cancellationToken);
            if (world.Devices.FirstOrDefault(static d => d.Failure is not null) is { } failed) { throw failed.Failure!; }
            if (world.Elapsed > Longest) { throw new InvalidOperationException($"expected {rounds} rounds within a day"); }
        }

        return [.. _points];
    }

    /// <summary>Returns the index of the first of several consecutive rounds that reach the target; null: none.</summary>
    internal static int? ReachedAt(ImmutableArray<FleetPoint> points, double target)
    {
        var at = TimeToTarget.Of([.. points.Select(static p => (p.At, p.Accuracy))], target, Consecutive);
        return at is null ? null : points.Select(static p => p.At).ToList().IndexOf(at.Value);
    }

    private Pipeline Device(int i, ITransport air) => Pipeline.Define(setup.Devices[i].Name, p =>
    {
        var (name, training) = (setup.Devices[i].Name, setup.Training);
        var gradients = p.Subscribe(air, $"down/{name}", plan.Boundary.Back);
        var rows = p.From("windows", setup.Rows.Learners[i], (RecordedRows of, OperatorContext context) =>
            new DrawnWindows(new(of, setup.Seed, name), training.BatchRows, context), DrawnWindows.Columns);
        var (activations, reports) = rows.SplitTrain(setup.Network, plan.Splits[i], gradients, options: training);
        reports.ForEach("reports", static _ => { });
        activations.Publish(air, $"up/{name}", plan.Boundary.Forward);
    });

    /// <summary>For one device, for which no other waits.</summary>
    private Pipeline Edge(FleetDevice device, ITransport air) => Pipeline.Define($"edge-{device.Name}", p =>
    {
        var versions = p.Subscribe(air, "versions", LearningCodecs.Weights);
        var (gradients, updates, moves) = p.Subscribe(air, $"up/{device.Name}", plan.Boundary.Forward)
            .ServeSplit(setup.Network, versions, new() { Training = setup.Training });
        gradients.Publish(air, $"down/{device.Name}", plan.Boundary.Back);
        updates.Publish(air, "updates", LearningCodecs.Deltas);
        moves.ForEach("moves", static _ => { });
    });

    /// <summary>Computes plain averages over all devices, which train on from them; the version in use is their moving average.</summary>
    private Pipeline Aggregator(ITransport air, Action<Round> onRound) => Pipeline.Define("aggregator", p =>
    {
        var (versions, ended) = p.Subscribe(air, "updates", LearningCodecs.Deltas)
            .Aggregate(setup.Network, new FedAvg(setup.Devices.Length), new() { Averaging = Averaging.Exponential(Kept) });
        versions.Publish(air, "versions", LearningCodecs.Weights);
        ended.ForEach("rounds", onRound);
    });
}

namespace StreamLearn.Fleets.Tests;

/// <summary>A whole fleet with a barrier, of which one device crashes and comes back.</summary>
public sealed class MembershipFleetTests
{
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    [Fact]
    public void A_crash_holds_a_barrier_up_until_the_lease_is_over_and_a_return_is_a_join()
    {
        using var world = new VirtualWorld(new() { Seed = 3 });
        List<Round> rounds = [];
        var edge = world.Transport("edge");
        var server = world.Add(Pipeline.Define("aggregator", p =>
        {
            var (versions, made) = p.Subscribe(edge, "updates", LearningCodecs.Deltas)
                .Aggregate(Model, new FedAvg(3), new() { Lease = TimeSpan.FromSeconds(30) })
                .ControlledBy(p.Subscribe(edge, "presence", LearningCodecs.Presences));
            versions.Publish(edge, "models", LearningCodecs.Weights, retain: true);
            made.ForEach("rounds", rounds.Add);
        }));
        Add(world, 0, epoch: 1);
        Add(world, 1, epoch: 1);
        var third = Add(world, 2, epoch: 1);
        var start = world.Now;

        world.RunFor(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        third.Crash();
        world.RunFor(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(2.0, server.Metrics["aggregate"].Gauges["devices-alive"]);
        Add(world, 2, epoch: 2);
        world.RunFor(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.All(world.Devices, d => Assert.Null(d.Failure));
        var lengths = rounds.Select(r => (r.Ended - r.StartedAt).TotalSeconds).ToList();
        var held = lengths.IndexOf(lengths.Max());
        Assert.InRange(lengths[held], 20, 31);                                      // a lease from its last message
        Assert.InRange(lengths.Where((_, i) => i != held).Max(), 0, 5);
        Assert.Equal(1, server.Metrics["aggregate"].Counter("leases-ended"));
        Assert.Equal([1L, 2], rounds.SelectMany(r => r.Contributions).Where(c => c.Device == "device-2").Select(c => c.Epoch).Distinct());
        Assert.Equal(3.0, server.Metrics["aggregate"].Gauges["devices-alive"]);
        Assert.Equal(3, rounds[^1].Contributions.Length);
        Assert.InRange((rounds[^1].Ended - start).TotalSeconds, 175, 180);
        Assert.Empty(server.Metrics["aggregate"].Drops);
    }

    private static VirtualDevice Add(VirtualWorld world, int number, long epoch)
    {
        var edge = world.Transport("edge");
        return world.Add(Pipeline.Define($"device-{number}", p =>
        {
            var (deltas, scores) = p
                .From("rows", number, static (int device, OperatorContext context) => new EndlessRows(device, context), EndlessRows.Columns)
                .Train(Model, p.Subscribe(edge, "models", LearningCodecs.Weights),
                    new() { Announce = true, Continuous = true, Pace = TrainPace.LockStep, Optimizer = new Sgd(0.01f), Epoch = epoch });
            deltas.Publish(edge, "updates", LearningCodecs.Deltas);
            scores.Discard();
            p.Heartbeat(epoch: epoch).Publish(edge, "presence", LearningCodecs.Presences);
        }), new() { MultiplyAddsPerSecond = 300 * (number + 1) });
    }
}

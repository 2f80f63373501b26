namespace StreamLearn.Fleets.Tests;

/// <summary>Fleets whose devices say that they have rows before they learn from them.</summary>
public sealed class AnnouncedFleetTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    [Fact]
    public void Behind_a_barrier_the_first_version_is_the_initial_model_with_the_scale_of_all_devices()
    {
        var (versions, updates) = Run(devices: 3, new() { Announce = true, Continuous = true, Pace = TrainPace.LockStep });
        var first = versions[0];
        Assert.Equal(Model.Initial.Values[2..], first.Values[2..]);
        Assert.Equal(24, first.Scale!.Count);
        Assert.InRange(first.Scale.Mean[0], 900, 1100);     // devices around 0, 1000 and 2000
        Assert.Contains(updates, u => u.Steps > 0);
        Assert.All(updates.Where(u => u.Steps > 0), u => Assert.InRange(u.BaseVersion, 1, long.MaxValue));
        Assert.InRange(versions[^1].Version, 5, long.MaxValue);
    }

    [Fact]
    public void A_device_that_comes_late_joins_the_rounds_that_are_under_way()
    {
        var (versions, updates) = Run(devices: 2, new() { Announce = true, Continuous = true, Pace = TrainPace.LockStep }, late: true);
        var joined = updates.FindIndex(u => u.Device == "device-2");
        Assert.Equal(0, updates[joined].Steps);
        Assert.Contains(updates.Skip(joined), u => u.Device == "device-2" && u.Steps > 0);
        var others = updates.Skip(joined).Where(u => u.Device == "device-0").Select(u => u.BaseVersion).ToList();
        Assert.Equal(others.Distinct(), others);            // round follows round for those that were there
        Assert.InRange(versions[^1].Version - updates[joined].BaseVersion, 5, long.MaxValue);
    }

    /// <summary>Half a minute of a fleet; the late device, if there is one, comes after half of it.</summary>
    private static (List<Weights> Versions, List<WeightDelta> Updates) Run(int devices, TrainOptions options, bool late = false)
    {
        using var world = new VirtualWorld(new() { Seed = 3 });
        var edge = world.Transport("edge");
        List<Weights> versions = [];
        List<WeightDelta> updates = [];
        world.Add(Pipeline.Define("aggregator", p =>
        {
            var arrived = p.Subscribe(edge, "updates", LearningCodecs.Deltas);
            arrived.ForEach("note", updates.Add);
            var (made, rounds) = arrived.Aggregate(Model, new FedAvg(devices), new() { MaxNorm = 100 });
            made.Publish(edge, "models", LearningCodecs.Weights, retain: true);
            rounds.ForEach("versions", round => versions.Add(round.Averaged));
        }));
        for (var d = 0; d < devices; d++) { Add(world, d, options); }
        world.RunFor(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        if (late) { Add(world, devices, options); }
        world.RunFor(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.All(world.Devices, d => Assert.Null(d.Failure));
        return (versions, updates);
    }

    private static void Add(VirtualWorld world, int number, TrainOptions options)
    {
        var edge = world.Transport("edge");
        var pipeline = Pipeline.Define($"device-{number}", p =>
        {
            var (deltas, scores) = p
                .From("rows", number, static (int device, OperatorContext context) => new EndlessRows(device, context), Rows)
                .Train(Model, p.Subscribe(edge, "models", LearningCodecs.Weights), options);
            deltas.Publish(edge, "updates", LearningCodecs.Deltas);
            scores.Discard();
        });
        world.Add(pipeline, new() { MultiplyAddsPerSecond = 300 * (number + 1) });
    }

    /// <summary>A row every half second.</summary>
    private sealed class EndlessRows(int device, OperatorContext context) : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _made;
        public override DateTimeOffset? NextAt => _start + TimeSpan.FromSeconds(0.5 * _made);

        public override Batch Next()
        {
            _made++;
            var x = (1000 * device) + (_made & 1);
            return Batches.Of(context.Pool, Rows, new float[] { x }, new int[] { _made & 1 });
        }
    }
}

namespace StreamLearn.Fleets.Tests;

/// <summary>Fleets of which a part is invited to each round.</summary>
public sealed class CohortFleetTests
{
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);

    [Theory]
    [InlineData(true, TrainPace.LockStep, 0)]
    [InlineData(true, TrainPace.Free, 1)]
    [InlineData(false, TrainPace.Free, 1)]
    [InlineData(false, TrainPace.LockStep, 1)]
    public void Only_those_who_are_invited_train_once_the_first_version_is_out(bool announce, TrainPace pace, int untimelyOfDevice)
    {
        var options = new TrainOptions { Announce = announce, Continuous = true, Pace = pace, Optimizer = new Sgd(0.01f) };
        var (updates, rounds, drops) = Run(devices: 6, new FedAvg(6) { Cohort = Cohort.Random(2) }, options);
        Assert.InRange(rounds.Count, 20, int.MaxValue);
        Assert.All(rounds.Skip(1), r => Assert.Equal(2, r.Contributions.Select(c => c.Device).Distinct().Count()));
        Assert.All(rounds, r => Assert.Equal(0, r.Missing));
        Assert.Equal(6, rounds.SelectMany(r => r.Contributions).Select(c => c.Device).Distinct().Count());
        Assert.Contains(updates, u => u.Steps > 0 && u.BaseVersion > 0);
        // a device that has not heard of a version trains on its own; its update of that time may come too late for the first round
        Assert.InRange(drops.GetValueOrDefault("uninvited"), 0, 6 * untimelyOfDevice);
        if (pace == TrainPace.LockStep) { Assert.InRange(drops.GetValueOrDefault("late-round"), 0, 6 * untimelyOfDevice); }
        Assert.Equal(drops.Values.Sum(), drops.GetValueOrDefault("uninvited") + drops.GetValueOrDefault("late-round"));
    }

    // AT-1e holds the times of real training against each other; here losses are made up
    [Fact]
    public void Tiers_and_utility_shorten_rounds()
    {
        var random = MeanRound(Cohort.Random(10));
        Assert.InRange(random / MeanRound(Cohort.Tier(10)), 1.5, 3);
        Assert.InRange(random / MeanRound(Cohort.Utility(10)), 2, 10);
    }

    /// <summary>Mean time of 200 rounds of 100 devices, whose speeds are log-uniform between a tenth and one.</summary>
    private static double MeanRound(Cohort cohort)
    {
        using var probe = Updates.Probe(new FedAvg(100) { Cohort = cohort });
        var random = new RandomStream(11, "speeds");
        var seconds = Enumerable.Range(0, 100).ToDictionary(d => $"d{d}", _ => Math.Pow(10, random.NextDouble()));
        var losses = seconds.Keys.ToDictionary(d => d, _ => random.NextDouble(0.5, 1.5));
        foreach (var device in seconds.Keys) { probe.Send(InvitationTests.Announcement(device, 1)); }
        var began = probe.Now;
        for (var round = 1; round <= 200; round++)
        {
            var from = probe.Now;
            foreach (var device in probe.Take<Weights>().Invited!.Value.OrderBy(d => seconds[d]))
            {
                probe.Advance(from + TimeSpan.FromSeconds(seconds[device]) - probe.Now);
                var loss = (float)(losses[device] * Math.Exp(-0.01 * round));
                probe.Send(Updates.Of(device, round + 1, 0.01f, baseVersion: round) with { Loss = loss });
            }
        }

        return (probe.Now - began).TotalSeconds / 200;
    }

    private static (List<WeightDelta> Updates, List<Round> Rounds, IReadOnlyDictionary<string, long> Drops) Run(
        int devices, Strategy strategy, TrainOptions options)
    {
        using var world = new VirtualWorld(new() { Seed = 3 });
        var edge = world.Transport("edge");
        List<WeightDelta> updates = [];
        List<Round> made = [];
        var server = world.Add(Pipeline.Define("aggregator", p =>
        {
            var arrived = p.Subscribe(edge, "updates", LearningCodecs.Deltas);
            arrived.ForEach("note", updates.Add);
            var (versions, rounds) = arrived.Aggregate(Model, strategy);
            versions.Publish(edge, "models", LearningCodecs.Weights, retain: true);
            rounds.ForEach("rounds", made.Add);
        }));
        for (var d = 0; d < devices; d++)
        {
            world.Add(Pipeline.Define($"device-{d}", p =>
            {
                var (deltas, scores) = p
                    .From("rows", d, static (int device, OperatorContext context) => new EndlessRows(device, context), EndlessRows.Columns)
                    .Train(Model, p.Subscribe(edge, "models", LearningCodecs.Weights), options);
                deltas.Publish(edge, "updates", LearningCodecs.Deltas);
                scores.Discard();
            }), new() { MultiplyAddsPerSecond = 2000 + (100 * d) });
        }

        world.RunFor(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.All(world.Devices, d => Assert.Null(d.Failure));
        return (updates, made, server.Metrics["aggregate"].Drops);
    }
}

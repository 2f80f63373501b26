namespace StreamLearn.Fleets.Tests;

/// <summary>Running statistics of a fleet: averaged as they are, whatever moves the trained values.</summary>
public sealed class StatisticsTests
{
    private static readonly CountingModel Model = new();

    public static TheoryData<Strategy> Strategies() =>
    [
        new FedAvg(2), new FedAvgM(2), new FedAdam(2), new FedAdagrad(2), new FedYogi(2), new FedBuff(2),
        new FedAvg(2) { LearningRate = 0.25f }, new FedBuff(2, LearningRate: 0.25f),
    ];

    [Theory, MemberData(nameof(Strategies))]
    public void They_are_the_mean_of_what_the_devices_hold_under_every_strategy(Strategy strategy)
    {
        using var probe = Probe(strategy, new() { MaxNorm = 100 });
        probe.Send(Update("a", 1, 0.1f, mean: 4, variance: 1), Update("b", 1, 0.3f, mean: 8, variance: -0.5f));
        var first = probe.Take<Weights>().Values;
        probe.Send(Update("a", 2, 0.1f, mean: 2, variance: 1, baseVersion: 1));
        probe.Send(Update("b", 2, 0.3f, mean: -2, variance: 3, baseVersion: 1));
        var second = probe.Take<Weights>().Values;
        probe.Send(Update("a", 3, 0.1f, mean: 2, variance: 0, baseVersion: 2));
        probe.Send(Update("b", 3, 0.3f, mean: 4, variance: 1, baseVersion: 2));
        var third = probe.Take<Weights>().Values;
        Assert.Equal((6f, 1.25f), (first[1], first[2]));
        Assert.Equal((6f, 3.25f), (second[1], second[2]));
        Assert.Equal((9f, 3.75f), (third[1], third[2]));
        Assert.NotEqual(0, first[0]);
        Assert.Equal((7f, 7f), (first[3], second[3]));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Under_a_robust_strategy_they_are_as_robust_and_move_at_the_full_rate(bool median)
    {
        Strategy strategy = median ? new FedMedian(3) { LearningRate = 0.5f } : new FedTrimmedMean(3, 0.4) { LearningRate = 0.5f };
        using var probe = Probe(strategy);
        probe.Send(Update("a", 1, 0.2f, mean: 4, variance: 1), Update("b", 1, 0.2f, mean: 5, variance: 1));
        probe.Send(Update("c", 1, 0.2f, mean: 1e30f, variance: 1e30f));
        var values = probe.Take<Weights>().Values;
        Assert.Equal((0.1f, 5f, 2f), (values[0], values[1], values[2]));
    }

    [Fact]
    public void Asynchronous_mixing_mixes_them_like_the_model()
    {
        using var probe = Probe(new FedAsync(1, Alpha: 0.5f));
        probe.Send(Update("a", 1, 0.2f, mean: 4, variance: 1));
        var values = probe.Take<Weights>().Values;
        Assert.Equal((0.1f, 2f, 1.5f), (values[0], values[1], values[2]));
    }

    [Fact]
    public void A_variance_of_stale_devices_never_falls_below_theirs()
    {
        using var probe = Probe(new FedBuff(1));
        probe.Send(Update("a", 1, 0.1f, mean: 0, variance: -0.9f));
        probe.Send(Update("b", 1, 0.1f, mean: 0, variance: -0.9f));       // of version 0 as well: 0.1 and not −0.8
        var versions = probe.TakeAll<Weights>().ToList();
        Assert.Equal(0.1f, versions[0].Values[2], 1e-6);
        Assert.Equal(0.1f, versions[1].Values[2], 1e-6);
    }

    [Fact]
    public void They_are_neither_clipped_nor_do_they_count_in_an_updates_norm()
    {
        using var probe = Probe(new FedAvg(1), new() { ClipNorm = 0.5f, MaxNorm = 2 });
        probe.Send(Update("a", 1, 1, mean: 400, variance: 300));
        var values = probe.Take<Weights>().Values;
        Assert.Equal((0.5f, 400f, 301f), (values[0], values[1], values[2]));
        Assert.Equal(1, probe.Metrics.Counter("updates-clipped"));
    }

    [Fact]
    public void One_that_is_no_number_refuses_its_update()
    {
        using var probe = Probe(new FedAvg(1));
        probe.Send(Update("a", 1, 0.1f, mean: float.NaN, variance: 0));
        Assert.Equal(1, probe.Metrics.Drops["non-finite"]);
    }

    [Fact]
    public void The_model_in_use_averages_them_over_versions()
    {
        using var probe = Probe(new FedAvg(1), new() { Averaging = Averaging.Exponential(0.5f) });
        probe.Send(Update("a", 1, 0.2f, mean: 4, variance: 0));
        probe.Send(Update("a", 2, 0.2f, mean: 4, variance: 0, baseVersion: 1));
        Assert.Equal([4f, 6], probe.TakeAll<Round>(port: 1).Select(r => r.Averaged.Values[1]));
    }

    [Fact]
    public void An_update_whose_steps_were_all_taken_back_changes_nothing_and_its_device_has_reported()
    {
        using var probe = Probe(new FedAvg(2));
        probe.Send(Update("a", 1, 0, 0, 0) with { RolledBack = 4, Samples = 0 }, Update("b", 1, 0.5f, 0, 0));
        Assert.Equal(0.5f, probe.Take<Weights>().Values[0]);
        Assert.Equal(1, probe.Metrics.Drops["rolled-back"]);
    }

    private static WeightDelta Update(string device, long sequence, float value, float mean, float variance, long baseVersion = 0) => new()
    {
        Device = device,
        Epoch = 1,
        Sequence = sequence,
        BaseVersion = baseVersion,
        Samples = 16,
        SchemaHash = Model.Plan.SchemaHash,
        Values = [value, mean, variance, 0],
        Steps = 4,
    };

    private static OperatorProbe Probe(Strategy strategy, AggregateOptions? options = null) => OperatorProbe.From<WeightDelta>(
        (_, flow) => OperatorProbe.Use(flow.Aggregate(Model, strategy, options)));

    /// <summary>A trained value, a running mean and variance, and a counter.</summary>
    private sealed class CountingModel : IModel
    {
        public ModelPlan Plan { get; } = new(
            new(1), 2, 1,
            [
                ("value", SliceKind.Trained, 1), ("mean", SliceKind.Statistic, 1), ("variance", SliceKind.Statistic, 1),
                ("count", SliceKind.Counter, 1),
            ]);

        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0, 0, 1, 7] };
        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory) => 0;

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
        {
        }
    }
}

using Aggregator;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Sensor.Tests;

public sealed class OutsideTests
{
    static OutsideTests()
    {
        StrategyNames.Register("bounded_mean", BoundedMean.Read);
        Planners.Register("few_layers", new FewLayers(2));
        TensorCodes.Register("half", new HalfCode());
    }

    [Fact]
    public void A_strategy_and_a_code_make_versions()
    {
        const float Most = 0.01f;
        var sensor = ConfigTree.Parse("s.yaml", """
            streamlearn: 1
            fleet: f
            link: { url: nats://h }
            source: { generator: { users: [1], length: 5m, speed: 1 } }
            pipeline: [check: {}, window: {}, learn: { batch: 4 }]
            exchange: { code: half }
            """).Read(SensorConfig.Read).Value;
        var aggregator = Read("{ bounded_mean: { devices: 1, most: 0.01 } }");
        List<Weights> versions = [];
        using var world = new VirtualWorld(new() { Seed = 42 });
        var air = EdgeLink.Over(world.Transport("edge"));
        var options = AggregatorCommands.OptionsOf(aggregator, epoch: 0, round => versions.Add(round.Made));
        var edge = world.Add(AggregatorPipeline.Create(options with
        {
            ResumesFromRetained = false,
            Rules = options.Rules with { Restore = null, RestoreOnceConnected = false },
        }, air));
        var device = world.Add(SensorPipeline.Create(SensorDevices.Of(sensor, epoch: 1, [])[0] with { HeartbeatEvery = null }, air));

        world.RunFor(TimeSpan.FromMinutes(6));

        Assert.Equal((null, null), (edge.Failure, device.Failure));
        Assert.True(versions.Count > 5, $"{versions.Count} versions");
        var plan = options.Model.Plan;
        foreach (var (before, after) in versions.Zip(versions.Skip(1)))
        {
            foreach (var slice in plan.Slices.Where(static s => s.Kind == SliceKind.Trained))
            {
                for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
                {
                    Assert.InRange(after.Values[i] - before.Values[i], -Most - 1e-6f, Most + 1e-6f);
                }
            }
        }

        Assert.NotEqual(versions[1].Values, versions[^1].Values);
        var codes = device.Metrics["code-updates"];
        Assert.InRange((double)codes.Counter("bytes-sent") / codes.Counter("bytes"), 0.45, 0.6);
    }

    [Fact]
    public void The_rules_of_a_strategy_say_what_an_aggregator_asks_of_it()
    {
        var strategy = Read("{ bounded_mean: { devices: 7 } }").Strategy;

        Assert.Equal(("bounded_mean", 7, true, false),
            (strategy.Name, strategy.Strategy.Awaited, strategy.Strategy.IsBarrier, strategy.Strategy.AllowsSplit));
        Assert.Contains("a.yaml", Refused("{ bounded_mean: { devices: 7, mots: 1 } }"), StringComparison.Ordinal);
        Assert.Contains("did you mean 'most'?", Refused("{ bounded_mean: { devices: 7, mots: 1 } }"), StringComparison.Ordinal);
        Assert.Contains("expected no strategy that sets the steps of devices, got bounded_mean",
            Refused("{ bounded_mean: { devices: 7 } }, split: { planner: few_layers }"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_planner_splits_a_fleet()
    {
        var fleet = SplitFleetTests.Run(SplitFleetTests.SensorOf("auto, watts: [4, 1, 1]"), "batch: 4, planner: few_layers");

        Assert.Equal(2, fleet.Splits[^1].Layers);
    }

    [Fact]
    public void A_name_or_a_kind_is_taken_once()
    {
        TensorCodes.Register("half", new HalfCode());
        Assert.Throws<ArgumentException>(() => TensorCodes.Register("sign", new HalfCode()));
        Assert.Throws<ArgumentException>(() => StrategyNames.Register("fedavg", BoundedMean.Read));
        Assert.Throws<ArgumentException>(() => Planners.Register("few_layers", new FewLayers(3)));
        Assert.Equal(new HalfCode(), TensorCodes.TryParse("half"));
        Assert.Null(TensorCodes.TryParse("half:2"));
    }

    private static AggregatorConfig Read(string strategy) => ConfigTree.Parse("a.yaml",
        $"{{ streamlearn: 1, fleet: f, link: {{ url: nats://h }}, model: {{}}, aggregate: {{ strategy: {strategy} }} }}")
        .Read(AggregatorConfig.Read).Value;

    private static string Refused(string strategy) => Assert.Throws<ConfigurationException>(() => Read(strategy)).Message;

    /// <summary>A planner by somebody else: as few layers on each device as it says.</summary>
    private sealed record FewLayers(int Layers) : Planner
    {
        public override Plan Plan(LayerCosts model, ResourceView view, Objective objective) =>
            new([.. SplitRoutes.Of(model, view, objective).Select(routes => routes.Choose(of => of.Nearest(Layers)))]);
    }
}

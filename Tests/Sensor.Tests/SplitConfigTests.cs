using Aggregator;
using StreamLearn.Nodes;

namespace Sensor.Tests;

public sealed class SplitConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_number_is_the_split_and_auto_says_what_the_device_can()
    {
        var three = SplitOf("split: 3, rate: 0.01, momentum: 0.5, batch: 8", "steps_per_update: 7, boundary: int8");
        var planned = SplitOf("split: auto, watts: [5, 2, 1]");

        Assert.Equal((3, true, null), (three.Split, three.HasBytes, three.Training.Resources));
        Assert.Equal((7, 8), (three.Training.RoundBatches, three.Training.BatchRows));
        Assert.Equal(new Sgd(0.01f, 0.5f, ClipNorm: float.PositiveInfinity), three.Training.Optimizer);
        var (layers, said) = (ModelConfig.Default.Create().Layers.Length, planned.Training.Resources!);
        Assert.Equal((layers, layers, false), (planned.Split, said.Times!.Count, planned.HasBytes));
        Assert.Equal((5, 2, 1), (said.ComputingWatts, said.SendingWatts, said.ReceivingWatts));
        Assert.InRange(said.MemoryBytes, 1, long.MaxValue);
        Assert.Equal(layers, SplitOf($"split: {layers}").Split);
        Assert.Equal(1, SplitOf("split: 1").Split);
    }

    [Theory]
    [InlineData("clip: 1, split: 3", "", "f.yaml:5:50: pipeline[2].learn.clip: expected no clip with split: each row is used once")]
    [InlineData("buffer: 64, split: 3", "", "expected no buffer with split")]
    [InlineData("adjust_logits: true, split: auto", "", "expected no adjust_logits with split")]
    [InlineData("steps: 10, split: auto", "", "expected no steps with split")]
    [InlineData("steps_per_window: 2, split: auto", "", "expected no steps_per_window with split")]
    [InlineData("split: 3", "significance: 1", "expected no significance with split: the aggregator makes the updates")]
    [InlineData("split: 3", "boundary: int4", "exchange.boundary: expected")]
    [InlineData("split: some", "", "expected auto, or a number of layers, got 'some'")]
    [InlineData("split: -1", "", "expected auto, or a number of layers, got '-1'")]
    [InlineData("split: 99", "", "f.yaml:5:11: pipeline: expected a split of 1 to 7 layers of this model, got 99")]
    [InlineData("split: 0", "", "f.yaml:5:11: pipeline: expected a split of 1 to 7 layers of this model, got 0")]
    [InlineData("watts: [1, 1, 1]", "", "expected them only with split, for a planner")]
    [InlineData("split: auto, watts: [1, 1]", "", "pipeline[2].learn.watts: expected")]
    public void What_has_no_meaning_with_a_split_is_refused_in_one_line(string learn, string exchange, string expected)
    {
        File.WriteAllText(_folder.File("f.yaml"), Text(learn, exchange));

        var refused = Assert.Throws<ConfigurationException>(() => Read(learn, exchange));
        var refusedThere = Assert.Throws<ConfigurationException>(() => AggregatorInit.Text(_folder.File("f.yaml")));

        Assert.Contains(expected, Assert.Single(refused.Problems).ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            Assert.Single(refused.Problems).ToString(), Assert.Single(refusedThere.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("split: auto")]
    [InlineData("split: 3, batch: 8, watts: [1, 1, 1]")]
    [InlineData("steps: 100")]
    [InlineData("batch: 8")]
    public void What_is_in_effect_is_shown_as_a_file_that_says_the_same(string learn)
    {
        var shown = ConfigTree.Parse("f.yaml", Text(learn, "")).Read(SensorConfig.Read);

        var again = ConfigTree.Parse("shown.yaml", shown.ToYaml()).Read(SensorConfig.Read);

        Assert.Equal(shown.ToYaml(), again.ToYaml());
        Assert.Equal(learn.Contains("split", StringComparison.Ordinal), !shown.ToYaml().Contains("buffer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("split: auto, batch: 8, rate: 0.01, momentum: 0.5", "boundary: int8")]
    [InlineData("split: 3", "")]
    public void The_file_of_the_aggregator_is_written_after_that_of_a_sensor(string learn, string exchange)
    {
        File.WriteAllText(_folder.File("s.yaml"), Text(learn, exchange));

        var text = AggregatorInit.Text(_folder.File("s.yaml"));
        var config = ConfigTree.Parse("a.yaml", text).Read(AggregatorConfig.Read).Value;
        var (edge, device) = (config.Split!.Options(config.Model.Create(), config.Devices), SplitOf(learn, exchange));

        Assert.Equal((device.Training.Optimizer, device.Training.BatchRows, device.HasBytes),
            (edge.Serving.Training.Optimizer, edge.Serving.Training.BatchRows, edge.HasBytes));
        Assert.Equal("fedavg", config.Strategy.Name);         // a device waits for the next version
        Assert.Equal((new AresJoint(), 0.5), (config.Split.Planner, config.Split.Alpha));
        Assert.Equal((device.Training.BatchRows, device.HasBytes ? 1 : 4),
            (edge.Planning!.Objective.BatchRows, edge.Planning.Objective.BytesPerValue));
    }

    [Fact]
    public void Without_a_split_neither_side_has_one()
    {
        File.WriteAllText(_folder.File("s.yaml"), Text("batch: 8", ""));
        var text = AggregatorInit.Text(_folder.File("s.yaml"));

        Assert.Null(Assert.Single(SensorDevices.Of(Read("batch: 8", ""), 5, [])).Split);
        Assert.DoesNotContain("split", text, StringComparison.Ordinal);
        Assert.Null(ConfigTree.Parse("a.yaml", text).Read(AggregatorConfig.Read).Value.Split);
    }

    [Theory]
    [InlineData("planner: best", "aggregate.split.planner: expected")]
    [InlineData("alpha: 1.5", "aggregate.split.alpha: expected")]
    [InlineData("batch: 0", "aggregate.split.batch: expected")]
    [InlineData("layers: 3", "aggregate.split: unknown key 'layers'")]
    public void What_the_aggregator_cannot_plan_with_is_refused(string split, string expected)
    {
        var refused = Assert.Throws<ConfigurationException>(() => AggregatorOf(split));

        Assert.Contains(expected, Assert.Single(refused.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adaptive_tau: { devices: 3, time: 6s }", "adaptive_tau")]
    [InlineData("oneshot: { devices: 3 }", "oneshot")]
    [InlineData("fedprox: { devices: 3 }", "fedprox")]
    public void A_strategy_that_sets_the_steps_of_devices_is_refused_with_a_split(string strategy, string name)
    {
        File.WriteAllText(_folder.File("s.yaml"), Text("split: auto", ""));
        var text = System.Text.RegularExpressions.Regex.Replace(
            AggregatorInit.Text(_folder.File("s.yaml")), @"fedavg: \{[^}]*\}", strategy);

        var refused = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("a.yaml", text).Read(AggregatorConfig.Read));

        Assert.Contains($"expected no strategy that sets the steps of devices, got {name}", Assert.Single(refused.Problems).ToString(),
            StringComparison.Ordinal);
    }

    /// <summary>By the times of the simulation: with 75 Mbit/s a Pi 3 gains by a split, and with 10 it does not.</summary>
    [Fact]
    public void FedAdapt_learns_the_same_at_each_start_and_says_so_if_that_takes_longer_than_a_second()
    {
        var (config, model) = (AggregatorOf("planner: fedadapt").Split!, ModelConfig.Default.Create());
        var (costs, said) = (LayerCosts.Of(model), new List<string>());

        var planner = Assert.IsType<FedAdapt>(config.Learned(model, new ManualTimeProvider(), said.Add).Planner);
        Assert.Empty(said);
        Assert.Equal(planner, config.Learned(model, new HastyTime(), said.Add).Planner);
        Assert.Equal("planner fedadapt: training in a simulation, agent 1 of 16", Assert.Single(said));

        var objective = config.Options(model, devices: 3).Planning!.Objective;
        var usual = FedAdaptStart.World(costs, objective);
        var dropped = usual with { Links = [.. usual.Links.Select(static l => l.From == "pi3-1" ? l with { BitsPerSecond = 10e6 } : l)] };
        Assert.Equal((1, 1, costs.Count), SplitsIn(usual));
        Assert.Equal((costs.Count, 1, costs.Count), SplitsIn(dropped));

        (int Pi1, int Pi2, int Nano) SplitsIn(ResourceView world)
        {
            var plan = planner.Plan(costs, world, objective);
            return (plan.RouteOf("pi3-1")!.Split, plan.RouteOf("pi3-2")!.Split, plan.RouteOf("nano")!.Split);
        }
    }

    [Fact]
    public void A_check_of_the_file_lets_nothing_learn()
    {
        var config = AggregatorOf("planner: fedadapt");

        Assert.Null(config.Split!.Planner);
        Assert.IsType<FedAdapt>(config.Split.Options(config.Model.Create(), config.Devices).Planning!.Planner);
    }

    [Theory]
    [InlineData("", typeof(AresJoint))]
    [InlineData("planner: ares", typeof(AresJoint))]
    [InlineData("planner: ares_per_device", typeof(AresPerDevice))]
    [InlineData("planner: greedy", typeof(GreedySplit))]
    public void Other_planners_have_nothing_to_learn(string split, Type planner)
    {
        var config = AggregatorOf(split).Split!;

        Assert.Equal(planner, config.Planner!.GetType());
        Assert.Same(config, config.Learned(ModelConfig.Default.Create(), TimeProvider.System, static _ => Assert.Fail("learns")));
    }

    private static AggregatorConfig AggregatorOf(string split) => ConfigTree.Parse("a.yaml",
        $"{{ streamlearn: 1, fleet: f, link: {{ url: nats://h }}, aggregate: {{ split: {{ {split} }} }} }}")
        .Read(AggregatorConfig.Read).Value;

    private static SplitOptions SplitOf(string learn, string exchange = "") =>
        Assert.Single(SensorDevices.Of(Read(learn, exchange), epoch: 5, [])).Split!;

    private static SensorConfig Read(string learn, string exchange) =>
        ConfigTree.Parse("f.yaml", Text(learn, exchange)).Read(SensorConfig.Read).Value;

    private static string Text(string learn, string exchange) => $$"""
        streamlearn: 1
        fleet: f
        link: { url: nats://h }
        source: { generator: { users: [1] } }
        pipeline: [check: {}, window: {}, learn: { {{learn}} }]
        exchange: { {{exchange}} }
        """;

    private sealed class HastyTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now++;
    }
}

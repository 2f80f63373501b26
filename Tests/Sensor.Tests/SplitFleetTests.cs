using Aggregator;
using StreamLearn.Simulation;

namespace Sensor.Tests;

public sealed class SplitFleetTests
{
    [Theory]
    [InlineData(7, true)]
    [InlineData(3, false)]
    public void The_aggregator_knows_each_split_and_how_devices_with_all_layers_answer(int layers, bool answers)
    {
        var fleet = Run(SensorOf($"{layers}"), "batch: 4");

        Assert.Equal(("user-001", layers), Assert.Single(fleet.Splits.Distinct()));
        Assert.InRange(fleet.Splits.Count, 3, 100);
        Assert.InRange(fleet.Evaluated, answers ? 1 : 0, answers ? 10_000 : 0);
        Assert.Equal(fleet.Evaluated, fleet.Scores.LastOrDefault()?.Rows ?? 0);
        Assert.Empty(fleet.Mismatches);
    }

    [Theory]
    [InlineData("batch: 4, boundary: int8", "has exchange.boundary: float32, but aggregate.split.boundary is int8 here", 0)]
    [InlineData("batch: 2", "sends batches of 4 windows, but aggregate.split.batch is 2 here: set the same value in both files", 1)]
    [InlineData("batch: 8", "sends batches of 4 windows, but aggregate.split.batch is 8 here: set the same value in both files", 1)]
    public void Files_that_do_not_go_together_are_said_once(string edge, string expected, int begun)
    {
        var fleet = Run(SensorOf("3"), edge);

        Assert.StartsWith($"user-001 {expected}", Assert.Single(fleet.Mismatches), StringComparison.Ordinal);
        Assert.InRange(fleet.Splits.Count, begun, 100 * begun);
    }

    /// <summary>With energy alone that counts, and a device that draws much while it computes, a plan takes its layers away.</summary>
    [Fact]
    public void What_a_device_answered_before_its_last_layers_went_is_not_said_later()
    {
        var fleet = Run(SensorOf("auto, watts: [10000, 0.01, 0.01]"), "batch: 4, alpha: 0",
            link: new() { UpBitsPerSecond = 7e4, DownBitsPerSecond = 7e4 });        // it joins before its probes are back

        Assert.Equal(7, fleet.Splits[0].Layers);
        Assert.InRange(fleet.Splits[^1].Layers, 0, 6);
        Assert.Equal((0, 0), (fleet.Evaluated, fleet.Scores.Count));
    }

    /// <summary>Rows whose channels say of which class they are.</summary>
    [Fact]
    public void A_model_of_an_ONNX_file_is_split_too()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("rows.csv"), ["x,y,z,class",
            .. Enumerable.Range(0, 24 * 200).Select(static i => FormattableString.Invariant(
                $"{i / 24 % 4 + (i % 7 / 10.0)},{i / 24 % 2 + (i % 5 / 10.0)},{i % 3},{"abcd"[i / 24 % 4]}"))]);
        var model = $"model: {{ file: '{SourceFolder.File("Tests/StreamLearn.Onnx.Tests/Golden/conv1d.onnx")}' }}";

        var fleet = Run($$"""
            streamlearn: 1
            fleet: f
            link: { url: nats://h }
            source: { csv: { files: '{{folder.File("rows.csv")}}', device: { name: user-001 }, rate: 50/s } }
            columns: { x: { unit: "1" }, y: { unit: "1" }, z: { unit: "1" }, class: { label: [a, b, c, d] } }
            {{model}}
            pipeline: [check: {}, window: { samples: 24, hop: 24 }, learn: { split: 2, batch: 4 }]
            exchange: { steps_per_update: 5 }
            """, "batch: 4", model.Replace(" }", ", labels: [a, b, c, d], columns: [x, y, z], rate: 50/s }", StringComparison.Ordinal));

        Assert.Equal(("user-001", 2), Assert.Single(fleet.Splits.Distinct()));
        Assert.InRange(fleet.Splits.Count, 3, 100);
        Assert.Empty(fleet.Mismatches);
    }

    internal static string SensorOf(string split) => $$"""
        streamlearn: 1
        fleet: f
        link: { url: nats://h }
        source: { generator: { users: [1], length: 10m, speed: 1 } }
        pipeline: [check: {}, window: {}, learn: { split: {{split}}, batch: 4 }]
        exchange: { steps_per_update: 5 }
        """;

    internal static (List<(string Device, int Layers)> Splits, List<DeviceScore> Scores, long Evaluated, List<string> Mismatches) Run(
        string sensor, string edgeSplit, string model = "model: {}", LinkProfile? link = null)
    {
        var config = ConfigTree.Parse("s.yaml", sensor).Read(SensorConfig.Read).Value;
        var aggregator = ConfigTree.Parse("a.yaml", $$"""
            { streamlearn: 1, fleet: f, link: { url: nats://h }, {{model}},
              aggregate: { strategy: { fedavg: { devices: 1 } }, split: { {{edgeSplit}} } } }
            """).Read(AggregatorConfig.Read).Value;
        List<(string, int)> splits = [];
        List<DeviceScore> scores = [];
        List<string> mismatches = [];
        var evaluated = 0L;

        using var world = new VirtualWorld(new() { Seed = 42 });
        var air = EdgeLink.Over(world.Transport("edge"));
        var options = AggregatorCommands.OptionsOf(aggregator, epoch: 0, static _ => { });
        var edge = world.Add(AggregatorPipeline.Create(options with
        {
            ResumesFromRetained = false,
            Rules = options.Rules with { Restore = null, RestoreOnceConnected = false },
            OnScore = scores.Add,
            Split = options.Split! with
            {
                OnSplit = (device, here) => splits.Add((device, here)),
                OnMismatch = (device, text) => mismatches.Add($"{device} {text}"),
            },
        }, air));
        var device = world.Add(SensorPipeline.Create(
            SensorDevices.Of(config, epoch: 1, [])[0] with { HeartbeatEvery = null, OnEvaluation = e => evaluated += e.Rows }, air),
            new(), link ?? new());
        world.RunFor(TimeSpan.FromMinutes(11));
        Assert.Equal((null, null), (edge.Failure, device.Failure));
        return (splits, scores, evaluated, mismatches);
    }
}

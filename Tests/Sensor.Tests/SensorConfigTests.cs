using StreamLearn.Fleets;
using StreamLearn.Operators;
using StreamLearn.Samples;

namespace Sensor.Tests;

public sealed class SensorConfigTests
{
    private const string Plant = """
        streamlearn: 1
        fleet: plant
        link: { url: nats://edge-1 }
        source:
          generator: { users: [3], length: 5m, seed: 7, speed: 8 }
        pipeline:
          - check: { stuck: 2s }
          - window: { samples: 100, hop: 50 }
          - learn: { rate: 0.01, momentum: 0, clip: 1, batch: 8, buffer: 64, adjust_logits: false, shrink_after: 9, penalty: 2 }
        exchange: { mode: barrier, steps_per_update: 3, updates_under_way: 1, heartbeat: 3s }
        """;

    [Fact]
    public void The_graph_of_a_file_is_that_of_the_same_sensor_in_code()
    {
        var link = EdgeLink.Over(new InProcessTransport());
        var signature = new ModelSignature([.. HarStream.Schema.Fields.Where(static f => f.Type == ColumnType.Float32)], 100, "conv")
        {
            Classes = HarStream.Activities,
            RowsPerSecond = HarStream.RowsPerSecond,
        };
        var written = SensorPipeline.Create(
            new("user-003", new("sl/plant"), Network.OfWindows(6, 100, 6, 42).Signed(signature.Text),
                p => p.FromHarStream(new() { User = 3, Duration = TimeSpan.FromMinutes(5), Seed = 7, SpeedUp = 8 }), HarStream.Schema,
                rows => rows.Window(100, 50))
            {
                Quality = new() { Clock = EventClock.FullSpeed, Stuck = TimeSpan.FromSeconds(2), DropFaulty = true },
                Training = new()
                {
                    Optimizer = new Sgd(0.01f, 0, ClipNorm: 1),
                    Buffer = BufferKind.ClassBalanced,
                    BufferRows = 64,
                    BatchRows = 8,
                    ShrinkAfter = 9,
                    Penalty = 2,
                    StepsPerUpdate = 3,
                    AdjustLogits = false,
                    Announce = true,
                    Pace = TrainPace.LockStep,
                    Epoch = 5,
                    Credit = new() { Updates = 1 },
                },
                HeartbeatEvery = TimeSpan.FromSeconds(3),
                ScoreEvery = TimeSpan.FromSeconds(5),
                Answering = new(HarStream.Activities),
                News = new(TimeSpan.FromSeconds(5)),
                Capabilities = DeviceCapabilities.OfThisProcess(ProgramText.Version, LearningCodecs.Deltas.Name),
            }, link);

        var read = SensorPipeline.Create(Assert.Single(SensorDevices.Of(Read(Plant), epoch: 5, [])), link);
        var changed = Plant.Replace("hop: 50", "hop: 25", StringComparison.Ordinal);
        var other = SensorPipeline.Create(SensorDevices.Of(Read(changed), 5, [])[0], link);

        Assert.Equal(written.ToMermaid(), read.ToMermaid());
        Assert.Equal(written, read);
        Assert.NotEqual(written, other);
    }

    /// <summary>What steers alone ends with what it steers: otherwise a drain would end receipts before the updates that they
    /// answer.</summary>
    [Fact]
    public void Receipts_only_steer()
    {
        var (config, link) = (Read(Plant), EdgeLink.Over(new InProcessTransport()));
        var device = Assert.Single(SensorDevices.Of(config, 5, []));

        var pipeline = SensorPipeline.Create(device with { Check = new(config.Model.Signature!) }, link);

        var receipts = pipeline.Nodes.Single(n => n.Name == $"subscribe {device.Topics.ReceiptsOf(device.Name)}");
        Assert.All(pipeline.Edges.Where(e => e.From == receipts.Index), static e => Assert.True(e.IsControl));
    }

    [Theory]
    [InlineData("top-k:0.01")]
    [InlineData("qsgd:4")]
    [InlineData("sign")]
    public void Updates_are_coded_as_the_file_says(string code)
    {
        var link = EdgeLink.Over(new InProcessTransport());
        var plain = Assert.Single(SensorDevices.Of(Read(Plant), 5, []));

        var read = SensorPipeline.Create(Assert.Single(SensorDevices.Of(Read(Coded(code)), 5, [])), link);

        Assert.Equal(SensorPipeline.Create(plain with { Code = new() { Code = TensorCodes.TryParse(code)! } }, link), read);
        Assert.Contains(code, read.ToMermaid(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("top-k:2", "ternary, sign or k-bit:6, significant:1 or significant:auto, got 'top-k:2'")]
    [InlineData("significant:0", "got 'significant:0'")]
    [InlineData("sign, significance: 1", "expected code or significance, not both")]
    public void A_code_that_is_none_is_refused(string code, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => Read(Coded(code))).Message, StringComparison.Ordinal);

    private static string Coded(string code) => Plant.Replace("heartbeat: 3s", "heartbeat: 3s, code: " + code, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.5", false)]
    [InlineData("auto", true)]
    public void Only_significant_changes_go_where_the_file_says_so(string significance, bool isMeasured)
    {
        SignificanceThreshold threshold = isMeasured ? SignificanceThreshold.Measured() : SignificanceThreshold.Shrinking(0.5f);
        var link = EdgeLink.Over(new InProcessTransport());
        var plain = Assert.Single(SensorDevices.Of(Read(Plant), 5, []));
        var text = Plant.Replace("heartbeat: 3s", "heartbeat: 3s, significance: " + significance, StringComparison.Ordinal);

        var read = SensorPipeline.Create(Assert.Single(SensorDevices.Of(Read(text), 5, [])), link);

        Assert.Equal(SensorPipeline.Create(plain with { Significant = new() { Threshold = threshold } }, link), read);
        Assert.NotEqual(SensorPipeline.Create(plain, link), read);
        Assert.Equal(Read(text).Exchange, Read(Coded($"significant:{significance}")).Exchange);
        Assert.Contains("keep-significant", read.ToMermaid(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hop: 50", "hopp: 50", "f.yaml:8:29: pipeline[1].window: unknown key 'hopp'; did you mean 'hop'?")]
    [InlineData("nats://edge-1", "nats://me:secret@edge-1", "f.yaml:3:14: link.url: expected nats://host[:4222]")]
    [InlineData("fleet: plant", "fleet: a/b", "f.yaml:2:8: fleet: expected a name of 1 to 64 letters, digits, '-' and '_', got 'a/b'")]
    [InlineData("stuck: 2s", "stuck: 2", "f.yaml:7:21: pipeline[0].check.stuck: expected a duration")]
    [InlineData("users: [3]", "users: [3, 3]", "expected each number once")]
    [InlineData("buffer: 64", "buffer: 5", "expected a buffer of learn of at least 6 windows, one for each class, got 5")]
    [InlineData("mode: barrier", "mode: sync", "f.yaml:10:19: exchange.mode: expected")]
    public void What_is_wrong_is_said_with_its_place_and_without_secrets(string good, string bad, string expected)
    {
        Assert.Contains(good, Plant, StringComparison.Ordinal);

        var refused = Assert.Throws<ConfigurationException>(() => Read(Plant.Replace(good, bad, StringComparison.Ordinal)));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_in_another_order_are_refused()
    {
        var lines = Plant.Split('\n');
        (lines[6], lines[7]) = (lines[7], lines[6]);

        var refused = Assert.Throws<ConfigurationException>(() => Read(string.Join('\n', lines)));

        Assert.Contains("expected check, window and learn, in this order", refused.Message, StringComparison.Ordinal);
    }

    private static SensorConfig Read(string text) => ConfigTree.Parse("f.yaml", text).Read(SensorConfig.Read).Value;
}

using System.Buffers;
using System.Text;
using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace StreamLearn.Programs.Tests;

/// <summary>Models of one shape that mean different things are told apart, and the sentence says how.</summary>
public sealed class ModelSignatureTests
{
    private const string Usual =
        "kind: network, channels: 2, samples: 128, classes: 2, labels: [good, worn], columns: ['x [m/s2]', y], rate: 50/s";

    [Theory]
    [InlineData("labels: [good, worn]", "labels: [worn, good]")]
    [InlineData("columns: ['x [m/s2]', y]", "columns: [y, 'x [m/s2]']")]
    [InlineData("rate: 50/s", "rate: 49.2/s")]
    [InlineData("rate: 50/s", "rate: 52/s")]
    [InlineData("rate: 50/s", "rate: 50/s, hop: 32")]
    public void Another_order_a_measured_rate_and_another_hop_mean_the_same_model(string now, string then)
    {
        var (own, other) = (Of(Usual), Of(Usual.Replace(now, then, StringComparison.Ordinal)));

        Assert.Equal(own.Create().Plan.SchemaHash, other.Create().Plan.SchemaHash);
        Assert.Null(other.Signature!.DifferenceFrom(own.Signature!, "this file", "the fleet's model"));
    }

    [Theory]
    [InlineData("labels: [good, worn]", "labels: [good, bad]", "this file has the classes bad, good, the fleet's model good, worn")]
    [InlineData("labels: [good, worn]", "labels: [Good, worn]", "this file has the classes Good, worn, the fleet's model good, worn")]
    [InlineData("labels: [good, worn]", "labels: ['good ', worn]", "this file has the classes good , worn")]
    [InlineData("classes: 2, labels: [good, worn]", "classes: 3, labels: [good, worn, off]",
        "this file has 3 classes, the fleet's model 2: good, worn")]
    [InlineData("classes: 2, labels: [good, worn]", "target: { name: life, unit: h, range: [0, 9] }",
        "this file answers the value 'life' in h, the fleet's model classes: good, worn")]
    [InlineData("'x [m/s2]'", "'x [gn]'", "column 'x' is in gn in this file, in m/s2 in the fleet's model")]
    [InlineData("'x [m/s2]'", "x", "column 'x' is in 1 in this file, in m/s2 in the fleet's model")]
    [InlineData(", y]", ", z]", "this file has the columns x, z, the fleet's model x, y")]
    [InlineData(", y]", ", 'y [K]']", "column 'y' is in K in this file, in 1 in the fleet's model")]
    [InlineData("channels: 2, samples: 128, classes: 2, labels: [good, worn], columns: ['x [m/s2]', y]",
        "channels: 3, samples: 128, classes: 2, labels: [good, worn], columns: ['x [m/s2]', y, z]",
        "this file has 3 columns, the fleet's model 2: x, y")]
    [InlineData("samples: 128", "samples: 64", "this file has windows of 64 rows, the fleet's model of 128")]
    [InlineData("rate: 50/s", "rate: 25/s", "rows come at 25/s in this file, at 50/s in the fleet's model")]
    [InlineData("rate: 50/s", "rate: 40/s", "rows come at 40/s in this file, at 50/s in the fleet's model")]
    [InlineData(", rate: 50/s", "", "rows come at an unknown rate in this file, at 50/s in the fleet's model")]
    [InlineData("kind: network", "kind: features", "this file has model.kind features, the fleet's model network")]
    [InlineData("kind: network", "kind: linear", "this file has model.kind linear, the fleet's model network")]
    public void Whatever_says_what_a_model_means_is_part_of_its_hash_and_named(string now, string then, string expected)
    {
        var (own, other) = (Of(Usual), Of(Usual.Replace(now, then, StringComparison.Ordinal)));

        Assert.NotEqual(own.Create().Plan.SchemaHash, other.Create().Plan.SchemaHash);
        Assert.StartsWith(expected, other.Signature!.DifferenceFrom(own.Signature!, "this file", "the fleet's model"),
            StringComparison.Ordinal);
        Assert.NotNull(own.Signature!.DifferenceFrom(other.Signature!, "a", "b"));
    }

    [Theory]
    [InlineData("name: life", "name: age", "a answers the value 'age' in h, b the value 'life' in h")]
    [InlineData("unit: h", "unit: d", "a answers the value 'life' in d, b the value 'life' in h")]
    [InlineData("range: [0, 9]", "range: [0, 8.5]", "the range of 'life' is 0 to 8.5 in a, 0 to 9 in b")]
    public void So_it_is_with_a_value(string now, string then, string expected)
    {
        const string value = "kind: lags, channels: 1, samples: 8, columns: [x], rate: 1/s, target: { name: life, unit: h, range: [0, 9] }";
        var (own, other) = (Of(value), Of(value.Replace(now, then, StringComparison.Ordinal)));
        Assert.NotEqual(own.Create().Plan.SchemaHash, other.Create().Plan.SchemaHash);
        var bytes = new ArrayBufferWriter<byte>();
        ModelSignature.Codec.Encode(own.Signature!, bytes);
        Assert.True(ModelSignature.Codec.TryDecode(new(bytes.WrittenMemory), new(), out var read));
        Assert.Equal(expected, other.Signature!.DifferenceFrom(read, "a", "b"));
    }

    [Fact]
    public void Numbers_stand_by_their_values() => Assert.Equal(["2", "10", "1e2"],
        Of("channels: 1, samples: 8, classes: 3, labels: ['10', '1e2', '2'], columns: [x]").Labels);

    [Fact]
    public void Names_that_run_together_stay_apart() => Assert.NotEqual(
        Of("channels: 2, samples: 8, classes: 2, labels: [a, b], columns: [x y, z]").Signature!.Text,
        Of("channels: 2, samples: 8, classes: 2, labels: [a, b], columns: [x, y z]").Signature!.Text);

    /// <summary>Also after a restart, which the second device does not see; an older state had no devices.</summary>
    [Theory]
    [InlineData(true, "m1", "m2")]
    [InlineData(false, "m1")]
    public void An_aggregator_retains_which_devices_told_their_model(bool savesAll, params string[] expected)
    {
        using var world = new VirtualWorld();
        var (server, own, read) = (world.Transport("server"), Of(Usual).Signature!, new List<ModelSignature>());
        var fleet = Pipeline.Define("aggregator", p =>
            CompareModels.OfFleet(p, new(own) { SaysEvery = TimeSpan.FromMinutes(1) }, new("sl/f"), server,
                p.Subscribe(server, new FleetTopics("sl/f").Presences, LearningCodecs.Presences)));
        var aggregator = world.Add(fleet, null, null, new DeviceCheckpoints());
        if (savesAll) { Tell("m2"); }
        world.RunFor(TimeSpan.FromSeconds(5));
        aggregator.SaveState();
        aggregator.Crash();
        world.Add(fleet, null, null, new DeviceCheckpoints(), aggregator.LastCheckpoint);
        world.RunFor(TimeSpan.FromSeconds(5));
        Tell("m1");
        world.RunFor(TimeSpan.FromSeconds(5));
        world.Add(Pipeline.Define("late", p =>
            p.Subscribe(server, new FleetTopics("sl/f").Signature, ModelSignature.Codec).ForEach("see", read.Add)));
        world.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(expected, Assert.Single(read).Devices.Order());
        Assert.Equal(expected.Select(static (_, i) => (bool?)(i == 0)), expected.Select(read[0].TakesLater));
        Assert.Equal(own.Text, read[0].Text);

        void Tell(string name) => world.Add(Pipeline.Define(name, p => p.From("one", own with { Device = name, Later = [name == "m1"] },
            static (ModelSignature told, OperatorContext context) => new One(told, context))
            .Publish(server, new FleetTopics("sl/f").SignatureOf(name), ModelSignature.Codec)));
    }

    /// <summary>As after an upgrade of the aggregator alone: the device said its signature to the one before.</summary>
    [Fact]
    public void A_device_that_only_says_that_it_is_there_is_known_too()
    {
        using var world = new VirtualWorld();
        var (server, topics, read) = (world.Transport("server"), new FleetTopics("sl/f"), new List<ModelSignature>());
        var check = new ModelCheck(Of(Usual).Signature!) { SaysEvery = TimeSpan.FromMinutes(1) };
        world.Add(Pipeline.Define("aggregator", p => CompareModels.OfFleet(
            p, check, topics, server, p.Subscribe(server, topics.Presences, LearningCodecs.Presences))));
        world.Add(Pipeline.Define("m1", p => p.Heartbeat(every: TimeSpan.FromSeconds(2))
            .Publish(server, topics.PresencesOf("m1"), LearningCodecs.Presences)));
        world.Add(Pipeline.Define("liar", p => p.Heartbeat("m2", TimeSpan.FromSeconds(2))
            .Publish(server, topics.PresencesOf("liar"), LearningCodecs.Presences)));
        world.Add(Pipeline.Define("late", p => p.Subscribe(server, topics.Signature, ModelSignature.Codec).ForEach("see", read.Add)));
        world.RunFor(TimeSpan.FromSeconds(5));

        Assert.Equal(["m1"], read[^1].Devices);
        Assert.Null(read[^1].TakesLater("m1"));
    }

    private sealed class One(ModelSignature told, OperatorContext context) : Source<ModelSignature>
    {
        private DateTimeOffset? _at = context.Now;

        public override DateTimeOffset? NextAt => _at;

        public override ModelSignature Next()
        {
            _at = null;
            return told;
        }
    }

    [Fact]
    public void It_travels_whole_and_what_is_no_signature_is_refused()
    {
        var own = Of(Usual).Signature! with { Device = "m2", Epoch = 7, Devices = ["m1", "m2", "m3"], Later = [true, null, false] };
        var bytes = new ArrayBufferWriter<byte>();
        ModelSignature.Codec.Encode(own, bytes);

        Assert.True(ModelSignature.Codec.TryDecode(new(bytes.WrittenMemory), new(), out var read));
        Assert.Equal(own, read);
        Assert.Equal(own.Devices, read.Devices);
        Assert.Equal(own.Later, read.Later);

        var random = new RandomStream(1, "mutations");
        for (var i = 0; i < 3000; i++)
        {
            var mutated = bytes.WrittenSpan[..random.NextInt32(bytes.WrittenCount)].ToArray();
            for (var n = random.NextInt32(4); n >= 0 && mutated.Length > 0; n--)
            {
                mutated[random.NextInt32(mutated.Length)] = (byte)random.NextInt32(256);
            }

            if (ModelSignature.Codec.TryDecode(new(mutated), new(), out var other)) { other.DifferenceFrom(own, "a", "b"); }
        }

        string[] refused = ["", "{}", "[]", "null", """{"columns":[1],"classes":[],"window":1,"prepared":"conv"}""",
            """{"columns":[],"classes":{},"window":1}""",
            """{"columns":[],"classes":[],"range":1,"window":1,"prepared":"conv"}""",
            """{"columns":[],"classes":[],"window":1e99,"prepared":"conv"}""",
            $$"""{"columns":[{{string.Join(',', Enumerable.Repeat("\"x\"", 1025))}}],"classes":[],"window":1}"""];
        Assert.All(refused, text => Assert.False(ModelSignature.Codec.TryDecode(new(Encoding.UTF8.GetBytes(text)), new(), out _), text));
    }

    private static ModelConfig Of(string keys) =>
        ConfigTree.Parse("f", $"model: {{ {keys} }}").Read(static m => ModelConfig.Read(m)).Value;
}

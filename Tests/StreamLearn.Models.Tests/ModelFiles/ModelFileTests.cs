using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Models.Tests;

public sealed class ModelFileTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Golden", "model-1.safetensors");

    [Fact]
    public void A_model_comes_back_as_it_was()
    {
        var loaded = ModelFile.Load(ModelFileCase.File);
        Assert.Equal(ModelFileCase.Network, loaded.Model);
        Assert.Equal(ModelFileCase.Network.Initial.Values.AsSpan(), loaded.Model.Initial.Values.AsSpan());
        Assert.Equal(ModelFileCase.Network.Objective, Assert.IsType<Network>(loaded.Model).Objective);
        ModelFileCase.Same(ModelFileCase.Weights, loaded.Weights);
        Assert.Equal(ModelFileCase.Card, loaded.Card);
        Assert.Equal(ModelFileCase.File, ModelFile.Save(loaded.Model, loaded.Weights, loaded.Card));
    }

    [Fact]
    public void A_model_without_a_card_comes_back_without_one()
    {
        var network = new Network(new(3), 2, [new Relu()], [new(0, new Dense(2))]);
        var loaded = ModelFile.Load(ModelFile.Save(network, network.Initial));
        Assert.Equal(network, loaded.Model);
        ModelFileCase.Same(network.Initial, loaded.Weights);
        Assert.Equal(ModelCard.Empty, loaded.Card);
    }

    [Fact]
    public void A_mask_comes_back_too()
    {
        TrainableMask[] masks =
            [TrainableMask.All, TrainableMask.HeadOnly, TrainableMask.BiasOnly, TrainableMask.BatchNormOnly, TrainableMask.FreezeBelow(2)];
        Assert.All(masks, mask =>
        {
            var network = new Network(new(2, 9), 3, [new Conv1d(2, 3), new BatchNorm(), new Dense(4)], [new(2, new Dense(3))]).Masked(mask);
            var loaded = ModelFile.Load(ModelFile.Save(network, network.Initial));
            Assert.Equal((network, mask), (loaded.Model, Assert.IsType<Network>(loaded.Model).Mask));
            Assert.Equal(network.Plan.Slices, loaded.Model.Plan.Slices.AsEnumerable());
        });
    }

    [Fact]
    public void Random_networks_come_back_as_they_were() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20250101, 5),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), static seed =>
        {
            var network = RandomNetwork(new(seed, "model-file"));
            var loaded = ModelFile.Load(ModelFile.Save(network, network.Initial), network);
            Assert.Equal(network, loaded.Model);
            ModelFileCase.Same(network.Initial, loaded.Weights);
        }));

    [Fact]
    public void Streams_are_written_and_read_from_where_they_stand()
    {
        using var stream = new Trickle();
        stream.Write([1, 2, 3]);
        ModelFile.Save(stream, ModelFileCase.Network, ModelFileCase.Weights, ModelFileCase.Card);
        Assert.Equal(ModelFileCase.File, stream.ToArray()[3..]);
        stream.Position = 3;
        ModelFileCase.Same(ModelFileCase.Weights, ModelFile.Load(stream).Weights);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void A_file_of_many_values_is_read_in_pieces()
    {
        var network = new Network(new(300), 7, [new Dense(701), new Relu()], [new(1, new Dense(7))], 3);
        var loaded = ModelFile.Load(ModelFile.Save(network, network.Initial));
        ModelFileCase.Same(network.Initial, loaded.Weights);
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        var file = ModelFileCase.File;
        var length = ModelFileCase.HeaderBytes(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, length));
        var values = file.AsSpan(8 + length);

        Assert.Equal(0, (8 + length) % 64);
        Assert.Equal((byte)'{', file[8]);
        var (end, names) = (0L, new List<string>());
        foreach (var tensor in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            names.Add(tensor.Name);
            Assert.Equal("F32", tensor.Value.GetProperty("dtype").GetString());
            var size = tensor.Value.GetProperty("shape").EnumerateArray().Aggregate(4L, (n, e) => n * e.GetInt64());
            Assert.Equal([end, end + size], tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt64()));
            end += size;
        }

        Assert.Equal(ModelFileCase.Network.Plan.Slices.Select(s => s.Name), names);
        Assert.Equal(end, values.Length);
        Assert.Equal(ModelFileCase.Weights.Values[5], BitConverter.ToSingle(values[20..]));
        var metadata = header.RootElement.GetProperty("__metadata__");
        Assert.All(metadata.EnumerateObject(), p => Assert.Equal(JsonValueKind.String, p.Value.ValueKind));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(values)), metadata.GetProperty("sha256").GetString());
    }

    [Theory]
    [InlineData("scale.mean", "[2]")]
    [InlineData("1.conv1d.weight", "[6,2]")]
    [InlineData("1.conv1d.bias", "[2]")]
    [InlineData("exit0.1.dense.weight", "[2,3]")]
    [InlineData("exit1.dense.weight", "[8,3]")]
    public void Weights_have_the_shape_of_their_product(string name, string shape) =>
        Assert.Contains(
            $"\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},",
            ModelFileCase.Header(ModelFileCase.File), StringComparison.Ordinal);

    [Fact]
    public void A_depthwise_weight_has_a_line_for_each_channel()
    {
        var network = new Network(new(3, 8), 2, [new DepthwiseConv1d(5)], [new(0, new Dense(2))]);
        Assert.Contains("\"0.depthwise-conv1d.weight\":{\"dtype\":\"F32\",\"shape\":[3,5],",
            ModelFileCase.Header(ModelFile.Save(network, network.Initial)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_has_its_golden_bytes()
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_GOLDEN") is { Length: > 0 } path)
        {
            File.WriteAllBytes(path, ModelFileCase.File);
        }
        Assert.Equal(File.ReadAllBytes(Golden), ModelFileCase.File);
    }

    [Fact]
    public void The_golden_file_is_read() => ModelFileCase.Same(ModelFileCase.Weights, ModelFile.Load(File.ReadAllBytes(Golden)).Weights);

    [Fact]
    public void Weights_of_another_network_or_not_finite_are_not_saved()
    {
        var (network, weights) = (ModelFileCase.Network, ModelFileCase.Weights);
        Assert.Throws<ArgumentException>("weights", () => ModelFile.Save(network, weights with { SchemaHash = 1 }));
        Assert.Throws<ArgumentException>("weights", () => ModelFile.Save(network, weights with { Values = weights.Values.Add(1) }));
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            var problem = Assert.Throws<ArgumentException>("weights",
                () => ModelFile.Save(network, weights with { Values = weights.Values.SetItem(5, bad) }));
            Assert.Contains("1.conv1d.weight", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_card_of_another_network_is_not_saved()
    {
        var card = ModelFileCase.Card;
        ModelCard[] wrong =
        [
            card with { Labels = ["one"] }, card with { Channels = [Field.Channel("acc_x", Unit.StandardGravity)] },
            card with { Channels = [Field.Channel("acc_x", Unit.StandardGravity), Field.Channel("gyro_x", Unit.One)] },
            card with { ExitRule = ExitRule.Never(3) }, card with { ExitPlan = card.ExitPlan! with { SchemaHash = 1 } },
        ];
        Assert.All(wrong,
            c => Assert.Throws<ArgumentException>("card", () => ModelFile.Save(ModelFileCase.Network, ModelFileCase.Weights, c)));
    }

    [Fact]
    public void A_model_of_another_network_than_expected_is_refused()
    {
        var problem = Assert.Throws<ModelFormatException>(() => ModelFile.Load(ModelFileCase.File, HarNetwork.Create()));
        Assert.Contains(ModelFileCase.Network.Structure, problem.Message, StringComparison.Ordinal);
        ModelFile.Load(ModelFileCase.File, ModelFileCase.Network);
    }

    [Fact]
    public void Cards_are_equal_when_they_say_the_same()
    {
        var same = ModelFileCase.Card with { Labels = [.. ModelFileCase.Card.Labels] };
        Assert.Equal(ModelFileCase.Card, same);
        Assert.Equal(ModelFileCase.Card.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(ModelFileCase.Card, same with { Provenance = same.Provenance.SetItem("rounds", "13") });
        Assert.Empty(new ModelCard { Labels = default, Channels = default }.Labels);
    }

    /// <summary>Layers of all kinds, as many as fit one after the other; exits in between.</summary>
    private static Network RandomNetwork(RandomStream random)
    {
        var kinds = LayerCase.All.Select(c => c.Layer).Where(l => l is not Scale).ToList();
        var input = new Shape(1 + random.NextInt32(6), 1 + random.NextInt32(4), 1 + random.NextInt32(30));
        var (shape, layers, exits) = (input, new List<Layer>(), new List<Exit>());
        if (random.NextInt32(2) == 0) { layers.Add(new Scale()); }
        for (var tries = 0; tries < 40 && layers.Count < 8; tries++)
        {
            var layer = kinds[random.NextInt32(kinds.Count)];
            try { shape = layer.Plan(shape).Output; }
            catch (ArgumentException) { continue; }
            layers.Add(layer);
            if (random.NextInt32(3) == 0) { exits.Add(new(layers.Count - 1, new Dense(4), random.NextInt32(8) / 8f)); }
        }

        if (exits.Count == 0 || exits[^1].After != layers.Count - 1) { exits.Add(new(layers.Count - 1, new Dense(4))); }
        return new(input, 4, [.. layers], [.. exits], (long)random.NextUInt64());
    }

    /// <summary>A stream that gives one byte at a time.</summary>
    private sealed class Trickle : MemoryStream
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1)]);
    }
}

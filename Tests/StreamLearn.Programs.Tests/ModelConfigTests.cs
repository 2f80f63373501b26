using StreamLearn.Models;
using StreamLearn.Onnx;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs.Tests;

public sealed class ModelConfigTests
{
    private static readonly string Conv1d = Golden("conv1d.onnx");      // three channels, 24 samples, four classes

    [Fact]
    public void A_network_of_another_tool_is_what_learning_begins_with()
    {
        var read = Read($"file: '{Conv1d}'");

        Assert.Equal((3, 24, 4), (read.Channels, read.Samples, read.Classes));
        Assert.Equal(OnnxFile.Load(Conv1d).Weights.Values, read.Create().Initial.Values);
        Assert.Equal(new Shape(3, 24), read.Create().Plan.Input);
    }

    [Theory]
    [InlineData("channels: 2", "model.channels: expected 3, columns without a time, a label or a device, got 2")]
    [InlineData("labels: [a, b]", "model.labels: expected 4 names, one for each class, got 2")]
    [InlineData("columns: [x, y]", "model.columns: expected 3 columns, got 2")]
    [InlineData("kind: features", "model.kind: expected the columns and the rate of the rows")]
    [InlineData("kind: rocket", "model.kind: expected the columns and the rate of the rows")]
    public void What_does_not_fit_a_file_is_refused(string key, string expected)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read($"file: '{Conv1d}', {key}"));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rate: 20/s", "model.file: expected 10 rows/s, the rate that the model was trained at, got 20/s")]
    [InlineData("hop: 8", "model.file: expected windows of 16 rows, hop 4, which the model was trained on, got 16 and 8")]
    [InlineData("columns: [y]", "model.file: expected columns x, which the model was trained on, got y")]
    public void Rows_that_a_model_was_not_learned_from_are_refused(string key, string expected)
    {
        using var folder = new StreamLearn.Testing.TemporaryFolder();
        var preparation = new Preparation([Field.Channel("x", Unit.One)], 16, 4) { Kind = ModelKind.Linear, RowsPerSecond = 10 };
        var network = WindowModel.Create(preparation, 2, seed: 1);
        ModelFile.Save(folder.File("m.safetensors"), network, network.Initial, preparation.On(ModelCard.Empty));
        var file = $"file: '{folder.File("m.safetensors")}'";

        Assert.Equal(preparation, Read(file).Preparation);
        var refused = Assert.Throws<ConfigurationException>(() => Read($"{file}, {key}"));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("columns: [a, b], channels: 2, classes: 3, samples: 1", ModelKind.Features)]
    [InlineData("columns: [a, b], channels: 2, classes: 3, samples: 1, kind: linear", ModelKind.Linear)]
    public void Rows_by_themselves_need_no_rate(string keys, ModelKind kind)
    {
        var read = Read(keys);

        Assert.Equal((kind, 1, 1), (read.Kind, read.Samples, read.Hop));
        Assert.Equal(new Shape(2), read.Create().Plan.Input);
        Assert.Equal(read.Preparation, Preparation.Of(read.Card));
    }

    [Theory]
    [InlineData("samples: 7", "model.samples: expected 1, where each row is a window, or 8 to 65536, got 7")]
    [InlineData("samples: 1, kind: network", "model.kind: expected linear or features: with samples: 1 each row is a window")]
    public void Rows_by_themselves_take_a_model_of_rows(string keys, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => Read(keys)).Message, StringComparison.Ordinal);

    [Fact]
    public void Convolutions_come_with_a_file_and_not_without()
    {
        using var folder = new StreamLearn.Testing.TemporaryFolder();
        var kernels = RocketKernels.Fit([.. Enumerable.Range(0, 32).Select(static i => MathF.Sin(i * i))], channels: 1, rows: 16, seed: 3);
        var preparation = new Preparation([Field.Channel("x", Unit.One)], 16, 4)
        {
            Kind = ModelKind.Rocket,
            Rocket = kernels,
            RowsPerSecond = 10,
        };
        var network = WindowModel.Create(preparation, 2, seed: 1);
        ModelFile.Save(folder.File("m.safetensors"), network, network.Initial, preparation.On(ModelCard.Empty));

        Assert.Equal(preparation, Read($"file: '{folder.File("m.safetensors")}', kind: rocket").Preparation);
        var refused = Assert.Throws<ConfigurationException>(() => Read("kind: rocket, channels: 1, columns: [x], rate: 10/s"));
        Assert.Contains("model.kind: expected model.file, which has the convolutions", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<ConfigurationException>(() => Read($"file: '{folder.File("m.safetensors")}', samples: 64"));
        Assert.Contains("model.file: expected convolutions of 1 channels and windows of 64 rows, got those of 1 and 16", refused.Message,
            StringComparison.Ordinal);
    }

    /// <summary>What they learn must not be mixed: the aggregator refuses updates of another hash.</summary>
    [Fact]
    public void Models_of_other_convolutions_have_another_schema()
    {
        Network Of(long seed) => WindowModel.Create(new Preparation([Field.Channel("x", Unit.One)], 16, 4)
        {
            Kind = ModelKind.Rocket,
            Rocket = RocketKernels.Fit([.. Enumerable.Range(0, 32).Select(static i => MathF.Sin(i * i))], channels: 1, rows: 16, seed),
        }, classes: 2, seed: 1);

        Assert.Equal(Of(3).Plan.SchemaHash, Of(3).Plan.SchemaHash);
        Assert.NotEqual(Of(3).Plan.SchemaHash, Of(4).Plan.SchemaHash);
        Assert.Equal(Of(3).Plan.SchemaHash, ModelFile.Load(ModelFile.Save(Of(3), Of(3).Initial, ModelCard.Empty)).Model.Plan.SchemaHash);
    }

    [Theory]
    [InlineData("aggregator", false)]
    [InlineData("console", false)]
    [InlineData("pump-7", true)]
    [InlineData("pump 7", false)]
    public void Names_that_a_fleet_has_for_itself_are_no_devices(string name, bool expected) =>
        Assert.Equal(expected, LinkConfig.IsDeviceName(name));

    /// <summary>An identifier has at most 60 characters, and a device's name may have 64.</summary>
    [Fact]
    public async Task Names_as_long_as_a_device_may_have_open_a_server_of_MQTT()
    {
        var (server, name) = (new Uri("mqtt://localhost"), $"sl-plant-{new string('a', 64)}");
        await using var first = EdgeServer.Open(server, $"{name}-rows", TimeSpan.FromHours(1), login: null);
        await using var other = EdgeServer.Open(server, $"{name}-x", TimeSpan.FromHours(1), login: null);

        Assert.NotSame(first, other);
    }

    [Fact]
    public void The_text_of_a_model_is_read_as_the_same_model()
    {
        const string Keys = "kind: features, channels: 2, samples: 64, classes: 2, labels: [good, \"worn: out\"], "
            + "columns: [\"acc x [gn]\", b], rate: 50/s";
        var read = Read(Keys);

        var again = ConfigTree.Parse("f", read.ToText()).Read(static m => ModelConfig.Read(m)).Value;

        Assert.Equal(read.ToText(), again.ToText());
        Assert.Equal(read.Preparation, again.Preparation);
        Assert.Equal(read.Create(), again.Create());
        Assert.Equal(["good", "worn: out"], again.Card.Labels);
        Assert.Equal(read.Preparation, Preparation.Of(again.Card));
    }

    [Theory]
    [InlineData("kind: auto", ModelKind.Conv)]
    [InlineData("kind: auto, channels: 1, columns: [x], rate: 10/s", ModelKind.Features)]
    [InlineData("kind: lags, channels: 1, columns: [x], rate: 10/s", ModelKind.Lags)]
    public void Auto_is_features_where_columns_and_rate_are_known_and_lags_are_taken_by_name(string keys, ModelKind expected) =>
        Assert.Equal(expected, Read(keys).Kind);

    private static ModelConfig Read(string keys) =>
        ConfigTree.Parse("f", $"model: {{ {keys} }}").Read(static m => ModelConfig.Read(m)).Value;

    private static string Golden(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "StreamLearn.sln"))) { folder = folder.Parent!; }
        return Path.Combine(folder.FullName, "Tests", "StreamLearn.Onnx.Tests", "Golden", name);
    }
}

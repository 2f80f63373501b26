using System.Diagnostics;
using StreamLearn.Models;

namespace Tool.Tests;

public sealed class ExplainTests
{
    [Theory]
    [InlineData("streamlearn explain ", "explain", "--help")]
    [InlineData("Exit codes:", "--help")]
    [InlineData("Exit codes:", "fit", "--help")]
    [InlineData("Exit codes:", "profile", "--help")]
    [InlineData("names the columns", "answer", "--help")]
    [InlineData("--scores", "answer", "--help")]
    [InlineData("  streamlearn tap <link> [options]", "tap", "--help")]
    [InlineData("  streamlearn pub <link> [options]", "pub", "--help")]
    public void Help_shows_examples(string expected, params string[] arguments)
    {
        var (exitCode, output, _) = Run(arguments);

        Assert.Equal(0, exitCode);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_prints_a_row_for_each_layer_and_the_sums()
    {
        var (exitCode, output, error) = Run("explain", "--memory", "vgg5");

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(1 + 7 + 1 + 2, lines.Length);
        Assert.Contains("4,718,592", lines[3], StringComparison.Ordinal);
        Assert.Contains("8,488,192", lines[8], StringComparison.Ordinal);
        Assert.Contains("batches of 1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_FMA_one_line_says_how_slow_models_are()
    {
        using var explain = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll"), "explain", "--memory", "vgg5"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableHWIntrinsic"] = "0" },
        })!;
        var output = explain.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await explain.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await explain.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, explain.ExitCode);
        Assert.Equal($"streamlearn: {Hardware.WarningOf(multiplyAdd: false, vectors: false)}\n", error);
        Assert.Contains("4,718,592", await output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_figures_of_the_plan()
    {
        var (exitCode, output, _) = Run("explain", "--memory", "mlp:561-64-6", "--batch", "32", "--optimizer", "adam", "--json");

        Assert.Equal(0, exitCode);
        var expected = ReferenceModels.Mlp(561, [64], 6).Memory(32, new Adam(0.001f));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(32, json.RootElement.GetProperty("rows").GetInt32());
        Assert.Equal(3, json.RootElement.GetProperty("layers").GetArrayLength());
        Assert.Equal(expected.TrainingBytes, json.RootElement.GetProperty("trainingBytes").GetInt64());
        Assert.Equal(4 * 36_358, json.RootElement.GetProperty("parameterBytes").GetInt64());
        Assert.Equal(2 * 4 * 36_358, json.RootElement.GetProperty("optimizerBytes").GetInt64());
    }

    [Theory]
    [InlineData("vgg5", "head-only")]
    [InlineData("vgg5", "freeze-below:5")]
    [InlineData("mlp:784-300-100-10", "bias-only")]
    public void A_mask_makes_the_tape_smaller(string model, string mask)
    {
        Assert.InRange(Tape("--mask", mask), 0, Tape() - 1);

        long Tape(params string[] more)
        {
            var (exitCode, output, error) = Run(["explain", "--memory", model, "--batch", "8", "--json", .. more]);
            Assert.Equal((0, ""), (exitCode, error));
            using var json = JsonDocument.Parse(output);
            return json.RootElement.GetProperty("tapeBytes").GetInt64();
        }
    }

    [Fact]
    public void Batch_norms_alone_can_learn() =>
        Assert.Contains("frozen", Run("explain", "--memory", "vgg5", "--mask", "batch-norm-only").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("softmax")]
    [InlineData("softmax:4-3")]
    [InlineData("mlp")]
    [InlineData("har-conv")]
    [InlineData("cnn-small")]
    [InlineData("vgg8")]
    public void Every_reference_model_has_a_name(string name) => Assert.Equal(0, Run("explain", "--memory", name).ExitCode);

    [Fact]
    public void A_model_file_is_read_or_refused()
    {
        var path = Path.Combine(Path.GetTempPath(), $"tool-tests-{Environment.ProcessId}.safetensors");
        var network = ReferenceModels.HarConv();
        var file = ModelFile.Save(network, network.Initial);
        try
        {
            File.WriteAllBytes(path, file);
            Assert.Equal(Run("explain", "--memory", "har-conv").Output, Run("explain", "--memory", path).Output);
            file[^1] ^= 1;
            File.WriteAllBytes(path, file);
            var (exitCode, output, error) = Run("explain", "--memory", path);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.StartsWith($"streamlearn: {path}: model file: values damaged", error, StringComparison.Ordinal);
        }
        finally { File.Delete(path); }
    }

    [Fact]
    public void What_is_long_in_a_card_is_told_by_its_kind_and_length()
    {
        var path = Path.Combine(Path.GetTempPath(), $"tool-tests-card-{Environment.ProcessId}.safetensors");
        var network = ReferenceModels.HarConv();
        var bytes = Convert.ToBase64String(new byte[3000]);
        try
        {
            ModelFile.Save(path, network, network.Initial, new()
            {
                Provenance = ModelCard.Empty.Provenance.Add("kernels", bytes).Add("scores", string.Join(' ', Enumerable.Range(0, 500))),
            });
            var output = Run("explain", path).Output;

            Assert.Contains("kernels        3,000 bytes, in base64; --json has them\n", output, StringComparison.Ordinal);
            Assert.Contains("…, 1,889 characters; --json has them\n", output, StringComparison.Ordinal);
            Assert.Contains(bytes, Run("explain", path, "--json").Output, StringComparison.Ordinal);
        }
        finally { File.Delete(path); }
    }

    [Fact]
    public void A_model_is_told_by_its_shape_its_work_and_its_parts()
    {
        var (exitCode, output, error) = OfFile(Pump, "explain", "FILE");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            [
                "model          linear 3 + bias, binary cross-entropy, decay 0.5",
                "input          [3] acc_x [gn], gyro_x [rad/s], level [1]",
                "output         [1] still, moving",
                "multiply-adds  3",
                "values         4",
                "bytes          16",
                "version        12",
                $"model schema   {Pump.Model.Plan.SchemaHash:x16}",
                "rounds         7",
                "trained-on     har",
                "",
                "part                             kind             values          bytes",
                "linear.weight                    trained               3             12",
                "linear.bias                      trained               1              4",
            ],
            output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Json_tells_the_same_of_a_model()
    {
        var (_, output, _) = OfFile(Pump, "explain", "FILE", "--json");

        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal(Pump.Model.ToString(), root.GetProperty("model").GetString());
        Assert.Equal([3, 1, 1], root.GetProperty("input").EnumerateArray().Select(e => e.GetInt32()));
        Assert.Equal(["acc_x gn", "gyro_x rad/s", "level 1"],
            root.GetProperty("columns").EnumerateArray().Select(e => $"{e.GetProperty("name")} {e.GetProperty("unit")}"));
        Assert.Equal(["still", "moving"], root.GetProperty("labels").EnumerateArray().Select(e => e.GetString()!));
        Assert.Equal([1L, 3, 4, 16, 12], ((string[])["outputs", "multiplyAdds", "values", "parameterBytes", "version"])
            .Select(name => root.GetProperty(name).GetInt64()));
        Assert.Equal($"{Pump.Model.Plan.SchemaHash:x16}", root.GetProperty("schemaHash").GetString());
        Assert.Equal("har", root.GetProperty("provenance").GetProperty("trained-on").GetString());
        Assert.Equal(["linear.weight trained 3", "linear.bias trained 1"], root.GetProperty("parts").EnumerateArray().Select(
            e => $"{e.GetProperty("name").GetString()} {e.GetProperty("kind").GetString()} {e.GetProperty("values").GetInt32()}"));
    }

    [Fact]
    public void Models_without_layers_have_a_plan_of_memory_too()
    {
        IModel[] models = [Pump.Model, new KMeans(20, 3), new SoftmaxRegression(20, 4)];
        Assert.All(models, model =>
        {
            LoadedModel loaded = new(model, model.Initial, ModelCard.Empty);
            var (exitCode, output, error) = OfFile(loaded, "explain", "--memory", "FILE", "--optimizer", "adam");

            Assert.Equal((0, ""), (exitCode, error));
            var lines = output.TrimEnd().Split('\n');
            Assert.Equal(1 + 1 + 1 + 2, lines.Length);
            Assert.StartsWith(model.ToString()![..15], lines[1], StringComparison.Ordinal);
            Assert.Contains($" {model.Plan.MultiplyAdds} ", lines[1], StringComparison.Ordinal);
            Assert.Contains($" {model.Plan.ParameterBytes} B ", lines[1], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_model_without_layers_has_none_to_freeze()
    {
        var (exitCode, output, error) = OfFile(Pump, "explain", "--memory", "FILE", "--mask", "head-only");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal($"streamlearn: --mask: expected all for a model without layers, {Pump.Model}\n", error);
    }

    [Theory]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "vgg55")]
    [InlineData("model: expected vgg5", "explain", "vgg55")]
    [InlineData("expected either a model or --memory", "explain", "vgg5", "--memory", "vgg5")]
    [InlineData("--mask: expected --memory with it", "explain", "vgg5", "--mask", "head-only")]
    [InlineData("--batch: expected --memory with it", "explain", "vgg5", "--batch", "3")]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "mlp:10")]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "mlp:10-0-2")]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "softmax:1000000-1000000")]
    [InlineData("--memory", "explain")]
    [InlineData("--batch: expected 1 to 65536 rows, got 0", "explain", "--memory", "vgg5", "--batch", "0")]
    [InlineData("'x'", "explain", "--memory", "vgg5", "--batch", "x")]
    [InlineData("'lamb'", "explain", "--memory", "vgg5", "--optimizer", "lamb")]
    [InlineData("--mask: expected all", "explain", "--memory", "vgg5", "--mask", "none")]
    [InlineData("--mask: expected at most 6 layers", "explain", "--memory", "vgg5", "--mask", "freeze-below:7")]
    [InlineData("model: expected vgg5", "answer", "vgg55", "--rows", "-")]
    [InlineData("answer: expected --csv, --arrow, --command, --serial, --mqtt, --nats or --rows", "answer", "vgg5")]
    [InlineData("--scores: expected --rows FILE", "answer", "vgg5", "--csv", "a.csv", "--scores")]
    [InlineData("--follow: leave it out", "answer", "vgg5", "--rows", "-", "--follow")]
    [InlineData("there is no command 'infer': use streamlearn answer MODEL --rows FILE instead", "infer", "vgg5", "--rows", "-")]
    [InlineData("--rows: expected the path of a file, or -, got 'nowhere.csv'", "answer", "vgg5", "--rows", "nowhere.csv")]
    [InlineData("model: expected vgg5", "profile", "vgg55")]
    [InlineData("--rows: expected 1 to 65536, got '0'", "profile", "vgg5", "--rows", "0")]
    [InlineData("--watts: expected 0 to 10000, got '-1'", "profile", "vgg5", "--watts", "-1")]
    [InlineData("Required argument", "profile")]
    [InlineData("'explode'", "explode")]
    public void A_bad_command_line_is_one_line_and_exit_code_2(string sentence, params string[] arguments)
    {
        var (exitCode, output, error) = Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.All(error.TrimEnd().Split('\n'), l => Assert.StartsWith("streamlearn: ", l, StringComparison.Ordinal));
    }

    private static LoadedModel Pump { get; } = Linear();

    private static LoadedModel Linear()
    {
        LinearModel model = new(3, new BinaryCrossEntropy(), decay: 0.5f, columns: [
            Field.Channel("acc_x", Unit.StandardGravity), Field.Channel("gyro_x", Unit.RadianPerSecond), Field.Channel("level", Unit.One)]);
        var provenance = ModelCard.Empty.Provenance.Add("trained-on", "har").Add("rounds", "7");
        return new(model, model.Initial with { Version = 12 }, new() { Labels = ["still", "moving"], Provenance = provenance });
    }

    private static (int ExitCode, string Output, string Error) OfFile(LoadedModel model, params string[] arguments)
    {
        var path = Path.Combine(Path.GetTempPath(), $"tool-tests-{Environment.ProcessId}-{nameof(OfFile)}.safetensors");
        File.WriteAllBytes(path, ModelFile.Save(model.Model, model.Weights, model.Card));
        try { return Run([.. arguments.Select(a => a == "FILE" ? path : a)]); }
        finally { File.Delete(path); }
    }
}

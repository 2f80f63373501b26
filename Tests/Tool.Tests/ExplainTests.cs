using System.Text.Json;
using StreamLearn.Learning;

namespace Tool.Tests;

/// <summary>What the program says of a model, and what it ends with.</summary>
public sealed class ExplainTests
{
    [Fact]
    public void Help_shows_examples_and_exit_codes()
    {
        var (exitCode, output, _) = Run("--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", output, StringComparison.Ordinal);
        Assert.Contains("explain", output, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "vgg55")]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "mlp:10")]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "mlp:10-0-2")]
    [InlineData("--memory: expected vgg5", "explain", "--memory", "softmax:1000000-1000000")]
    [InlineData("--memory", "explain")]
    [InlineData("--batch: expected 1 to 65536 rows, got 0", "explain", "--memory", "vgg5", "--batch", "0")]
    [InlineData("'x'", "explain", "--memory", "vgg5", "--batch", "x")]
    [InlineData("'lamb'", "explain", "--memory", "vgg5", "--optimizer", "lamb")]
    [InlineData("--mask: expected all", "explain", "--memory", "vgg5", "--mask", "none")]
    [InlineData("--mask: expected at most 6 layers", "explain", "--memory", "vgg5", "--mask", "freeze-below:7")]
    [InlineData("'explode'", "explode")]
    public void A_bad_command_line_is_one_line_and_exit_code_2(string sentence, params string[] arguments)
    {
        var (exitCode, output, error) = Run(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.All(error.TrimEnd().Split('\n'), l => Assert.StartsWith("streamlearn: ", l, StringComparison.Ordinal));
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = CommandLine.Run(arguments, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}

using StreamLearn.Models;

namespace Tool.Tests;

public sealed class ProfileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_table_has_a_row_for_each_layer_and_the_file_has_the_profile()
    {
        var file = Path.Join(_folder, "profile.json");

        var (exitCode, output, error) = Run("profile", "mlp:20-8-3", "--rows", "4", "--power", PowerFile(), "--out", file);

        Assert.Equal(0, exitCode);
        Assert.All(error.TrimEnd().Split('\n'), l => Assert.StartsWith("streamlearn: round ", l, StringComparison.Ordinal));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(1 + 2 + 1 + 2, lines.Length);
        Assert.StartsWith("layer  ", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^dense 8 +[\d.]+ [mµn]?s +[\d.]+ [mµn]?s +160 +32 +[\d.]+ (B|KiB) +\d+ % █*$", lines[1]);
        Assert.Matches(@"^relu +[\d.]+ [mµn]?s +[\d.]+ [mµn]?s +24 +32 ", lines[2]);          // with the head
        Assert.Matches(@"^total of a row +[\d.]+ [mµn]?s +[\d.]+ [mµn]?s +184 +[\d.]+ (B|KiB)$", lines[3]);
        Assert.StartsWith("batches of 4 on ", lines[4], StringComparison.Ordinal);
        Assert.Matches(@"^energy of a row: [\d.]+ [mµ]?J, measured by a power file$", lines[5]);
        var profile = LayerProfile.Load(File.ReadAllBytes(file));
        Assert.Equal((LayerCosts.Of(ReferenceModels.Mlp(20, [8], 3)), 4), (profile.Costs, profile.Rows));
        Assert.InRange(profile.Seconds, 1e-12, 10);
    }

    [Fact]
    public void Json_has_the_layers_of_a_model_file()
    {
        var (network, path) = (ReferenceModels.HarConv(), Path.Join(_folder, "model.safetensors"));
        File.WriteAllBytes(path, ModelFile.Save(network, network.Initial));

        var (exitCode, output, _) = Run("profile", path, "--rows", "2", "--json", "--watts", "0");

        Assert.Equal(0, exitCode);
        using var json = JsonDocument.Parse(output);
        var layers = json.RootElement.GetProperty("layers");
        Assert.Equal(network.Layers.Select(static l => l.ToString()),
            layers.EnumerateArray().Select(static l => l.GetProperty("name").GetString()));
        Assert.Equal(network.MultiplyAddsTo[^1], layers.EnumerateArray().Sum(l => l.GetProperty("multiplyAdds").GetInt64()));
        Assert.Contains(json.RootElement.GetProperty("joulesKind").GetString(), (string[])["modelled", "measured by RAPL"]);
    }

    [Fact]
    public void An_ONNX_file_is_a_model()
    {
        var (exitCode, output, _) = Run("profile", Path.Combine(AppContext.BaseDirectory, "Onnx", "conv1d.onnx"), "--rows", "2");

        Assert.Equal(0, exitCode);
        Assert.Contains("conv1d", output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_measured_read_or_written_is_one_line_and_exit_code_1()
    {
        var (linear, bad) = (Path.Join(_folder, "linear.safetensors"), Path.Join(_folder, "bad.csv"));
        LinearModel model = new(3, new SquaredError());
        File.WriteAllBytes(linear, ModelFile.Save(model, model.Initial));
        File.WriteAllText(bad, "now,3\n");

        Refused("expected a network, whose layers can be measured, got linear 3", "profile", linear);
        Refused("bad.csv: power file, line 1: expected seconds and watts, got 'now,3'", "profile", "softmax:2-2", "--power", bad);
        Refused("absent", "profile", "softmax:2-2", "--rows", "1", "--out", Path.Join(_folder, "absent", "profile.json"));
    }

    /// <summary>A meter that has shown 5 W since 2001 and will until 2100.</summary>
    private string PowerFile()
    {
        var path = Path.Join(_folder, "power.csv");
        File.WriteAllText(path, "1000000000,5\n4102444800,5\n");
        return path;
    }

    private static void Refused(string sentence, params string[] arguments)
    {
        var (exitCode, output, error) = Run(arguments);

        Assert.Equal((1, ""), (exitCode, output));
        var line = Assert.Single(error.TrimEnd().Split('\n'), static l => !l.StartsWith("streamlearn: round ", StringComparison.Ordinal));
        Assert.Contains(sentence, line, StringComparison.Ordinal);
    }
}

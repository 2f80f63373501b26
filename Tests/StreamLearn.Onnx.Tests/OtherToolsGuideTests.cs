using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Onnx.Tests;

/// <summary>The examples of docs/guides/models-of-other-tools.md do what the page says.</summary>
public sealed class OtherToolsGuideTests
{
    [Fact]
    public void A_model_of_an_ONNX_file_learns_on_and_is_saved()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "guide.safetensors");
        var (network, weights, _) = OnnxFile.Load(Golden.Path("conv2d.onnx"), objective: new SoftmaxCrossEntropy());
        var features = Golden.Inputs("conv2d");
        var rows = new RecordedRows(Enumerable.Repeat(features, 8).SelectMany(static x => x).ToArray(),
            Enumerable.Range(0, 32).Select(static i => i % 4 == 1 ? 2 : i % 4 == 2 ? 1 : 0).ToArray());

        var result = OtherToolsGuideExamples.LearnOn(Golden.Path("conv2d.onnx"), rows, file);

        Assert.True(result.Epochs[^1].Loss < result.Epochs[0].Loss);
        var loaded = ModelFile.Load(file, network);
        Assert.Equal("ONNX", loaded.Card.Provenance["imported-from"]);
        foreach (var slice in network.Plan.Slices.Where(static s => s.Kind == SliceKind.Trained))
        {
            var isHead = slice.Name.StartsWith("exit0.", StringComparison.Ordinal);
            Assert.Equal(!isHead, slice.Of(weights.Values.AsSpan()).SequenceEqual(slice.Of(loaded.Weights.Values.AsSpan())));
        }
    }

    [Fact]
    public void A_model_file_becomes_an_ONNX_file()
    {
        var (from, to) = (Path.Combine(AppContext.BaseDirectory, "out.safetensors"), Path.Combine(AppContext.BaseDirectory, "out.onnx"));
        var network = OtherToolsGuideExamples.Same();
        ModelFile.Save(from, network, network.Initial, new() { Labels = ["a", "b", "c", "d"] });
        OtherToolsGuideExamples.ToOtherRuntimes(from, to);
        Assert.Equal(network.Initial.Sha256(), OnnxFile.Load(to).Weights.Sha256());
        Assert.Equal("[\"a\",\"b\",\"c\",\"d\"]", OtherRuntime.Metadata(File.ReadAllBytes(to))["classes"]);
    }

    [Fact]
    public void A_model_file_of_windows_becomes_an_ONNX_file_that_takes_them()
    {
        var (from, to) = (Path.Combine(AppContext.BaseDirectory, "w.safetensors"), Path.Combine(AppContext.BaseDirectory, "w.onnx"));
        var made = PreparedWindows.Of("motion", 20);
        ModelFile.Save(from, made.Network, made.Weights, made.Card);
        OtherToolsGuideExamples.WithWindows(from, to);
        OtherRuntime.AssertClose(made.Answers, OtherRuntime.Answers(File.ReadAllBytes(to), made.Raw, 6 * 64), 1e-5f);
    }

    [Fact]
    public void The_page_shows_the_table_that_a_network_prints() =>
        Assert.Contains(OtherToolsGuideExamples.Same().ToString(), Page(), StringComparison.Ordinal);

    [Fact]
    public void Names_of_the_page_fit_the_file_of_PyTorch()
    {
        var network = OtherToolsGuideExamples.Same();
        var file = Path.Join(Root(), "Tests/StreamLearn.Models.Tests/Torch/tensors-F32.safetensors");
        Assert.Equal(network.LoadTensors(file).Sha256(), OtherToolsGuideExamples.FromPyTorch(network, file).Sha256());
    }

    private static string Page() => File.ReadAllText(Path.Join(Root(), "docs/guides/models-of-other-tools.md"));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Join(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder)!; }
        return folder;
    }
}

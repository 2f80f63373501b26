using System.Text.Json;
using StreamLearn.Onnx;

namespace Acceptance.Tests;

/// <summary>Section 9.8b: models that were trained elsewhere. The files and the answers are made by
/// <c>StreamLearn.Onnx.Tests/Golden</c>.</summary>
public sealed class At09Import(ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Onnx");

    public static TheoryData<string> Models =>
        [.. Directory.EnumerateFiles(Folder, "*.onnx").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void AT_9o_Nine_models_of_dense_layers_convolutions_pools_batch_norms_and_activations_are_compared()
    {
        var layers = Models.Select(m => OnnxFile.Load(Path.Combine(Folder, $"{m.Data}.onnx")).Network)
            .SelectMany(n => n.Layers.Append(n.Exits[0].Head)).Select(l => l.GetType()).ToHashSet();

        Assert.Equal(9, Models.Count);
        Assert.Superset(
            new HashSet<Type>
            {
                typeof(Dense), typeof(Conv1d), typeof(Conv2d), typeof(DepthwiseConv1d), typeof(DepthwiseConv2d), typeof(MaxPool1d),
                typeof(MaxPool2d), typeof(AveragePool1d), typeof(GlobalMean), typeof(GlobalMax), typeof(BatchNorm),
                typeof(LocalResponseNorm), typeof(Relu), typeof(LeakyRelu), typeof(Sigmoid), typeof(Tanh), typeof(Flatten),
            },
            layers);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void AT_9o_An_imported_model_answers_as_onnxruntime_does_to_a_hundred_thousandth(string model)
    {
        using var answers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "answers.json")));
        var golden = answers.RootElement.GetProperty(model);
        var (features, expected) = (Numbers(golden, "x"), Numbers(golden, "y"));

        var (network, weights, _) = OnnxFile.Load(Path.Combine(Folder, $"{model}.onnx"));

        var got = new float[expected.Length];
        network.Infer(weights.Values.AsSpan(), new Sample(features, features.Length / network.Plan.Input.Size), got, new());
        var worst = expected.Zip(got, static (e, g) => Math.Abs(e - g) / Math.Max(1, Math.Abs(e))).Max();
        output.WriteLine(FormattableString.Invariant($"{model}: {worst:0.0e+0} off at most, {network.Plan.Values} values"));
        Assert.InRange(worst, 0, 1e-5f);
    }

    private static float[] Numbers(JsonElement golden, string name) =>
        [.. golden.GetProperty(name).EnumerateArray().Select(static v => v.GetSingle())];
}

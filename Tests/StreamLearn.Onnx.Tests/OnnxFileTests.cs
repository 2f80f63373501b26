using StreamLearn.Models;

namespace StreamLearn.Onnx.Tests;

/// <summary>Files of PyTorch and of the onnx package as networks; what onnxruntime answers is told by Golden/README.md.</summary>
public sealed class OnnxFileTests
{
    [Theory]
    [InlineData("dense", "[6]: dense 8, relu, dense 5, tanh; dense 3; softmax cross-entropy")]
    [InlineData("conv1d", "[3, 24]: conv1d 6 kernel 5 stride 1 padding 2, relu, max-pool 2, conv1d 8 kernel 3 stride 2 padding 0, "
        + "leaky-relu 0.1, depthwise-conv1d kernel 3 stride 1 padding 0, sigmoid, average-pool1d 2; dense 4; squared error")]
    [InlineData("conv2d", "[2, 10, 10]: conv2d 4 kernel 3 stride 1 padding 1, batch-norm momentum 0.100000024 epsilon 1E-05, relu, "
        + "max-pool2d 2, depthwise-conv2d kernel 3 stride 1 padding 0, tanh, global-mean; dense 3; squared error")]
    [InlineData("view", "[2, 8]: conv1d 3 kernel 3 stride 1 padding 0, relu, flatten; dense 1; binary cross-entropy")]
    [InlineData("mean", "[2, 8]: conv1d 3 kernel 3 stride 1 padding 0, relu, global-mean; dense 2; squared error")]
    [InlineData("matmul", "[5]: dense 7, relu; dense 3; squared error")]
    [InlineData("same", "[3, 20]: conv1d 6 kernel 4 stride 2 padding same, relu, max-pool 3 stride 2 padding same, "
        + "average-pool1d 3 stride 1 padding 1, global-max; dense 4; softmax cross-entropy")]
    [InlineData("lrn", "[2, 5, 5]: conv2d 5 kernel 2 stride 1 padding 0, local-response-norm 1 bias 1.5 alpha 0.1 beta 0.6, "
        + "global-mean; dense 2; squared error")]
    [InlineData("half", "[4]: dense 6, sigmoid; dense 2; squared error")]
    public void A_file_of_another_tool_becomes_a_network_that_gives_its_answers(string name, string structure)
    {
        var imported = OnnxFile.Load(Golden.Path($"{name}.onnx"));
        var network = imported.Network;
        Assert.Equal(structure, $"{network.Plan.Input}: {string.Join(", ", network.Layers)}; {network.Exits[0].Head}; {network.Objective}");
        Golden.AssertAnswers(name, imported.Network, imported.Weights, 1e-5f);
    }

    [Fact]
    public void It_says_who_wrote_the_file_and_is_saved_as_any_network()
    {
        var imported = OnnxFile.Load(Golden.Path("conv1d.onnx"), objective: new SoftmaxCrossEntropy());
        var loaded = ModelFile.Load(ModelFile.Save(imported.Network, imported.Weights, imported.Card));
        Assert.Equal(imported.Network, loaded.Model);
        Assert.Equal(imported.Weights.Sha256(), loaded.Weights.Sha256());
        Assert.Equal("pytorch 1.13.0", loaded.Card.Provenance["producer"]);
        Assert.Equal("ONNX", loaded.Card.Provenance["imported-from"]);
    }

    [Fact]
    public void Scores_become_probabilities_where_cross_entropy_is_asked_for()
    {
        var plain = OnnxFile.Load(Golden.Path("mean.onnx"));
        var asked = OnnxFile.Load(Golden.Path("mean.onnx"), objective: new SoftmaxCrossEntropy());
        var scores = Golden.Answers("mean", plain.Network, plain.Weights);
        var answers = Golden.Answers("mean", asked.Network, asked.Weights);
        Assert.Equal(1 / (1 + MathF.Exp(scores[1] - scores[0])), answers[0], 1e-6f);
    }

    [Fact]
    public void An_input_of_open_size_is_told_by_the_caller()
    {
        var bytes = OnnxBytes.Model(OnnxBytes.Graph([2, -1],
            [OnnxBytes.Node("Conv", ["x", "W"], "a"), OnnxBytes.Node("Flatten", ["a"], "f"), OnnxBytes.Node("Gemm", ["f", "V"], "y")],
            OnnxBytes.Tensor("W", [3, 2, 2]), OnnxBytes.Tensor("V", [9, 2])));
        Assert.Contains("expected the sizes of a row", Refusals.Of(bytes).Message, StringComparison.Ordinal);
        Assert.Equal(new Shape(2, 4), OnnxFile.Load(bytes, new(2, 4)).Network.Plan.Input);
        Assert.Contains("expected an input [3, 4], got 'x' [?, 2, ?]", Refusals.Of(bytes, new() { Input = new(3, 4) }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_learns_on_from_the_values_of_the_file()
    {
        var (network, weights, _) = OnnxFile.Load(Golden.Path("conv2d.onnx"), objective: new SoftmaxCrossEntropy());
        var (values, state, gradients) = (weights.Values.ToArray(), new float[network.Plan.Values], new float[network.Plan.Values]);
        var (features, memory) = (Golden.Inputs("conv2d"), new Workspace());
        int[] labels = [0, 2, 1, 0];
        var losses = new List<float>();
        for (var step = 1; step <= 40; step++)
        {
            losses.Add(((IModel)network).Step(values, new Sample(features, labels), new Sgd(0.05f), state, step, gradients, memory));
        }
        Assert.True(losses[^1] < losses[0] / 2, $"{losses[0]} to {losses[^1]}");
    }
}

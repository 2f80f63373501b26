using System.Runtime.InteropServices;
using System.Text.Json;

namespace StreamLearn.Models.Tests;

/// <summary>A second judge: what torch 1.13.1 made of the same values. <c>Torch/layers.py</c> wrote them down; CI needs no torch.</summary>
public sealed class TorchLayerTests
{
    private static readonly JsonElement Golden = Read();

    private static readonly Dictionary<string, (Layer Layer, Shape Input)> Layers = new()
    {
        ["dense"] = (new Dense(5), new(7)),
        ["dense wide"] = (new Dense(33), new(5)),
        ["conv1d"] = (new Conv1d(4, 5, 2, 2), new(3, 13)),
        ["conv1d plain"] = (new Conv1d(3, 3), new(2, 9)),
        ["conv2d"] = (new Conv2d(4, 3, 1, 1), new(2, 5, 6)),
        ["conv2d stride"] = (new Conv2d(3, 5, 2, 2), new(3, 7, 6)),
        ["depthwise conv1d"] = (new DepthwiseConv1d(3, 1, 1), new(3, 17)),
        ["depthwise conv1d stride"] = (new DepthwiseConv1d(4, 3), new(2, 13)),
        ["depthwise conv2d"] = (new DepthwiseConv2d(3, 1, 1), new(3, 5, 9)),
        ["depthwise conv2d stride"] = (new DepthwiseConv2d(3, 2, 1), new(2, 7, 6)),
        ["max pool 1d"] = (new MaxPool1d(2), new(2, 19)),
        ["max pool 1d stride"] = (new MaxPool1d(4, 2, 1), new(2, 21)),
        ["max pool 2d"] = (new MaxPool2d(2), new(2, 6, 18)),
        ["max pool 2d stride"] = (new MaxPool2d(3, 2, 1), new(2, 7, 8)),
        ["max pool 2d overlap"] = (new MaxPool2d(3, 1), new(1, 5, 11)),
        ["average pool 1d"] = (new AveragePool1d(2), new(2, 19)),
        ["average pool 1d stride"] = (new AveragePool1d(4, 2, 2), new(2, 20)),
        ["average pool 2d"] = (new AveragePool2d(2), new(2, 4, 17)),
        ["average pool 2d stride"] = (new AveragePool2d(3, 2, 1), new(2, 7, 8)),
        ["batch norm"] = (new BatchNorm(), new(6)),
        ["batch norm signal"] = (new BatchNorm(0.3f, 1e-3f), new(3, 11)),
        ["batch norm image"] = (new BatchNorm(), new(3, 4, 5)),
        ["group norm"] = (new GroupNorm(2), new(4, 7)),
        ["group norm image"] = (new GroupNorm(3), new(6, 3, 4)),
        ["layer norm"] = (new LayerNorm(), new(9)),
        ["layer norm image"] = (new LayerNorm(1e-3f), new(2, 3, 5)),
        ["local response norm"] = (new LocalResponseNorm(2, 1, 0.3f), new(7, 3, 4)),
        ["local response norm small"] = (new LocalResponseNorm(4, 1, 0.001f / 9), new(8, 3, 3)),
        ["local response norm half"] = (new LocalResponseNorm(1, 1.5f, 0.2f, 0.5f), new(5, 9)),
        ["local response norm power"] = (new LocalResponseNorm(1, 2, 0.4f, 0.6f), new(5, 2, 4)),
        ["relu"] = (new Relu(), new(3, 13)),
        ["leaky relu"] = (new LeakyRelu(0.1f), new(3, 13)),
        ["tanh"] = (new Tanh(), new(3, 13)),
        ["sigmoid"] = (new Sigmoid(), new(3, 13)),
        ["flatten"] = (new Flatten(), new(2, 3, 4)),
        ["residual"] = (new Residual(new Dense(6), new Tanh()), new(6)),
        ["residual image"] = (new Residual(new Conv2d(3, 3, 1, 1), new BatchNorm(), new Relu()), new(3, 5, 4)),
        ["cell"] = (new Sequential(new Conv2d(4, 3, 1, 1), new BatchNorm(), new Relu(), new MaxPool2d(2)), new(2, 6, 8)),
        ["separable"] = (new Sequential(new DepthwiseConv1d(3, 1, 1), new Conv1d(5, 1), new LeakyRelu(), new AveragePool1d(3)), new(3, 12)),
        ["nested"] = (new Sequential(new Residual(new Residual(new LayerNorm(), new Sigmoid()), new Dense(8)), new Tanh()), new(8)),
    };

    private static readonly Dictionary<string, (Layer[] Layers, Shape Input)> Networks = new()
    {
        ["image network"] = (
            [new Conv2d(4, 3, 1, 1), new BatchNorm(), new Relu(), new MaxPool2d(2), new Conv2d(6, 3, 1, 1), new BatchNorm(), new Relu(),
                new MaxPool2d(2), new Flatten(), new Dense(8), new Relu()], new(2, 8, 8)),
        ["norm network"] = (
            [new Conv2d(6, 3, 1, 1), new Relu(), new MaxPool2d(2), new LocalResponseNorm(2, 1, 0.01f), new DepthwiseConv2d(3, 1, 1),
                new GroupNorm(2), new LeakyRelu(), new AveragePool2d(2), new Flatten(), new LayerNorm(), new Dense(8), new Tanh()],
            new(1, 8, 8)),
        ["signal network"] = (
            [new Conv1d(8, 5, 1, 2), new BatchNorm(), new Relu(), new MaxPool1d(2), new Residual(new DepthwiseConv1d(3, 1, 1), new Relu()),
                new Flatten()], new(3, 16)),
    };

    public static TheoryData<string> LayerNames => [.. Layers.Keys];
    public static TheoryData<string> NetworkNames => [.. Networks.Keys];

    [Fact]
    public void Every_case_of_the_file_is_looked_at()
    {
        Assert.Equal(Layers.Keys, Golden.GetProperty("layers").EnumerateArray().Select(Name));
        Assert.Equal(Networks.Keys, Golden.GetProperty("networks").EnumerateArray().Select(Name));
    }

    [Theory, MemberData(nameof(LayerNames))]
    public void A_layer_gives_what_torch_gives(string name)
    {
        var golden = Case("layers", name);
        var it = new LayerCase(Layers[name].Layer, Layers[name].Input, golden.GetProperty("rows").GetInt32());
        Take(golden, it, out var outputGradients);
        float[] gradients = new float[it.Weights.Length], velocity = new float[it.Weights.Length];
        Close(golden, "inferred", it.Forward(0, it.Count, taped: false).Outputs);
        Close(golden, "outputs", it.Forward(0, it.Count).Outputs);
        Close(golden, "inputGradients", it.Backward(0, it.Count, gradients));
        Close(golden, "gradients", gradients);
        Assert.Equal(outputGradients, it.OutputGradients);
        for (var step = 0; step < 3; step++)
        {
            Array.Clear(gradients);
            it.Backward(0, it.Count, gradients);
            Move(it, gradients, velocity);
        }

        Close(golden, "after", it.Weights);
    }

    [Theory, MemberData(nameof(NetworkNames))]
    public void A_network_learns_what_torch_learns(string name)
    {
        var golden = Case("networks", name);
        var (layers, input) = Networks[name];
        var network = new Network(input, 3, [.. layers], [new(layers.Length - 1, new Dense(3))]);
        var (weights, features, rows) = (Values(golden, "weights"), Values(golden, "inputs"), golden.GetProperty("rows").GetInt32());
        var optimizer = new Sgd(Golden.GetProperty("rate").GetSingle(), Golden.GetProperty("momentum").GetSingle(), float.PositiveInfinity);
        var (state, gradients, memory) = (new float[weights.Length], new float[weights.Length], new Workspace());
        int[] labels = [.. Enumerable.Range(0, rows).Select(r => r % 3)];
        Assert.Equal(weights.Length, network.Plan.Values);
        float[] losses = [.. Enumerable.Range(1, 3).Select(step =>
            network.Step(weights, new Sample(features, labels), optimizer, state, step, gradients, memory))];
        var inferred = new float[rows * 3];
        network.Infer(weights, new Sample(features, labels), inferred, memory);
        Close(golden, "losses", losses);
        Close(golden, "after", weights);
        Close(golden, "inferred", inferred);
    }

    private static void Take(JsonElement golden, LayerCase it, out float[] outputGradients)
    {
        Assert.Equal(it.Weights.Length, Values(golden, "weights").Length);
        Values(golden, "weights").CopyTo(it.Weights, 0);
        Values(golden, "inputs").CopyTo(it.Inputs, 0);
        outputGradients = Values(golden, "outputGradients");
        outputGradients.CopyTo(it.OutputGradients, 0);
    }

    /// <summary>A step of gradient descent with momentum; statistics are taken over.</summary>
    private static void Move(LayerCase it, float[] gradients, float[] velocity)
    {
        var (rate, momentum, at) = (Golden.GetProperty("rate").GetSingle(), Golden.GetProperty("momentum").GetSingle(), 0);
        foreach (var (_, kind, length) in it.Plan.Slices)
        {
            for (var i = at; i < at + length; i++)
            {
                velocity[i] = (momentum * velocity[i]) + gradients[i];
                it.Weights[i] = kind == SliceKind.Statistic ? gradients[i] : it.Weights[i] - (rate * velocity[i]);
            }
            at += length;
        }
    }

    /// <summary>Both sides round float32 sums of at most some hundred products in orders of their own.</summary>
    private static void Close(JsonElement golden, string part, float[] actual)
    {
        var expected = Values(golden, part);
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * (1 + Math.Abs(expected[i])),
                $"{Name(golden)}: {part}[{i}] is {actual[i]}, torch says {expected[i]}");
        }
    }

    private static JsonElement Case(string kind, string name) => Golden.GetProperty(kind).EnumerateArray().Single(c => Name(c) == name);
    private static string Name(JsonElement golden) => golden.GetProperty("name").GetString()!;

    private static float[] Values(JsonElement golden, string part) =>
        MemoryMarshal.Cast<byte, float>(golden.GetProperty(part).GetBytesFromBase64()).ToArray();

    private static JsonElement Read()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Torch", "layers.json"));
        return JsonDocument.Parse(file).RootElement.Clone();
    }
}

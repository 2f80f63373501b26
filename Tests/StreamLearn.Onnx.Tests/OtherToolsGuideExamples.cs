using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace StreamLearn.Onnx.Tests;

/// <summary>The C# of docs/guides/models-of-other-tools.md.</summary>
internal static class OtherToolsGuideExamples
{
    internal static FitResult LearnOn(string onnx, RecordedRows rows, string file)
    {
        var (network, weights, card) = OnnxFile.Load(onnx, objective: new SoftmaxCrossEntropy());
        var mine = network.StartingFrom(weights).Masked(TrainableMask.HeadOnly);    // only the last layer learns
        var result = mine.Fit(rows);
        ModelFile.Save(file, mine, result.Weights, card);
        return result;
    }

    internal static void ToOtherRuntimes(string trained, string onnx)
    {
        var (model, weights, card) = ModelFile.Load(trained);
        OnnxFile.Save(onnx, (Network)model, weights, card);
    }

    internal static void WithWindows(string trained, string onnx)
    {
        var (model, weights, card) = ModelFile.Load(trained);
        var preparation = Preparation.Of(card)!;
        OnnxFile.Save(onnx, (Network)model, weights, card, window: preparation.OnnxWindow);
    }

    internal static Weights FromPyTorch(Network network, string file) => network.LoadTensors(file, new Dictionary<string, string>
    {
        ["4.conv1d"] = "conv2",                     // a layer of the network, a module of the file
        ["6.conv1d"] = "conv3",
    });

    internal static Network Same() => new(new(channels: 3, samples: 16), classes: 4,
        [
            new Conv1d(6, Kernel: 5, Padding: 2), new BatchNorm(), new Relu(), new MaxPool1d(2), new Conv1d(6, 3), new Relu(),
            new Conv1d(6, 3), new Relu(), new DepthwiseConv1d(3), new LayerNorm(), new Flatten(),
        ],
        [new(After: 10, new Dense(4))]);
}

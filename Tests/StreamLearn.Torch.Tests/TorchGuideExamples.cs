using StreamLearn.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>The C# of docs/guides/models-of-other-tools.md.</summary>
internal static class TorchGuideExamples
{
    internal static TorchModel Gait() => new("gait", new Shape(6, 128), outputs: 6, () => new GaitNet(),
        new() { Seed = 1, MultiplyAdds = 640_000 });

    internal static Weights Fit(TorchModel model, RecordedRows rows, string file)
    {
        var result = model.Fit(rows, new() { Optimizer = new AdamW(0.003f) { ClipNorm = 1 }, Epochs = 3 });
        ModelFile.Save(file, model, result.Weights);                // names and values; no code
        return ModelFile.Load(file, model).Weights;                 // so the model itself is needed to read it
    }

    internal static void OnADevice(Flow<Batch> windows, Flow<Weights> models, TorchModel model)
    {
        var (deltas, evaluations) = windows.Train(model, models, new() { Optimizer = new AdamW(0.003f) });
        var answers = windows.Infer(model, models);
        deltas.Output("deltas");
        evaluations.Discard();
        answers.Output("answers");
    }

    internal static float[] Answer(TorchModel model, Weights weights, float[] rows, int count)
    {
        var answers = new float[count * model.Plan.Outputs];
        model.Infer(weights.Values.AsSpan(), new Sample(rows, count), answers, new Workspace());
        return answers;
    }

    internal static TorchModel Scripted(string file) => TorchModel.FromScript(file, new Shape(3, 16), outputs: 4);

    internal static TorchModel TwoHeads() => new("two heads", new Shape(6, 128), outputs: 6, () => new TorchExits(
        new TorchStage(Sequential(("a", Conv1d(6, 16, 9, 4)), ("r", ReLU())), Head(16), MultiplyAdds: 26_000),
        new TorchStage(Sequential(("b", Conv1d(16, 32, 5, 2)), ("r", ReLU())), Head(32), MultiplyAdds: 34_000)));

    private static Module<Tensor, Tensor> Head(int channels) =>
        Sequential(("mean", AdaptiveAvgPool1d(1)), ("flat", Flatten()), ("out", Linear(channels, 6)));
}

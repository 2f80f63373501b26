using Microsoft.ML.OnnxRuntime;
using StreamLearn.Onnx;

namespace Benchmarks;

/// <summary>ONNX Runtime in this process, on one thread, with files that the library wrote. Inputs and outputs stay where they are, as is
/// best for it.</summary>
internal sealed class OnnxPeer : IDisposable
{
    internal const string Name = "onnxruntime";
    private const float Apart = 1e-4f;      // of probabilities
    private static readonly string[] Input = ["input"], Output = ["output"];
    private readonly InferenceSession _session;
    private readonly Microsoft.ML.OnnxRuntime.RunOptions _run = new();
    private readonly OrtValue[][] _inputs;
    private readonly float[] _answers;
    private readonly OrtValue[] _outputs;

    /// <param name="network">A network.</param>
    /// <param name="weights">Its values.</param>
    /// <param name="features">Rows to ask for.</param>
    /// <param name="rows">How many of them in a call.</param>
    internal OnnxPeer(Network network, Weights weights, float[] features, int rows)
    {
        using var file = new MemoryStream();
        OnnxFile.Save(file, network, weights);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        _session = new(file.ToArray(), options);
        var size = network.Plan.Input.Size;
        long[] shape = [rows, .. _session.InputMetadata[Input[0]].Dimensions.Skip(1).Select(static d => (long)d)];
        _inputs = [.. features.Chunk(rows * size).Where(c => c.Length == rows * size)
            .Select(chunk => new[] { OrtValue.CreateTensorValueFromMemory(chunk, shape) })];
        _answers = new float[rows * network.Plan.Outputs];
        _outputs = [OrtValue.CreateTensorValueFromMemory(_answers, [rows, network.Plan.Outputs])];
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
        foreach (var value in _inputs.SelectMany(static v => v).Concat(_outputs)) { value.Dispose(); }
    }

    /// <summary>Asks for the rows of a call, one call after the other.</summary>
    internal void Ask(int call) => _session.Run(_run, Input, _inputs[call % _inputs.Length], Output, _outputs);

    /// <summary>A contender of an inference case: microseconds.</summary>
    internal static Contender Infer(BenchmarkModel model, double seconds) => InferRun.Contender(Name, seconds, () =>
    {
        var plan = model.Model.Plan;
        var network = model.Model as Network ?? ReferenceModels.Softmax(plan.Input.Size, plan.Outputs);
        var peer = new OnnxPeer(network, network.Initial, model.Features, 1);
        peer.Compare(network, network.Initial, model.Features, Apart);
        return peer.Ask;
    });

    /// <summary>Compares the answers to the rows of a call.</summary>
    /// <exception cref="BenchmarkException">It answers otherwise than ours.</exception>
    internal void Compare(IModel model, Weights weights, float[] features, float apart)
    {
        var answers = new float[_answers.Length];
        var rows = answers.Length / model.Plan.Outputs;
        Ask(0);
        model.Infer(weights, weights.Values.AsSpan(), new(features.AsSpan(0, rows * model.Plan.Input.Size), rows), answers, new());
        for (var a = 0; a < answers.Length; a++)
        {
            if (!(Math.Abs(answers[a] - _answers[a]) <= apart))
            {
                throw new BenchmarkException($"{Name} answers {_answers[a]} where ours is {answers[a]}: output {a}");
            }
        }
    }
}

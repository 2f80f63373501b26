using System.Text.Json;
using StreamLearn.Models;

namespace StreamLearn.Onnx.Tests;

/// <summary>The files of the folder Golden, and what onnxruntime answers.</summary>
internal static class Golden
{
    private static readonly JsonDocument All = JsonDocument.Parse(File.ReadAllBytes(Path("answers.json")));
    internal static string Path(string file) => System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", file);
    internal static float[] Inputs(string name) => Numbers(name, "x");

    internal static float[] Answers(string name, Network network, Weights weights)
    {
        var (features, outputs) = (Inputs(name), new float[Numbers(name, "y").Length]);
        network.Infer(weights.Values.AsSpan(), new Sample(features, features.Length / network.Plan.Input.Size), outputs, new());
        return outputs;
    }

    internal static void AssertAnswers(string name, Network network, Weights weights, float tolerance)
    {
        var (expected, got) = (Numbers(name, "y"), Answers(name, network, weights));
        for (var i = 0; i < expected.Length; i++) { Assert.Equal(expected[i], got[i], tolerance * Math.Max(1, Math.Abs(expected[i]))); }
    }

    private static float[] Numbers(string name, string part) =>
        [.. All.RootElement.GetProperty(name).GetProperty(part).EnumerateArray().Select(static v => v.GetSingle())];
}

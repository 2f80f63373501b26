using StreamLearn.Models;

namespace StreamLearn.Onnx.Tests;

/// <summary>Files that must not be read.</summary>
internal static class Refusals
{
    internal static ModelFormatException Of(byte[] bytes, OnnxOptions? options = null) =>
        Assert.Throws<ModelFormatException>(() => OnnxFile.Load(bytes, options?.Input, options?.Objective));

    internal static void Expect(string why, long[] input, byte[][] nodes, params byte[][] constants) =>
        Assert.Contains(why, Of(OnnxBytes.Model(OnnxBytes.Graph(input, nodes, constants))).Message, StringComparison.Ordinal);
}

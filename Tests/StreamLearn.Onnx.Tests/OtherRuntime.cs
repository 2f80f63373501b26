using Microsoft.ML.OnnxRuntime;
using StreamLearn.Models;
using StreamLearn.Testing;

namespace StreamLearn.Onnx.Tests;

/// <summary>What ONNX Runtime makes of a file.</summary>
internal static class OtherRuntime
{
    internal static byte[] Saved(Network network, Weights weights, ModelCard? card = null, OnnxSaveOptions? options = null)
    {
        using var stream = new MemoryStream();
        OnnxFile.Save(stream, network, weights, card, options?.AllExits ?? false, options?.Window);
        return stream.ToArray();
    }

    /// <summary>Answers to rows that come in two parts, so that the number of rows is open.</summary>
    internal static float[] Answers(byte[] model, float[] rows, int size, string output = "output", string input = "input")
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(model, options);
        var (count, first) = (rows.Length / size, Math.Min(7, rows.Length / size));
        return [.. Part(0, first), .. first < count ? Part(first, count - first) : []];

        float[] Part(int from, int part)
        {
            long[] sizes = [part, .. session.InputMetadata[input].Dimensions.Skip(1).Select(static d => (long)d)];
            using var value = OrtValue.CreateTensorValueFromMemory(rows[(from * size)..((from + part) * size)], sizes);
            using var run = new Microsoft.ML.OnnxRuntime.RunOptions();
            using var results = session.Run(run, [input], [value], [output]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }

    internal static Dictionary<string, string> Metadata(byte[] model)
    {
        using var session = new InferenceSession(model);
        return session.ModelMetadata.CustomMetadataMap;
    }

    /// <summary>The file of the graph that it runs, as text: it names the operations.</summary>
    internal static string Optimized(byte[] model)
    {
        using var folder = new TemporaryFolder();
        using var options = new SessionOptions { OptimizedModelFilePath = folder.File("run.onnx") };
        using (new InferenceSession(model, options)) { }
        return System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(folder.File("run.onnx")));
    }

    internal static float[] Here(Network network, Weights weights, float[] rows)
    {
        var (count, outputs) = (rows.Length / network.Plan.Input.Size, network.Plan.Outputs);
        var answers = new float[count * outputs];
        network.Infer(weights.Values.AsSpan(), new Sample(rows, count), answers, new());
        return answers;
    }

    internal static float[] Rows(Network network, int count, long seed = 5)
    {
        var random = new RandomStream(seed, "rows");
        var rows = new float[count * network.Plan.Input.Size];
        foreach (ref var value in rows.AsSpan()) { value = (float)random.NextDouble(-2, 2); }
        return rows;
    }

    /// <summary>The initial weights, and around what they are at first all that begins with 0 or 1: norms, biases, statistics.</summary>
    internal static Weights Drawn(Network network)
    {
        var (random, values) = (new RandomStream(3, "drawn"), network.Initial.Values.ToArray());
        foreach (var slice in network.Plan.Slices.Where(static s => !s.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            foreach (ref var value in slice.Of(values)) { value += (float)random.NextDouble(-0.4, 0.4); }
        }
        return network.Initial with { Values = [.. values] };
    }

    internal static void AssertClose(float[] expected, float[] got, float tolerance)
    {
        Assert.Equal(expected.Length, got.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - got[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"{i}: {expected[i]}, {got[i]}");
        }
    }
}

using StreamLearn.Models;
using StreamLearn.Testing;
using static StreamLearn.Onnx.Tests.OnnxBytes;

namespace StreamLearn.Onnx.Tests;

/// <summary>Forms that exporters give to what is one layer here; ONNX Runtime says what they answer.</summary>
public sealed class ReadFormTests
{
    [Theory, InlineData("Sub", "Div"), InlineData("Sub", "Mul"), InlineData("Mul", "Add"), InlineData("Div", "Sub")]
    [InlineData("Add", "Mul")]
    public void A_scaler_before_all_layers_is_a_scale(string first, string second)
    {
        var bytes = Model(Graph([3],
            [Node(first, ["x", "a"], "s"), Node(second, ["s", "b"], "t"), Node("Gemm", ["t", "W"], "y")],
            Numbers("a", [3], 0.5f, 2, -4), Numbers("b", [1, 3], 3, -0.25f, 8), Tensor("W", [3, 2])));
        var read = Alike(bytes, 3);
        Assert.Equal([new Scale()], read.Network.Layers);
    }

    [Fact]
    public void A_matrix_may_come_transposed()
    {
        var bytes = Model(Graph([3], [Node("Transpose", ["W"], "T", List("perm", 1, 0)), Node("Gemm", ["x", "T"], "y")],
            Numbers("W", [2, 3], 1, 2, 3, 4, 5, 6)));
        Assert.Equal([1, 4, 2, 5, 3, 6, 0, 0], Alike(bytes, 3).Weights.Values);
        Refusals.Expect("expected a matrix whose rows become columns", [3],
            [Node("Transpose", ["W"], "T", List("perm", 1, 0)), Node("Gemm", ["x", "T"], "y")], Tensor("W", [2, 3, 1]));
    }

    [Fact]
    public void A_sum_with_an_earlier_value_is_a_residual()
    {
        var bytes = Model(Graph([3],
            [
                Node("Gemm", ["x", "W"], "a"), Node("Relu", ["a"], "b"), Node("Gemm", ["b", "W"], "c"), Node("Add", ["c", "b"], "d"),
                Node("Add", ["a", "d"], "e"), Node("Tanh", ["e"], "y"),
            ],
            Numbers("W", [3, 3], 1, -2, 3, -0.4f, 0.5f, 0.6f, 0.1f, 0.2f, 0.3f)));
        var read = OnnxFile.Load(bytes);
        Assert.Equal("dense 3", read.Network.Layers[0].ToString());
        Assert.Equal("(residual (relu, residual (dense 3)), tanh)", read.Network.Exits[0].Head.ToString());
    }

    /// <summary>A bias becomes part of the layer before it: what stood between the two is gone.</summary>
    [Fact]
    public void A_sum_with_what_no_layer_gives_is_refused()
    {
        Refusals.Expect("branches are not supported", [3],
            [Node("Gemm", ["x", "W"], "a"), Node("Add", ["a", "b"], "c"), Node("Relu", ["c"], "d"), Node("Add", ["d", "a"], "y")],
            Tensor("W", [3, 3]), Tensor("b", [3]));
        Refusals.Expect("branches are not supported", [3],
            [Node("Gemm", ["x", "W"], "a"), Node("Relu", ["a"], "b"), Node("Add", ["b", "a"], "c"), Node("Add", ["c", "b"], "y")],
            Tensor("W", [3, 3]));
        Refusals.Expect("branches are not supported", [3],
            [Node("Sub", ["x", "b"], "s"), Node("Mul", ["s", "b"], "t"), Node("Gemm", ["t", "W"], "a"), Node("Add", ["a", "s"], "y")],
            Tensor("W", [3, 3]), Tensor("b", [3]));
        Refusals.Expect("at most 16 nested sums", [3], [
            .. Enumerable.Range(0, 20).SelectMany(static i => (byte[][])[
                Node("Relu", [i == 0 ? "x" : $"s{i}"], $"r{i}"), Node("Add", [$"r{i}", "x"], $"s{i + 1}")])]);
    }

    [Fact]
    public void Norms_of_groups_and_rows_are_those_that_layers_do()
    {
        byte[][] norm = [
            Node("Reshape", ["x", "split"], "a"), Node("InstanceNormalization", ["a", "one", "none"], "b"),
            Node("Reshape", ["b", "back"], "c"), Node("Mul", ["c", "g"], "d"), Node("Add", ["d", "g"], "e"), Node("Flatten", ["e"], "y")];
        byte[][] constants = [Whole("split", 0, 2, -1), Whole("back", 0, 4, 5), Numbers("g", [4, 1], 1, 2, 3, 4)];
        Refusals.Expect("expected a norm of 2 groups with epsilon 1e-5, scales of 1 and biases of 0", [4, 5], norm,
            [.. constants, Numbers("one", [2], 1, 1.5f), Numbers("none", [2], 0, 0)]);
        Refusals.Expect("expected the sizes before the norm, [4, 5]", [4, 5], norm,
            [.. constants[..1], Whole("back", 0, 5, 4), constants[2], Numbers("one", [2], 1, 1), Numbers("none", [2], 0, 0)]);
        Refusals.Expect("expected a norm over rows of [4, 5]", [4, 5], [Node("LayerNormalization", ["x", "g"], "y")], Tensor("g", [5]));
    }

    [Fact]
    public void Values_may_lie_in_a_file_beside_the_model_and_nowhere_else()
    {
        using var folder = new TemporaryFolder();
        var inside = Directory.CreateDirectory(folder.File("models"));
        var values = Numbers("W", [2, 2], 1, 2, 3, 4);
        File.WriteAllBytes(Path.Join(inside.FullName, "values.bin"), [0, 0, .. values[^16..]]);
        File.WriteAllBytes(Path.Join(folder.Path, "secret.bin"), values[^16..]);
        File.CreateSymbolicLink(Path.Join(inside.FullName, "link.bin"), Path.Join(folder.Path, "secret.bin"));

        Assert.Equal([1, 2, 3, 4, 0, 0], OnnxFile.Load(Saved("values.bin", 2, 16)).Weights.Values);
        foreach (var wrong in (string[])["../secret.bin", Path.Join(folder.Path, "secret.bin"), "link.bin", "", "..", "none.bin"])
        {
            var refusal = Assert.Throws<ModelFormatException>(() => OnnxFile.Load(Saved(wrong, 0, 16))).Message;
            Assert.Contains("in the model's folder", refusal, StringComparison.Ordinal);
            Assert.Contains($"'{wrong}'", refusal, StringComparison.Ordinal);
        }
        Assert.Contains("expected 16 bytes at 3", Assert.Throws<ModelFormatException>(
            () => OnnxFile.Load(Saved("values.bin", 3, 16))).Message, StringComparison.Ordinal);
        Assert.Contains("load the model by its path", Refusals.Of(File.ReadAllBytes(Saved("values.bin", 2, 16))).Message,
            StringComparison.Ordinal);

        string Saved(string location, int offset, int length)
        {
            var path = Path.Join(inside.FullName, "model.onnx");
            File.WriteAllBytes(path, Model(Graph([2], [Node("Gemm", ["x", "W"], "y")],
                Elsewhere("W", [2, 2], ("location", location), ("offset", $"{offset}"), ("length", $"{length}")))));
            return path;
        }
    }

    /// <summary>Reads a file, and checks its answers.</summary>
    private static ImportedNetwork Alike(byte[] bytes, int size)
    {
        var read = OnnxFile.Load(bytes);
        var rows = OtherRuntime.Rows(read.Network, 20);
        OtherRuntime.AssertClose(OtherRuntime.Answers(bytes, rows, size, "y", "x"), OtherRuntime.Here(read.Network, read.Weights, rows),
            1e-5f);
        return read;
    }
}

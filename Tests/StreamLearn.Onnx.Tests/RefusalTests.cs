using static StreamLearn.Onnx.Tests.OnnxBytes;

namespace StreamLearn.Onnx.Tests;

/// <summary>What cannot be a network here is refused with the name of its node, and what would be supported.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("Erf", "'the Erf' (Erf): unsupported operation in operator set 13; supported: Add, AveragePool, BatchNormalization,")]
    [InlineData("my.Relu", "(my.Relu): unsupported operation")]
    public void An_operation_that_no_layer_does_is_refused_by_name(string operation, string why) =>
        Refusals.Expect(why, [3], [Node(operation, ["x"], "y")]);

    [Fact]
    public void An_attribute_that_nobody_asked_for_is_refused_by_name()
    {
        Refusals.Expect("node 'the LeakyRelu' (LeakyRelu): unsupported attribute 'beta'; supported: alpha", [3],
            [Node("LeakyRelu", ["x"], "y", Attribute("beta", 1))]);
        Refusals.Expect("unsupported attribute 'consumed_inputs'; supported: none", [3],
            [Node("Relu", ["x"], "y", List("consumed_inputs", 1))]);
    }

    [Fact]
    public void A_chain_has_one_value_after_the_other()
    {
        Refusals.Expect("expected 'a' as its only computed input, got x, a", [3],
            [Node("Relu", ["x"], "a"), Node("Mul", ["x", "a"], "y")]);
        Refusals.Expect("expected 'b' as its only computed input, got a", [3],
            [Node("Relu", ["x"], "a"), Node("Relu", ["a"], "b"), Node("Tanh", ["a"], "y")]);
        Refusals.Expect("expected one output, 'z' of the last node, got 'y'", [3], [Node("Relu", ["x"], "z")]);
        Refusals.Expect("expected a softmax as the last node only", [3], [Node("Softmax", ["x"], "a"), Node("Relu", ["a"], "y")]);
        Refusals.Expect("expected layers with weights", [3], [Node("Relu", ["x"], "y")]);
    }

    [Fact]
    public void Sizes_have_to_fit()
    {
        Refusals.Expect("node 'the Gemm' (Gemm): expected [3, outputs] for rows of [3], got 'W' [2, 4] of type 1", [3],
            [Node("Gemm", ["x", "W"], "y")], Tensor("W", [2, 4]));
        Refusals.Expect("expected [outputs, 3]", [3], [Node("Gemm", ["x", "W"], "y", Attribute("transB", 1))], Tensor("W", [3, 4]));
        Refusals.Expect("expected a bias of 4 channels, got 'b' [3]", [3], [Node("Gemm", ["x", "W", "b"], "y")],
            Tensor("W", [3, 4]), Tensor("b", [3]));
        Refusals.Expect("expected transA 0, got 1", [3], [Node("Gemm", ["x", "W"], "y", Attribute("transA", 1))], Tensor("W", [3, 4]));
        Refusals.Expect("expected filters of all channels", [3, 8], [Node("Conv", ["x", "W"], "y")], Tensor("W", [4, 2, 3]));
        Refusals.Expect("expected filters of one channel for each", [4, 8], [Node("Conv", ["x", "W"], "y", Attribute("group", 2))],
            Tensor("W", [4, 2, 3]));
        Refusals.Expect("expected 12 bytes of values, got 4", [3], [Node("Gemm", ["x", "W"], "y")], Tensor("W", [3, 1], raw: new byte[4]));
        Refusals.Expect("expected finite values, got NaN", [1], [Node("Gemm", ["x", "W"], "y")],
            Tensor("W", [1, 1], raw: BitConverter.GetBytes(float.NaN)));
    }

    [Theory]
    [InlineData("dilations", new long[] { 2 }, "dilations of 1")]
    [InlineData("pads", new long[] { 0, 2 }, "the same padding on both sides")]
    [InlineData("pads", new long[] { 3, 3 }, "padding")]
    [InlineData("strides", new long[] { 0 }, "at least 1")]
    [InlineData("kernel_shape", new long[] { 4 }, "expected kernel_shape [3]")]
    public void Windows_lie_as_layers_have_them(string attribute, long[] values, string why) =>
        Refusals.Expect(why, [3, 8], [Node("Conv", ["x", "W"], "y", List(attribute, values))], Tensor("W", [4, 3, 3]));

    [Fact]
    public void Pools_that_reach_beyond_their_samples_or_count_padding_are_refused()
    {
        Refusals.Expect("ceil_mode 0", [3, 8],
            [Node("MaxPool", ["x"], "y", List("kernel_shape", 3), List("strides", 2), Attribute("ceil_mode", 1))]);
        Refusals.Expect("count_include_pad 0", [3, 8],
            [Node("AveragePool", ["x"], "y", List("kernel_shape", 3), List("pads", 1, 1), Attribute("count_include_pad", 1))]);
        Refusals.Expect("square ones, got kernel [3, 2]", [3, 8, 8], [Node("MaxPool", ["x"], "y", List("kernel_shape", 3, 2))]);
        Refusals.Expect("expected the same padding", [2, 8], [Node("Conv", ["x", "W"], "y", List("pads", 1, 1))], Tensor("W", [4, 2, 1]));
    }

    [Fact]
    public void Rows_keep_their_order_of_values()
    {
        Refusals.Expect("expected an order of axes that keeps the order of values, got [0, 2, 1]", [3, 8],
            [Node("Transpose", ["x"], "y", List("perm", 0, 2, 1))]);
        Refusals.Expect("expected a shape that keeps the rows, got [3, -1]", [3, 8], [Node("Reshape", ["x", "s"], "y")], Whole("s", 3, -1));
        Refusals.Expect("expected 24 values a row, got [7]", [3, 8], [Node("Reshape", ["x", "s"], "y")], Whole("s", -1, 7));
        Refusals.Expect("expected a flat shape, or one with the same channels", [3, 8],
            [Node("Relu", ["x"], "a"), Node("Reshape", ["a", "s"], "y")], Whole("s", 0, 8, 3));
        Refusals.Expect("expected a padding of 0", [3, 8], [Node("Pad", ["x", "s"], "y")], Whole("s", 0, 0, 1, 0, 0, 1));
    }

    [Fact]
    public void A_file_that_is_none_or_of_another_time_is_refused()
    {
        Assert.Contains("not an ONNX file", Refusals.Of([]).Message, StringComparison.Ordinal);
        Assert.Contains("expected operator set 7 to 25, got 6",
            Refusals.Of(Model(Graph([3], [Node("Relu", ["x"], "y")]), version: 6)).Message, StringComparison.Ordinal);
        Assert.Contains("ONNX", Refusals.Of("{\"some\": \"JSON\"}"u8.ToArray()).Message, StringComparison.Ordinal);
    }

    /// <summary>Five thousand layers share a matrix of 64 kB: 320 MB of values out of a file of 0.3 MB.</summary>
    [Fact]
    public void A_small_file_never_makes_a_large_network()
    {
        var nodes = Enumerable.Range(0, 5_000).Select(i => Node("Gemm", [i == 0 ? "x" : $"v{i}", "W"], $"v{i + 1}")).ToArray();
        var bytes = Model(Graph([128], [.. nodes, Node("Identity", ["v5000"], "y")], Tensor("W", [128, 128])));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("4 bytes for each of the file's", Refusals.Of(bytes).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * bytes.Length);
    }

    [Fact]
    public void Sizes_that_a_file_only_claims_take_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refusals.Expect("4 bytes for each of the file's", [1 << 20], [Node("Gemm", ["x", "W"], "y")],
            Tensor("W", [1 << 20, 1 << 9], raw: new byte[4]));
        Refusals.Expect("expected", [1 << 30], [Node("Relu", ["x"], "y")]);
        Refusals.Expect("expected", [1 << 30, 1 << 30], [Node("GlobalAveragePool", ["x"], "y")]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}

namespace StreamLearn.Onnx;

internal static class DenseNodes
{
    internal static void AddGemm(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(3);
        node.Only("transA", 0);
        AddDense(node, given, layers, node.Integer("transB", 0) != 0, node.Single("alpha", 1));
        var beta = node.Single("beta", 1);
        if (given.Has(2)) { AddTo(layers.LastBiases, given.Constant(2), layers.Sizes, beta); }
    }

    internal static void AddMatMul(OnnxNode node, NodeInputs given, ImportedLayers layers)
    {
        given.Expect(2);
        AddDense(node, given, layers, transposed: false, 1);
    }

    internal static void AddBias(NodeInputs given, ImportedLayers layers)
    {
        if (ScaleNodes.IsFront(layers))
        {
            ScaleNodes.AddShift(given, layers, -1);
            return;
        }

        var biases = layers.LastBiases;
        if (biases.IsEmpty) { throw new ArgumentException("expected a matrix product or a convolution before this bias"); }
        AddTo(biases, given.Other(), layers.Sizes, 1);
        layers.Changed();
    }

    private static void AddDense(OnnxNode node, NodeInputs given, ImportedLayers layers, bool transposed, float alpha)
    {
        var matrix = given.Constant(1);
        if (matrix.Shape.Length != 2 || layers.Sizes.Length != 1 || matrix.Shape[transposed ? 1 : 0] != layers.Sizes[0])
        {
            var rows = string.Join(", ", layers.Sizes);
            throw node.Refused($"expected {(transposed ? $"[outputs, {rows}]" : $"[{rows}, outputs]")} for rows of [{rows}], got {matrix}");
        }

        var (inputs, outputs) = (layers.Sizes[0], checked((int)matrix.Shape[transposed ? 0 : 1]));
        layers.Reserve(((long)inputs * outputs) + outputs);
        var (from, values) = (matrix.ToSingles(), new float[(inputs * outputs) + outputs]);
        if (transposed) { Transpose(from, outputs, inputs, values); }
        else { from.CopyTo(values, 0); }
        if (alpha != 1) { foreach (ref var value in values.AsSpan(0, from.Length)) { value *= alpha; } }
        layers.Add(new Dense(outputs), [outputs], values);
    }

    internal static void Transpose(ReadOnlySpan<float> from, int rows, int columns, Span<float> to)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++) { to[(column * rows) + row] = from[(row * columns) + column]; }
        }
    }

    private static void AddTo(Span<float> biases, OnnxTensor constant, int[] sizes, float factor)
    {
        var values = constant.PerChannel(sizes);
        for (var i = 0; i < biases.Length; i++) { biases[i] += factor * values[i]; }
    }
}

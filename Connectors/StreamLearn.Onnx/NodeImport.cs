namespace StreamLearn.Onnx;

internal static class NodeImport
{
    private const string Supported = "Add, AveragePool, BatchNormalization, Constant, Conv, Div, Dropout, Flatten, Gemm, "
        + "GlobalAveragePool, GlobalMaxPool, Identity, LRN, LayerNormalization, LeakyRelu, MatMul, MaxPool, Mul, Pad, ReduceMean, Relu, "
        + "Reshape, Sigmoid, Softmax, Squeeze, Sub, Tanh, Transpose, Unsqueeze";

    internal static void Add(OnnxNode node, ImportedLayers layers, Dictionary<string, OnnxTensor> constants, long version)
    {
        var given = new NodeInputs(node, layers, constants);
        try
        {
            switch (node.Operation)
            {
                case "Gemm": DenseNodes.AddGemm(node, given, layers); break;
                case "MatMul": DenseNodes.AddMatMul(node, given, layers); break;
                case "Add": DenseNodes.AddBias(given, layers); break;
                case "Sub": given.Expect(2); ScaleNodes.AddShift(given, layers, 1); break;
                case "Mul": ScaleNodes.AddFactor(given, layers, divides: false); break;
                case "Div": given.Expect(2); ScaleNodes.AddFactor(given, layers, divides: true); break;
                case "Conv": WindowNodes.AddConvolution(node, given, layers); break;
                case "MaxPool": WindowNodes.AddMaxPool(node, given, layers); break;
                case "AveragePool": WindowNodes.AddAveragePool(node, given, layers); break;
                case "GlobalAveragePool": ShapeNodes.AddGlobal(new GlobalMean(), given, layers, keep: true); break;
                case "GlobalMaxPool": ShapeNodes.AddGlobal(new GlobalMax(), given, layers, keep: true); break;
                case "ReduceMean": ShapeNodes.AddMean(node, given, layers); break;
                case "BatchNormalization": NormNodes.AddBatchNorm(node, given, layers); break;
                case "LayerNormalization": NormNodes.AddLayerNorm(node, given, layers); break;
                case "LRN": NormNodes.AddResponseNorm(node, given, layers); break;
                case "Dropout": NormNodes.AddDropout(node, given, layers); break;
                case "Relu": Same(new Relu()); break;
                case "LeakyRelu": Same(new LeakyRelu(node.Single("alpha", 0.01f))); break;
                case "Sigmoid": Same(new Sigmoid()); break;
                case "Tanh": Same(new Tanh()); break;
                case "Identity": given.Expect(1); break;
                case "Pad": ShapeNodes.RequireNoPadding(node, given); break;
                case "Flatten": ShapeNodes.AddFlatten(node, given, layers); break;
                case "Reshape": ShapeNodes.AddReshape(node, given, layers); break;
                case "Squeeze": ShapeNodes.AddSqueeze(node, given, layers); break;
                case "Unsqueeze": ShapeNodes.AddUnsqueeze(node, given, layers); break;
                case "Transpose": ShapeNodes.AddTranspose(node, given, layers); break;
                default: throw node.Refused($"unsupported operation in operator set {version}; supported: {Supported}");
            }
        }
        catch (Exception problem) when (problem is ArgumentException or OverflowException) { throw node.Refused(problem.Message, problem); }

        void Same(Layer layer)
        {
            given.Expect(1);
            layers.Add(layer, layers.Sizes);
        }
    }
}

using System.Buffers.Binary;
using System.Collections.Immutable;

namespace StreamLearn.Onnx;

internal sealed class LayerExport(Shape input, Shape output, ReadOnlyMemory<float> values, ExportedNodes nodes)
{
    /// <summary>GroupNorm has no setting for it; it uses this value.</summary>
    private const float GroupEpsilon = 1e-5f;

    private const int MaxBias = 1 << 30;

    /// <summary>Scale of each output channel; null if weights are not quantized.</summary>
    private float[]? Scales { get; init; }

    internal static void Add(Layer layer, Shape shape, string place, ReadOnlyMemory<float> values, ExportedNodes nodes)
    {
        nodes.Place = place;
        new LayerExport(shape, layer.Plan(shape).Output, values, nodes).Add(layer, place);
    }

    private void Add(Layer layer, string place)
    {
        switch (layer)
        {
            case Sequential several: AddAll(several.Layers, place); break;
            case Residual around: AddAround(around.Layers, place); break;
            case RoundedActivations rounding: AddRounding(rounding); break;
            case RoundedWeights rounded:
                new LayerExport(input, output, values, nodes) { Scales = rounded.Scales(input, values.Span) }.Add(rounded.Layer, place);
                break;
            case Scale: AddScale(); break;
            case Dense: AddDense(); break;
            case Conv1d conv: AddConvolution("conv1d", true, conv.Kernel, conv.Stride, conv.Padding); break;
            case Conv2d conv: AddConvolution("conv2d", false, conv.Kernel, conv.Stride, conv.Padding); break;
            case DepthwiseConv1d conv: AddDepthwise("depthwise-conv1d", true, conv.Kernel, conv.Stride, conv.Padding); break;
            case DepthwiseConv2d conv: AddDepthwise("depthwise-conv2d", false, conv.Kernel, conv.Stride, conv.Padding); break;
            case MaxPool1d pool: AddPool("MaxPool", true, pool.Size, pool.Stride, pool.Padding); break;
            case MaxPool2d pool: AddPool("MaxPool", false, pool.Size, pool.Stride, pool.Padding); break;
            case AveragePool1d pool: AddPool("AveragePool", true, pool.Size, pool.Stride, pool.Padding); break;
            case AveragePool2d pool: AddPool("AveragePool", false, pool.Size, pool.Stride, pool.Padding); break;
            case GlobalMean: AddGlobal("GlobalAveragePool"); break;
            case GlobalMax: AddGlobal("GlobalMaxPool"); break;
            case GlobalMeanMax: AddMeanAndMax(); break;
            case BatchNorm norm: AddBatchNorm(norm); break;
            case GroupNorm norm: AddGroupNorm(norm.Groups); break;
            case LayerNorm norm: AddLayerNorm(norm.Epsilon); break;
            case LocalResponseNorm norm: AddResponseNorm(norm); break;
            case LeakyRelu relu: AddEach("LeakyRelu", Of("alpha", relu.Slope)); break;
            case Relu: AddEach("Relu"); break;
            case Sigmoid: AddEach("Sigmoid"); break;
            case Tanh: AddEach("Tanh"); break;
            case Flatten: nodes.Reshape(input.Size); break;
            case Dropout: break;                            // no effect in inference
            default: throw new NotSupportedException($"ONNX: layer {place}, {layer}: not supported in ONNX files");
        }
    }

    private void AddAll(ImmutableArray<Layer> layers, string place)
    {
        var (shape, rest) = (input, values);
        for (var i = 0; i < layers.Length; i++)
        {
            var plan = layers[i].Plan(shape);
            Add(layers[i], shape, $"{place}.{i}", rest[..plan.Values], nodes);
            (shape, rest) = (plan.Output, rest[plan.Values..]);
        }
    }

    private void AddAround(ImmutableArray<Layer> layers, string place)
    {
        var (start, sizes) = (nodes.Value, nodes.Sizes);
        AddAll(layers, place);
        nodes.Place = place;
        nodes.Reshape(sizes);
        nodes.Add("Add", sizes, [start]);
    }

    /// <summary>Adds a pair of quantize and dequantize nodes; runtimes compute in 8 bits between such pairs.</summary>
    private void AddRounding(RoundedActivations rounding)
    {
        if (rounding.Numbers(values.Span) is not { } affine) { return; }
        string[] range = [nodes.Singles("scale", [], [affine.Scale]), nodes.Bytes("zero", OnnxTensor.UInt8, [], [affine.Zero])];
        nodes.Add("QuantizeLinear", nodes.Sizes, range);
        nodes.Add("DequantizeLinear", nodes.Sizes, range);
    }

    /// <summary>Writes quantized weights as bytes with a scale per channel. Explicit zero points keep ONNX Runtime from converting dense
    /// weights to float32 in each call.</summary>
    private string Weights(string name, int[] shape, float[] weights, int axis)
    {
        if (Scales is not { } scales) { return nodes.Singles(name, shape, weights); }
        var bytes = new byte[weights.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            var channel = axis == 0 ? i / (weights.Length / scales.Length) : i % scales.Length;
            var number = Math.Clamp(MathF.Round(weights[i] / scales[channel], MidpointRounding.AwayFromZero), -127, 127);
            bytes[i] = unchecked((byte)(sbyte)number);
        }

        return nodes.Node("DequantizeLinear",
            [
                nodes.Bytes(name, OnnxTensor.Int8, shape, bytes), nodes.Singles($"{name}.scale", [scales.Length], scales),
                nodes.Bytes($"{name}.zero", OnnxTensor.Int8, [scales.Length], new byte[scales.Length]),
            ],
            Of("axis", (long)axis));
    }

    private void AddScale()
    {
        nodes.Add("Sub", nodes.Sizes, [PerChannel("scale.mean", 0)]);
        nodes.Add("Mul", nodes.Sizes, [PerChannel("scale.inverse", 1)]);
    }

    private void AddDense()
    {
        nodes.Reshape(input.Size);
        var matrix = input.Size * output.Channels;
        nodes.Add("Gemm", [output.Channels], [
            Weights("dense.weight", [input.Size, output.Channels], values[..matrix].ToArray(), axis: 1),
            DenseBias(values[matrix..].ToArray())]);
    }

    /// <summary>Quantizes the bias in units of input scale × weight scale, which runtimes need for integer dense layers.</summary>
    private string DenseBias(float[] biases)
    {
        if (Scales is not { } scales || nodes.NumberScale is not { } scale) { return nodes.Singles("dense.bias", [biases.Length], biases); }
        float[] units = [.. scales.Select(s => s * scale)];
        // such a bias does not fit into 32 bits if the weights are tiny
        if (units.Index().Any(u => Math.Abs((double)biases[u.Index]) > (double)MaxBias * u.Item))
        {
            return nodes.Singles("dense.bias", [biases.Length], biases);
        }

        var whole = new byte[sizeof(int) * biases.Length];
        for (var i = 0; i < biases.Length; i++)
        {
            var number = (int)Math.Round((double)biases[i] / units[i], MidpointRounding.AwayFromZero);
            BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(sizeof(int) * i), number);
        }

        return nodes.Node("DequantizeLinear",
            [nodes.Bytes("dense.bias", OnnxTensor.Int32, [biases.Length], whole), nodes.Singles("dense.bias.scale", [units.Length], units)],
            Of("axis", 0L));
    }

    /// <summary>ONNX orders filters before taps; here taps come first.</summary>
    private void AddConvolution(string name, bool isSignal, int kernel, int stride, int padding)
    {
        var (filters, taps) = (output.Channels, (values.Length / output.Channels) - 1);
        var turned = new float[filters * taps];
        DenseNodes.Transpose(values.Span[..turned.Length], taps, filters, turned);
        AddFilters(name, input.Channels, turned, isSignal, kernel, stride, padding, []);
    }

    private void AddDepthwise(string name, bool isSignal, int kernel, int stride, int padding) =>
        AddFilters(name, 1, values[..^output.Channels].ToArray(), isSignal, kernel, stride, padding, [Of("group", (long)input.Channels)]);

    private void AddFilters(string name, int channels, float[] filters, bool isSignal, int kernel, int stride, int padding,
        OnnxAttribute[] attributes)
    {
        int[] sizes = isSignal ? [kernel] : [kernel, kernel];
        AddWindows("Conv", isSignal, kernel, stride, padding, [
            Weights($"{name}.weight", [output.Channels, channels, .. sizes], filters, axis: 0),
            nodes.Singles($"{name}.bias", [output.Channels], values[^output.Channels..].ToArray())], attributes);
    }

    private void AddPool(string operation, bool isSignal, int size, int stride, int padding) =>
        AddWindows(operation, isSignal, size, stride == 0 ? size : stride, padding, [], []);

    private void AddWindows(string operation, bool isSignal, int size, int stride, int padding, string[] constants,
        OnnxAttribute[] attributes)
    {
        nodes.Reshape(Sizes(input));
        int[] lengths = isSignal ? [input.Width] : [input.Height, input.Width];
        var each = size == 1 ? 0 : padding;
        (int Before, int After)[] pads = [
            .. lengths.Select(length => padding == Padding.Same ? NodeWindow.Same(length, size, stride) : (each, each))];
        nodes.Add(operation, Sizes(output), constants, [
            .. attributes,
            Of("kernel_shape", lengths.Select(_ => (long)size)), Of("strides", lengths.Select(_ => (long)stride)),
            Of("pads", pads.Select(static p => (long)p.Before).Concat(pads.Select(static p => (long)p.After)))]);

        int[] Sizes(Shape shape) => isSignal ? [shape.Channels, shape.Width] : [shape.Channels, shape.Height, shape.Width];
    }

    private void AddGlobal(string operation)
    {
        WithSamples();
        nodes.Add(operation, OneEach(input.Channels), []);
    }

    private void AddMeanAndMax()
    {
        WithSamples();
        string[] parts = [nodes.Node("GlobalAveragePool", [nodes.Value]), nodes.Node("GlobalMaxPool", [nodes.Value])];
        nodes.Resume(nodes.Node("Concat", parts, Of("axis", 1L)), OneEach(2 * input.Channels));
    }

    private void AddBatchNorm(BatchNorm norm)
    {
        string[] names = ["gain", "bias", "mean", "variance"];
        nodes.Add("BatchNormalization", nodes.Sizes, [.. names.Select((name, i) =>
            nodes.Singles($"batch-norm.{name}", [input.Channels], Channels(i)))],
            Of("epsilon", norm.Epsilon), Of("momentum", 1 - norm.Momentum));
    }

    /// <summary>An instance norm over groups has no gain per channel.</summary>
    private void AddGroupNorm(int groups)
    {
        var sizes = nodes.Sizes;
        nodes.Reshape(groups, -1);
        nodes.Add("InstanceNormalization", nodes.Sizes, [
            nodes.Singles("group-norm.ones", [groups], [.. Enumerable.Repeat(1f, groups)]),
            nodes.Singles("group-norm.zeros", [groups], new float[groups])], Of("epsilon", GroupEpsilon));
        nodes.Reshape(sizes);
        nodes.Add("Mul", sizes, [PerChannel("group-norm.gain", 0)]);
        nodes.Add("Add", sizes, [PerChannel("group-norm.bias", 1)]);
    }

    private void AddLayerNorm(float epsilon) => nodes.Add("LayerNormalization", nodes.Sizes, [
        nodes.Singles("layer-norm.gain", nodes.Sizes, values[..input.Size].ToArray()),
        nodes.Singles("layer-norm.bias", nodes.Sizes, values[input.Size..].ToArray())], Of("axis", 1L), Of("epsilon", epsilon));

    /// <summary>Runtimes support it only on images; ONNX divides alpha by the number of channels.</summary>
    private void AddResponseNorm(LocalResponseNorm norm)
    {
        nodes.Reshape(input.Channels, input.Height, input.Width);
        var size = checked((2 * norm.Size) + 1);
        nodes.Add("LRN", nodes.Sizes, [], Of("size", (long)size), Of("alpha", norm.Alpha * size), Of("beta", norm.Beta),
            Of("bias", norm.Bias));
    }

    private void AddEach(string operation, params OnnxAttribute[] attributes) => nodes.Add(operation, nodes.Sizes, [], attributes);

    /// <summary>Global pools require a sample axis, even of size 1.</summary>
    private void WithSamples()
    {
        if (nodes.Sizes.Length == 1) { nodes.Reshape(input.Channels, 1); }
    }

    private int[] OneEach(int channels) => [channels, .. nodes.Sizes.Skip(1).Select(static _ => 1)];

    private string PerChannel(string name, int part) => nodes.Singles(name, OneEach(input.Channels), Channels(part));

    private float[] Channels(int part) => values.Slice(part * input.Channels, input.Channels).ToArray();

    private static OnnxAttribute Of(string name, long value) => new(name) { Integer = value };

    private static OnnxAttribute Of(string name, float value) => new(name) { Single = value };

    private static OnnxAttribute Of(string name, IEnumerable<long> values) => new(name) { Integers = [.. values] };
}

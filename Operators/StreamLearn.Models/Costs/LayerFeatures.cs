namespace StreamLearn.Models;

/// <summary>Features that predict a layer's time.</summary>
/// <remarks>Source: Kang et al. (2017), Neurosurgeon: input size and (kernel / stride)² × filters of a convolution, inputs and outputs of a
/// dense layer, sizes before and after a pool, input size of the others.</remarks>
internal readonly record struct LayerFeatures(string Kind, double First, double Second = 1)
{
    internal static LayerFeatures Of(Layer layer, Shape input) => layer switch
    {
        Conv1d l => new("conv1d", input.Size, Window(l.Kernel, l.Stride) * l.Filters),
        Conv2d l => new("conv2d", input.Size, Square(Window(l.Kernel, l.Stride)) * l.Filters),
        DepthwiseConv1d l => new("depthwise-conv1d", input.Size, Window(l.Kernel, l.Stride) * input.Channels),
        DepthwiseConv2d l => new("depthwise-conv2d", input.Size, Square(Window(l.Kernel, l.Stride)) * input.Channels),
        Dense l => new("dense", input.Size, l.Outputs),
        LowBitDense l => new("low-bit-dense", input.Size, l.Outputs),
        AveragePool1d or AveragePool2d => Pool("average-pool", layer, input),
        MaxPool1d or MaxPool2d => Pool("max-pool", layer, input),
        GlobalMax or GlobalMean or GlobalMeanMax => Pool("global-pool", layer, input),
        BatchNorm => new("batch-norm", input.Size),
        GroupNorm or LayerNorm => new("group-norm", input.Size),
        LocalResponseNorm => new("local-response-norm", input.Size),
        Relu or LeakyRelu => new("relu", input.Size),
        Sigmoid or Tanh => new("sigmoid", input.Size),
        Dropout => new("dropout", input.Size),
        RoundedWeights rounded => Of(rounded.Layer, input),
        Flatten or Scale or RoundedActivations => new("scale", input.Size),
        _ => throw new ArgumentException($"expected a layer of this library, got {layer}", nameof(layer)),
    };

    private static LayerFeatures Pool(string kind, Layer layer, Shape input) => new(kind, input.Size, layer.Plan(input).Output.Size);

    private static double Window(int kernel, int stride) => (double)kernel / stride;

    private static double Square(double value) => value * value;
}

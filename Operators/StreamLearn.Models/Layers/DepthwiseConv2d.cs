namespace StreamLearn.Models;

/// <summary>Depthwise 2-D convolution with square filters, zero padding and bias; channels do not mix.</summary>
/// <remarks> Shape: [channels, height, width] to [channels, (height + 2 · padding − kernel) / stride + 1, the same for the width]. State:
/// <c>depthwise-conv2d.weight</c> [channels, kernel · kernel] and <c>depthwise-conv2d.bias</c>, uniform in ±1/kernel at first. Cost:
/// channels × kernel² multiply-adds per position. Order and backward: as <c>DepthwiseConv1d</c>. Source: Sifre (2014). </remarks>
/// <param name="Kernel">Lines and columns of a filter, at least 1.</param>
/// <param name="Stride">Values between positions, at least 1; default 1.</param>
/// <param name="Padding">Zeros on each side, less than the kernel, or <see cref="Models.Padding.Same"/>; default 0.</param>
public sealed record DepthwiseConv2d(int Kernel, int Stride = 1, int Padding = 0) : Layer
{
    /// <summary>Weight initialization; default null: uniform.</summary>
    public Initial? Initial { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => Depthwise.Plan(input, On(input), "depthwise-conv2d");

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Start(Initial, values, Kernel * Kernel, input.Channels, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => Depthwise.Forward(call, On(call.Input));

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => Depthwise.Backward(call, On(call.Input));

    /// <inheritdoc />
    public override string ToString() => $"depthwise-conv2d kernel {Kernel} stride {Stride} "
        + $"padding {Models.Padding.Text(Padding)}{(Initial is null ? "" : $" {Initial}")}";

    private Windows On(Shape input) => new(input, signal: false, Kernel, Stride, Padding);
}

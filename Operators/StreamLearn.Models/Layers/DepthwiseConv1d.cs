namespace StreamLearn.Models;

/// <summary>Depthwise 1-D convolution with zero padding and bias; channels do not mix.</summary>
/// <remarks> Shape: [channels, samples] to [channels, (samples + 2 · padding − kernel) / stride + 1]. State: <c>depthwise-conv1d.weight</c>
/// [channels, kernel] and <c>depthwise-conv1d.bias</c>, uniform in ±1/√kernel at first. Cost: channels × kernel multiply-adds per position,
/// zeros included. Order: one chain: bias, then taps. Backward: for a weight, per row eight chains over the outputs (column x in chain x
/// mod 8), added in halves, then rows in order; for an input one chain over its taps. Source: Sifre (2014). </remarks>
/// <param name="Kernel">Taps of a filter, at least 1.</param>
/// <param name="Stride">Samples between positions, at least 1; default 1.</param>
/// <param name="Padding">Zeros on each side, less than the kernel, or <see cref="Models.Padding.Same"/>; default 0.</param>
public sealed record DepthwiseConv1d(int Kernel, int Stride = 1, int Padding = 0) : Layer
{
    /// <summary>Weight initialization; default null: uniform.</summary>
    public Initial? Initial { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => Depthwise.Plan(input, On(input), "depthwise-conv1d");

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Start(Initial, values, Kernel, input.Channels, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => Depthwise.Forward(call, On(call.Input));

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => Depthwise.Backward(call, On(call.Input));

    /// <inheritdoc />
    public override string ToString() => $"depthwise-conv1d kernel {Kernel} stride {Stride} "
        + $"padding {Models.Padding.Text(Padding)}{(Initial is null ? "" : $" {Initial}")}";

    private Windows On(Shape input) => new(input, signal: true, Kernel, Stride, Padding);
}

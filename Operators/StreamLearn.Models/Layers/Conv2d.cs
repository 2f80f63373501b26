namespace StreamLearn.Models;

/// <summary>2-D convolution over all channels with square filters, zero padding and bias.</summary>
/// <remarks> Shape: [channels, height, width] to [filters, (height + padding − kernel) / stride + 1, the same for width]. State:
/// <c>conv2d.weight</c> [channels · kernel · kernel, filters] and <c>conv2d.bias</c>, uniform in ±1/√(channels · kernel²) at first. Cost:
/// filters × channels × kernel² multiply-adds per place, zeros included. Order: as <see cref="Conv1d"/>, taps line by line. Source: LeCun
/// et al. (1998). </remarks>
/// <param name="Filters">Filters, at least 1.</param>
/// <param name="Kernel">Lines and columns of a filter, at least 1.</param>
/// <param name="Stride">Lines or columns between places, at least 1; default 1.</param>
/// <param name="Padding">Zeros on every side, less than the kernel, or <see cref="Models.Padding.Same"/>; default 0.</param>
public sealed record Conv2d(int Filters, int Kernel, int Stride = 1, int Padding = 0) : Layer
{
    private readonly Memo<(Sliding At, int Filters), Convolution> _memo = new(static key => new(key.At, key.Filters));

    /// <summary>Weight initialization; default null: uniform.</summary>
    public Initial? Initial { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input) => Convolution.Plan(On(input), "conv2d", Filters, Slides(input));

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Start(Initial, values, input.Channels * Kernel * Kernel, Filters, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => On(call.Input).Forward(call);

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => On(call.Input).Backward(call);

    /// <inheritdoc />
    public override string ToString() =>
        $"conv2d {Filters} kernel {Kernel} stride {Stride} padding {Models.Padding.Text(Padding)}{(Initial is null ? "" : $" {Initial}")}";

    private Sliding Slides(Shape input) => new(input, Kernel, Kernel, Stride, Stride, Padding);

    private Convolution On(Shape input)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Filters, 1);
        return _memo[(Slides(input), Filters)];
    }
}

namespace StreamLearn.Models;

/// <summary>1-D convolution over all channels, with zero padding and bias.</summary>
/// <remarks> Shape: [channels, samples] to [filters, (samples + padding − kernel) / stride + 1]. State: <c>conv1d.weight</c> [channels ·
/// kernel, filters] and <c>conv1d.bias</c>, uniform in ±1/√(channels · kernel) at first. Cost: filters × channels × kernel multiply-adds
/// per position, zeros included. Order: one chain: bias, then channels, then taps. Backward: one chain each: weights and biases over rows,
/// then positions; inputs over taps, then filters. Source: Waibel et al. (1989); LeCun et al. (1998). </remarks>
/// <param name="Filters">Filters, at least 1.</param>
/// <param name="Kernel">Taps per channel, at least 1.</param>
/// <param name="Stride">Samples between positions, at least 1; default 1.</param>
/// <param name="Padding">Zeros on both sides, less than the kernel, or <see cref="Models.Padding.Same"/>; default 0.</param>
public sealed record Conv1d(int Filters, int Kernel, int Stride = 1, int Padding = 0) : Layer
{
    private readonly Memo<(Sliding At, int Filters), Convolution> _memo = new(static key => new(key.At, key.Filters));

    /// <summary>Weight initialization; default null: uniform.</summary>
    public Initial? Initial { get; init; }

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        if (input.Height != 1) { throw new ArgumentException($"expected a signal, got {input}"); }
        return Convolution.Plan(On(input), "conv1d", Filters, Slides(input));
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Start(Initial, values, input.Channels * Kernel, Filters, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => On(call.Input).Forward(call);

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => On(call.Input).Backward(call);

    /// <inheritdoc />
    public override string ToString() =>
        $"conv1d {Filters} kernel {Kernel} stride {Stride} padding {Models.Padding.Text(Padding)}{(Initial is null ? "" : $" {Initial}")}";

    private Sliding Slides(Shape input) => new(input, 1, Kernel, 1, Stride, Padding);

    private Convolution On(Shape input)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Filters, 1);
        return _memo[(Slides(input), Filters)];
    }
}

namespace StreamLearn.Learning;

/// <summary>Slides filters over the samples of all channels: a cross-correlation with zeros beside the ends, and a bias.</summary>
/// <remarks>
/// Shape: [channels, samples] to [filters, (samples + 2 · padding − kernel) / stride + 1]. State: <c>conv1d.weight</c>
/// [channels · kernel, filters] and <c>conv1d.bias</c>, uniform in ±1/√(channels · kernel) at first. Cost: filters × channels × kernel
/// multiply-adds a position, zeros included. Order: the bias, then channel after channel, tap after tap, in one chain. Backward: for a
/// weight rows, then positions in order, in one chain; for an input the filters in one chain for each tap that saw it, then those, taps in
/// order.
/// Source: Waibel et al. (1989); LeCun et al. (1998).
/// </remarks>
/// <param name="Filters">Filters, at least 1.</param>
/// <param name="Kernel">Taps of a filter in each channel, at least 1.</param>
/// <param name="Stride">Samples from one position to the next, at least 1; default 1.</param>
/// <param name="Padding">Zeros before the first sample and behind the last, at least 0 and less than the kernel; default 0.</param>
public sealed record Conv1d(int Filters, int Kernel, int Stride = 1, int Padding = 0) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(Filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Kernel, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Stride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Padding, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Padding, Kernel);
        var padded = checked(input.Samples + (2 * Padding));
        if (padded < Kernel) { throw new ArgumentException($"expected at least {Kernel} samples with padding, got {padded}"); }
        var kernel = checked(new Convolution(this, input));
        var weights = checked(kernel.Taps * Filters);
        return new(new(Filters, kernel.Positions), (long)kernel.Positions * weights,
            ("conv1d.weight", SliceKind.Trained, weights), ("conv1d.bias", SliceKind.Trained, Filters))
        {
            ScratchValues = kernel.ScratchValues,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Uniform(values, input.Channels * Kernel, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call) => new Convolution(this, call.Input).Forward(call);

    /// <inheritdoc />
    public override void Backward(in LayerCall call) => new Convolution(this, call.Input).Backward(call);

    /// <inheritdoc />
    public override string ToString() => $"conv1d {Filters} kernel {Kernel} stride {Stride} padding {Padding}";
}

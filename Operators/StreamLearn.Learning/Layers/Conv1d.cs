namespace StreamLearn.Learning;

/// <summary>Slides filters over the samples of all channels: a cross-correlation with zeros beside the ends, and a bias.</summary>
/// <remarks>
/// Shape: [channels, samples] to [filters, (samples + 2 · padding − kernel) / stride + 1]. State: <c>conv1d.weight</c>
/// [channels · kernel, filters] and <c>conv1d.bias</c>, uniform in ±1/√(channels · kernel) at first. Cost: filters × channels × kernel
/// multiply-adds a position, zeros included. Order: the bias, then channel after channel, tap after tap, always in one chain. Backward:
/// rows in order; for a weight the positions in order; for an input the filters in order, then the positions that saw it.
/// Source: LeCun et al. (1998); Waibel et al. (1989) over time.
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
        if (Padded(input) < Kernel) { throw new ArgumentException($"expected at least {Kernel} samples with padding, got {Padded(input)}"); }
        var (taps, positions) = (checked(input.Channels * Kernel), Positions(input));
        return new(new(Filters, positions), (long)positions * taps * Filters,
            ("conv1d.weight", SliceKind.Trained, checked(taps * Filters)), ("conv1d.bias", SliceKind.Trained, Filters))
        {
            ScratchValues = checked((2 * input.Channels * Padded(input)) + (positions * Filters)),
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) =>
        Uniform(values, input.Channels * Kernel, random);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (positions, taps, padded) = (Positions(call.Input), call.Input.Channels * Kernel, Padded(call.Input));
        var weight = call.Weights[..(taps * Filters)];
        var bias = call.Weights[weight.Length..];
        var inputs = call.Scratch[..(call.Input.Channels * padded)];
        var sums = call.Scratch.Slice(inputs.Length, Filters);
        for (var r = 0; r < call.Rows; r++)
        {
            Pad(call.Input, call.Inputs.Slice(r * call.Input.Size, call.Input.Size), inputs);
            var outputs = call.Outputs.Slice(r * Filters * positions, Filters * positions);
            for (var p = 0; p < positions; p++)
            {
                bias.CopyTo(sums);
                for (var k = 0; k < taps; k++)
                {
                    Linear.MultiplyAdd(inputs[(k / Kernel * padded) + (p * Stride) + (k % Kernel)], weight.Slice(k * Filters, Filters), sums);
                }

                for (var f = 0; f < Filters; f++) { outputs[(f * positions) + p] = sums[f]; }
            }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var (positions, taps, padded) = (Positions(call.Input), call.Input.Channels * Kernel, Padded(call.Input));
        var weight = call.Gradients[..(taps * Filters)];
        var bias = call.Gradients[weight.Length..];
        var inputs = call.Scratch[..(call.Input.Channels * padded)];
        var inputGradients = call.Scratch.Slice(inputs.Length, inputs.Length);
        var turned = call.Scratch.Slice(2 * inputs.Length, Filters);
        for (var r = 0; r < call.Rows; r++)
        {
            Pad(call.Input, call.Inputs.Slice(r * call.Input.Size, call.Input.Size), inputs);
            inputGradients.Clear();
            var outputGradients = call.OutputGradients.Slice(r * Filters * positions, Filters * positions);
            for (var p = 0; p < positions; p++)
            {
                for (var f = 0; f < Filters; f++) { turned[f] = outputGradients[(f * positions) + p]; }
                Linear.MultiplyAdd(1, turned, bias);
                for (var k = 0; k < taps; k++)
                {
                    var at = (k / Kernel * padded) + (p * Stride) + (k % Kernel);
                    Linear.MultiplyAdd(inputs[at], turned, weight.Slice(k * Filters, Filters));
                    if (call.InputGradients.IsEmpty) { continue; }
                    float sum = 0;
                    for (var f = 0; f < Filters; f++) { sum = MathF.FusedMultiplyAdd(turned[f], call.Weights[(k * Filters) + f], sum); }
                    inputGradients[at] += sum;
                }
            }

            if (!call.InputGradients.IsEmpty)
            {
                Strip(call.Input, inputGradients, call.InputGradients.Slice(r * call.Input.Size, call.Input.Size));
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"conv1d {Filters} kernel {Kernel} stride {Stride} padding {Padding}";

    private int Padded(Shape input) => checked(input.Samples + (2 * Padding));

    private int Positions(Shape input) => ((Padded(input) - Kernel) / Stride) + 1;

    private void Pad(Shape input, ReadOnlySpan<float> row, Span<float> padded)
    {
        padded.Clear();
        for (var c = 0; c < input.Channels; c++)
        {
            row.Slice(c * input.Samples, input.Samples).CopyTo(padded[((c * Padded(input)) + Padding)..]);
        }
    }

    private void Strip(Shape input, ReadOnlySpan<float> padded, Span<float> row)
    {
        for (var c = 0; c < input.Channels; c++)
        {
            padded.Slice((c * Padded(input)) + Padding, input.Samples).CopyTo(row[(c * input.Samples)..]);
        }
    }
}

namespace StreamLearn.Learning;

/// <summary>
/// Brings every group of channels of a row to mean 0 and variance 1, then gives each channel a gain and a bias.
/// </summary>
/// <remarks>
/// Shape: [channels, samples] to the same. State: <c>group-norm.gain</c> and <c>group-norm.bias</c>, one of each a channel, 1 and 0 at
/// first; no statistics, so a row does not depend on others. Cost: some operations a value; none are counted. Order: mean, then variance
/// about it, each in float64 over the group's values in order. Source: Wu, He (2018), with 1e-5 added to the variance.
/// </remarks>
/// <param name="Groups">Groups, at least 1; the channels are a multiple.</param>
public sealed record GroupNorm(int Groups) : Layer
{
    private const double Epsilon = 1e-5;

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Groups, 1);
        if (input.Channels % Groups != 0)
        {
            throw new ArgumentException($"expected a multiple of {Groups} channels, got {input.Channels}");
        }

        return new(input, 0,
            ("group-norm.gain", SliceKind.Trained, input.Channels), ("group-norm.bias", SliceKind.Trained, input.Channels))
        {
            TapeValues = 2 * Groups,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random) => values[..input.Channels].Fill(1);

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels / Groups, call.Input.Samples);
        for (var i = 0; i < call.Rows * Groups; i++)
        {
            var inputs = call.Inputs.Slice(i * channels * samples, channels * samples);
            var (mean, inverse) = Moments(inputs);
            if (!call.Tape.IsEmpty) { (call.Tape[2 * i], call.Tape[(2 * i) + 1]) = (mean, inverse); }
            for (var c = 0; c < channels; c++)
            {
                var channel = (i % Groups * channels) + c;
                var (gain, bias) = (call.Weights[channel], call.Weights[call.Input.Channels + channel]);
                var from = inputs.Slice(c * samples, samples);
                var to = call.Outputs.Slice(((i * channels) + c) * samples, samples);
                for (var t = 0; t < to.Length; t++) { to[t] = MathF.FusedMultiplyAdd((from[t] - mean) * inverse, gain, bias); }
            }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels / Groups, call.Input.Samples);
        for (var i = 0; i < call.Rows * Groups; i++)
        {
            var (mean, inverse) = (call.Tape[2 * i], call.Tape[(2 * i) + 1]);
            double sum = 0, product = 0;
            for (var c = 0; c < channels; c++)
            {
                var channel = (i % Groups * channels) + c;
                var at = ((i * channels) + c) * samples;
                var (s, p) = Sums(call.Inputs.Slice(at, samples), call.OutputGradients.Slice(at, samples), mean, inverse);
                call.Gradients[channel] += (float)p;
                call.Gradients[call.Input.Channels + channel] += (float)s;
                sum += call.Weights[channel] * s;
                product += call.Weights[channel] * p;
            }

            if (call.InputGradients.IsEmpty) { continue; }
            var count = channels * samples;
            var (meanSum, meanProduct) = ((float)(sum / count), (float)(product / count));
            for (var j = i * count; j < (i + 1) * count; j++)
            {
                var gain = call.Weights[j / samples % call.Input.Channels];
                var normal = (call.Inputs[j] - mean) * inverse;
                call.InputGradients[j] = inverse * ((call.OutputGradients[j] * gain) - meanSum - (normal * meanProduct));
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"group-norm {Groups}";

    private static (float Mean, float Inverse) Moments(ReadOnlySpan<float> values)
    {
        double sum = 0, squares = 0;
        foreach (var value in values) { sum += value; }
        var mean = sum / values.Length;
        foreach (var value in values) { squares += (value - mean) * (value - mean); }
        return ((float)mean, (float)(1 / Math.Sqrt((squares / values.Length) + Epsilon)));
    }

    /// <summary>Σ gradient and Σ gradient · normal of one channel.</summary>
    private static (double Sum, double Product) Sums(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, float mean, float inverse)
    {
        double sum = 0, product = 0;
        for (var t = 0; t < inputs.Length; t++)
        {
            sum += gradients[t];
            product += gradients[t] * (double)((inputs[t] - mean) * inverse);
        }

        return (sum, product);
    }
}

namespace StreamLearn.Models;

/// <summary>Group normalization of channels per row, with gain and bias per channel.</summary>
/// <remarks> Shape: [channels, samples] to the same. State: <c>group-norm.gain</c> and <c>group-norm.bias</c>, one per channel, 1 and 0 at
/// first; no statistics. Cost: some operations per value, not counted. Order: float64 sums of values and squares in sixteen chains (value i
/// in chain i mod 16), added in halves. Source: Wu, He (2018), with 1e-5 added to the variance. </remarks>
/// <param name="Groups">Groups, at least 1; must divide the channels.</param>
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
            Reads = BackwardReads.Inputs,
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
            var (mean, inverse) = Moments(call.Inputs.Slice(i * channels * samples, channels * samples));
            if (!call.Tape.IsEmpty) { (call.Tape[2 * i], call.Tape[(2 * i) + 1]) = (mean, inverse); }
            for (var c = 0; c < channels; c++)
            {
                var channel = (i % Groups * channels) + c;
                var (gain, bias, at) = (call.Weights[channel], call.Weights[call.Input.Channels + channel], ((i * channels) + c) * samples);
                Normalization.Forward(call.Inputs.Slice(at, samples), mean, inverse, gain, bias, Normalization.NoFloor,
                    call.Outputs.Slice(at, samples));
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
            double sum = 0, product = 0;        // sums of gradient · gain, and of gradient · gain · normalized input
            for (var c = 0; c < channels; c++)
            {
                var (channel, at) = ((i % Groups * channels) + c, ((i * channels) + c) * samples);
                var (gradient, raw) = Sums.Of(call.OutputGradients.Slice(at, samples), call.Inputs.Slice(at, samples));
                var normal = inverse * (raw - (mean * gradient));
                if (!call.Gradients.IsEmpty)
                {
                    call.Gradients[channel] += (float)normal;
                    call.Gradients[call.Input.Channels + channel] += (float)gradient;
                }

                sum += call.Weights[channel] * gradient;
                product += call.Weights[channel] * normal;
            }

            if (call.InputGradients.IsEmpty) { continue; }
            var count = channels * samples;
            var (level, slope) = ((float)(inverse * sum / count), (float)(inverse * inverse * product / count));
            for (var c = 0; c < channels; c++)
            {
                var (gain, at) = (call.Weights[(i % Groups * channels) + c], ((i * channels) + c) * samples);
                Normalization.Backward(call.OutputGradients.Slice(at, samples), inverse * gain, call.Inputs.Slice(at, samples), mean, level,
                    slope, call.InputGradients.Slice(at, samples));
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"group-norm {Groups}";

    private static (float Mean, float Inverse) Moments(ReadOnlySpan<float> values)
    {
        var (sum, squares) = Sums.OfSquares(values);
        var mean = sum / values.Length;
        var variance = Math.Max(0, (squares / values.Length) - (mean * mean));
        return ((float)mean, (float)(1 / Math.Sqrt(variance + Epsilon)));
    }
}

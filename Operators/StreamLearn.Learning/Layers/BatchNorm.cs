using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>
/// Brings every channel to mean 0 and variance 1 over all rows of a batch, then gives it a gain and a bias; inference uses running
/// statistics.
/// </summary>
/// <remarks>
/// Shape: any to the same. State: <c>batch-norm.gain</c> and <c>batch-norm.bias</c>, one of each a channel, 1 and 0 at first; statistics
/// <c>batch-norm.mean</c> and <c>batch-norm.variance</c>, 0 and 1 at first, which a batch moves by momentum · (its own − old). A batch is
/// normalized with the biased variance, the running one is unbiased; a single value teaches no variance. Cost: some operations a value, not
/// counted. Order: sums over values and their squares in float64: for each row the samples of a channel in sixteen chains (value i in
/// chain i mod 16), added in halves; those, rows in order. Source: Ioffe, Szegedy (2015).
/// </remarks>
/// <param name="Momentum">Share of a batch in the running statistics, above 0 and at most 1; default 0.1.</param>
/// <param name="Epsilon">Added to the variance, above 0; default 1e-5.</param>
public sealed record BatchNorm(float Momentum = 0.1f, float Epsilon = 1e-5f) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        if (!(Momentum > 0 && Momentum <= 1)) { throw new ArgumentException($"expected a momentum in (0, 1], got {Momentum}"); }
        if (!(Epsilon > 0)) { throw new ArgumentException($"expected an epsilon above 0, got {Epsilon}"); }
        var channels = input.Channels;
        return new(input, 0,
            ("batch-norm.gain", SliceKind.Trained, channels), ("batch-norm.bias", SliceKind.Trained, channels),
            ("batch-norm.mean", SliceKind.Statistic, channels), ("batch-norm.variance", SliceKind.Statistic, channels))
        {
            TapeValues = 2 * channels,      // of the first row: mean and variance of the batch
            ScratchValues = 7 * channels,
            Reads = BackwardReads.Inputs,
            MixesRows = true,
        };
    }

    /// <inheritdoc />
    public override void Initialize(Shape input, Span<float> values, RandomStream random)
    {
        values[..input.Channels].Fill(1);
        values[(3 * input.Channels)..].Fill(1);
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        if (call.Training) { Measure(call, call.Tape[..(2 * channels)]); }
        var statistics = call.Training ? (ReadOnlySpan<float>)call.Tape[..(2 * channels)] : call.Weights[(2 * channels)..];
        var means = statistics[..channels];
        var inverses = call.Scratch[..channels];
        var gains = call.Weights[..channels];
        var biases = call.Weights.Slice(channels, channels);
        for (var c = 0; c < channels; c++) { inverses[c] = (float)Inverse(statistics[channels + c]); }
        for (var r = 0; r < call.Rows; r++)
        {
            var at = r * call.Input.Size;
            if (samples == 1)
            {
                Normalization.Forward(call.Inputs.Slice(at, channels), means, inverses, gains, biases, call.Outputs.Slice(at, channels));
                continue;
            }

            for (var c = 0; c < channels; c++, at += samples)
            {
                Normalization.Forward(call.Inputs.Slice(at, samples), means[c], inverses[c], gains[c], biases[c],
                    call.Outputs.Slice(at, samples));
            }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        var sums = MemoryMarshal.Cast<float, double>(call.Scratch[..(4 * channels)]);
        var factors = call.Scratch.Slice(4 * channels, channels);
        var levels = call.Scratch.Slice(5 * channels, channels);
        var slopes = call.Scratch.Slice(6 * channels, channels);
        Sums.OfChannels(call.OutputGradients, call.Inputs, channels, samples, sums);
        var means = call.Tape[..channels];
        var count = (double)call.Rows * samples;
        for (var c = 0; c < channels; c++)
        {
            var (gradient, inverse, gain) = (sums[c], Inverse(call.Tape[channels + c]), call.Weights[c]);
            var normal = inverse * (sums[channels + c] - (means[c] * gradient));
            if (!call.Gradients.IsEmpty)
            {
                call.Gradients[c] += (float)normal;
                call.Gradients[channels + c] += (float)gradient;
            }

            factors[c] = (float)(inverse * gain);
            levels[c] = (float)(inverse * gain * gradient / count);
            slopes[c] = (float)(inverse * inverse * gain * normal / count);
        }

        if (!call.Gradients.IsEmpty) { Learn(call, count); }
        if (call.InputGradients.IsEmpty) { return; }
        for (var r = 0; r < call.Rows; r++)
        {
            var at = r * call.Input.Size;
            if (samples == 1)
            {
                Normalization.Backward(call.OutputGradients.Slice(at, channels), factors, call.Inputs.Slice(at, channels), means, levels,
                    slopes, call.InputGradients.Slice(at, channels));
                continue;
            }

            for (var c = 0; c < channels; c++, at += samples)
            {
                Normalization.Backward(call.OutputGradients.Slice(at, samples), factors[c], call.Inputs.Slice(at, samples), means[c],
                    levels[c], slopes[c], call.InputGradients.Slice(at, samples));
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"batch-norm momentum {Momentum} epsilon {Epsilon}");

    /// <summary>Mean and biased variance of every channel of a batch.</summary>
    private static void Measure(in LayerCall call, Span<float> statistics)
    {
        var channels = call.Input.Channels;
        var sums = MemoryMarshal.Cast<float, double>(call.Scratch[..(4 * channels)]);
        Sums.OfChannels(call.Inputs, [], channels, call.Input.Samples, sums);
        var count = (double)call.Rows * call.Input.Samples;
        for (var c = 0; c < channels; c++)
        {
            var mean = sums[c] / count;
            statistics[c] = (float)mean;
            statistics[channels + c] = (float)Math.Max(0, (sums[channels + c] / count) - (mean * mean));
        }
    }

    /// <summary>The running statistics behind a batch of some values a channel.</summary>
    private void Learn(in LayerCall call, double count)
    {
        var channels = call.Input.Channels;
        for (var i = 0; i < 2 * channels; i++)
        {
            var (old, seen) = ((double)call.Weights[(2 * channels) + i], (double)call.Tape[i]);
            if (i >= channels) { seen = count > 1 ? seen * count / (count - 1) : old; }
            call.Gradients[(2 * channels) + i] = (float)(((1 - (double)Momentum) * old) + (Momentum * seen));
        }
    }

    private double Inverse(float variance) => 1 / Math.Sqrt(variance + (double)Epsilon);
}

using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Batch normalization per channel, with gain and bias; inference uses running statistics.</summary>
/// <remarks> Shape: any to the same. State: <c>batch-norm.gain</c> and <c>batch-norm.bias</c>, one per channel, 1 and 0 at first;
/// statistics <c>batch-norm.mean</c> and <c>batch-norm.variance</c>, 0 and 1 at first, which a batch moves by momentum · (its own − old).
/// Batches use the biased variance; the running variance is unbiased, and a single value does not update it. Cost: some operations per
/// value, not counted. Order: float64 sums of values and squares: per row a channel's samples in sixteen chains (value i in chain i mod
/// 16), added in halves; then rows in order. Source: Ioffe, Szegedy (2015). </remarks>
/// <param name="Momentum">Share of a batch in the running statistics, above 0, at most 1; default 0.1.</param>
/// <param name="Epsilon">Added to the variance, above 0; default 1e-5.</param>
public sealed record BatchNorm(float Momentum = 0.1f, float Epsilon = 1e-5f) : Layer
{
    /// <summary>Fuses a following <see cref="Relu"/>, without its tape or pass; gives the same bits as both layers.</summary>
    internal bool IsGated { get; init; }

    private float Floor => IsGated ? 0 : Normalization.NoFloor;

    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        if (!(Momentum > 0 && Momentum <= 1)) { throw new ArgumentException($"expected a momentum in (0, 1], got {Momentum}"); }
        if (!(Epsilon > 0 && float.IsFinite(Epsilon))) { throw new ArgumentException($"expected an epsilon above 0, got {Epsilon}"); }
        var channels = input.Channels;
        return new(input, 0,
            ("batch-norm.gain", SliceKind.Trained, channels), ("batch-norm.bias", SliceKind.Trained, channels),
            ("batch-norm.mean", SliceKind.Statistic, channels), ("batch-norm.variance", SliceKind.Statistic, channels))
        {
            TapeValues = 2 * channels,      // in the first row: mean and variance of the batch
            ScratchValues = (2 * GateValues(input)) + (7 * channels),
            ScratchValuesPerRow = 4 * channels,
            Reads = BackwardReads.Inputs,
            MixesRows = true,
            Streams = true,
            NeedsBatchStatistics = true,
            Shares = true,
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
        if (call.Training) { Reduce(call); }
        FinalizeStatistics(call);
        Apply(call);
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        ReduceBack(call);
        FinalizeGradients(call);
        ApplyBack(call);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"batch-norm momentum {Momentum} epsilon {Epsilon}");

    internal override Layer? Fused(Layer next) => next is Relu ? this with { IsGated = true } : null;

    internal override void Run(LayerPass pass, in LayerCall call)
    {
        switch (pass)
        {
            case LayerPass.Reduce: Reduce(call); break;
            case LayerPass.Finalize: FinalizeStatistics(call); break;
            case LayerPass.Normalize: Apply(call); break;
            case LayerPass.ReduceBack: ReduceBack(call); break;
            case LayerPass.FinalizeBack: FinalizeGradients(call); break;
            case LayerPass.NormalizeBack: ApplyBack(call); break;
            default: base.Run(pass, call); break;
        }
    }

    private void Reduce(in LayerCall call)
    {
        var ((from, to), size) = (call.Share(call.Rows), call.Input.Size);
        for (var r = from; r < to; r++)
        {
            Sums.OfChannels(call.Inputs.Slice(r * size, size), [], call.Input.Channels, OfRow(call, call.FirstRow + r));
        }
    }

    private void FinalizeStatistics(in LayerCall call)
    {
        var channels = call.Input.Channels;
        if (call.Training)
        {
            var sums = OfBatch(call);
            var count = (double)call.Rows * call.Input.Samples;
            for (var c = 0; c < channels; c++)
            {
                var mean = sums[c] / count;
                call.Tape[c] = (float)mean;
                call.Tape[channels + c] = (float)Math.Max(0, (sums[channels + c] / count) - (mean * mean));
            }
        }

        var variances = Statistics(call)[channels..];
        for (var c = 0; c < channels; c++) { Common(call)[c] = (float)Inverse(variances[c]); }
    }

    private void Apply(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        var means = Statistics(call)[..channels];
        var inverses = Common(call)[..channels];
        var gains = call.Weights[..channels];
        var biases = call.Weights.Slice(channels, channels);
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            var at = r * call.Input.Size;
            if (samples == 1)
            {
                Normalization.Forward(call.Inputs.Slice(at, channels), means, inverses, gains, biases, Floor,
                    call.Outputs.Slice(at, channels));
                continue;
            }

            for (var c = 0; c < channels; c++, at += samples)
            {
                Normalization.Forward(call.Inputs.Slice(at, samples), means[c], inverses[c], gains[c], biases[c], Floor,
                    call.Outputs.Slice(at, samples));
            }
        }
    }

    private void ReduceBack(in LayerCall call)
    {
        var ((from, to), size, channels, samples) = (call.Share(call.Rows), call.Input.Size, call.Input.Channels, call.Input.Samples);
        var gate = IsGated ? GateOf(call) : default;
        for (var r = from; r < to; r++)
        {
            var gradients = call.OutputGradients.Slice(r * size, size);
            var inputs = call.Inputs.Slice(r * size, size);
            var sums = OfRow(call, call.FirstRow + r);
            if (!IsGated || samples == 1)
            {
                Sums.OfChannels(IsGated ? gate.Keep(inputs, gradients) : gradients, inputs, channels, sums);
                continue;
            }

            for (var c = 0; c < channels; c++)
            {
                var part = inputs.Slice(c * samples, samples);
                (sums[c], sums[channels + c]) = Sums.Of(gate.Keep(c, part, gradients.Slice(c * samples, samples)), part);
            }
        }
    }

    private void FinalizeGradients(in LayerCall call)
    {
        var channels = call.Input.Channels;
        var sums = OfBatch(call);
        var common = Common(call);
        var count = (double)call.Rows * call.Input.Samples;
        for (var c = 0; c < channels; c++)
        {
            var (gradient, inverse, gain) = (sums[c], Inverse(call.Tape[channels + c]), call.Weights[c]);
            var normal = inverse * (sums[channels + c] - (call.Tape[c] * gradient));
            if (!call.Gradients.IsEmpty)
            {
                call.Gradients[c] += (float)normal;
                call.Gradients[channels + c] += (float)gradient;
            }

            common[c] = (float)(inverse * gain);
            common[channels + c] = (float)(inverse * gain * gradient / count);
            common[(2 * channels) + c] = (float)(inverse * inverse * gain * normal / count);
        }

        if (!call.Gradients.IsEmpty) { Learn(call, count); }
    }

    private void ApplyBack(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        var means = call.Tape[..channels];
        var common = Common(call);
        var factors = common[..channels];
        var levels = common.Slice(channels, channels);
        var slopes = common.Slice(2 * channels, channels);
        var gate = IsGated ? GateOf(call) : default;
        var (from, to) = call.Share(call.Rows);
        for (var r = from; r < to; r++)
        {
            var at = r * call.Input.Size;
            if (samples == 1)
            {
                var row = call.Inputs.Slice(at, channels);
                var given = call.OutputGradients.Slice(at, channels);
                Normalization.Backward(IsGated ? gate.Keep(row, given) : given, factors, row, means, levels, slopes,
                    call.InputGradients.Slice(at, channels));
                continue;
            }

            for (var c = 0; c < channels; c++, at += samples)
            {
                var part = call.Inputs.Slice(at, samples);
                var given = call.OutputGradients.Slice(at, samples);
                Normalization.Backward(IsGated ? gate.Keep(c, part, given) : given, factors[c], part, means[c], levels[c], slopes[c],
                    call.InputGradients.Slice(at, samples));
            }
        }
    }

    /// <summary>Returns the means, then the variances.</summary>
    private static ReadOnlySpan<float> Statistics(in LayerCall call) =>
        call.Training ? call.Tape[..(2 * call.Input.Channels)] : call.Weights[(2 * call.Input.Channels)..];

    private Span<double> OfRow(in LayerCall call, int row) =>
        MemoryMarshal.Cast<float, double>(Common(call).Slice((7 + (4 * row)) * call.Input.Channels, 4 * call.Input.Channels));

    private Span<double> OfBatch(in LayerCall call)
    {
        var sums = MemoryMarshal.Cast<float, double>(Common(call).Slice(3 * call.Input.Channels, 4 * call.Input.Channels));
        sums.Clear();
        for (var r = 0; r < call.Rows; r++) { TensorPrimitives.Add(sums, OfRow(call, r), sums); }
        return sums;
    }

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

    private Span<float> Common(in LayerCall call) => call.Scratch[(2 * GateValues(call.Input))..];

    private int GateValues(Shape input) => IsGated ? input.Channels + Math.Max(input.Channels, input.Samples) : 0;

    private NormGate GateOf(in LayerCall call)
    {
        var (channels, own) = (call.Input.Channels, GateValues(call.Input));
        var scratch = call.Scratch.Slice(call.Half == 2 ? own : 0, own);
        var inverses = scratch[..channels];
        for (var c = 0; c < channels; c++) { inverses[c] = (float)Inverse(call.Tape[channels + c]); }
        return new()
        {
            Means = call.Tape[..channels],
            Inverses = inverses,
            Gains = call.Weights[..channels],
            Biases = call.Weights.Slice(channels, channels),
            Kept = scratch[channels..],
        };
    }

    private double Inverse(float variance) => 1 / Math.Sqrt(variance + (double)Epsilon);
}

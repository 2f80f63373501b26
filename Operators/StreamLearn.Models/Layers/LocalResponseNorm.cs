using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Local response normalization over neighboring channels: x / (bias + alpha · Σ x²)^beta.</summary>
/// <remarks> Shape: any to the same. The sum is over channels c − size to c + size, as with TensorFlow's <c>depth_radius</c>; unlike in
/// PyTorch, it is not divided by their number. State: none. Cost: 2 · size + 1 multiply-adds per value, not counted. Order: squares in one
/// chain, channels in order, also backward. The power is 1 / (√d · √√d) for beta 0.75, 1 / √d for 0.5, 1 / d for 1, otherwise exp(−beta ·
/// ln d) in float64. Source: Krizhevsky, Sutskever, Hinton (2012). </remarks>
/// <param name="Size">Neighboring channels on each side, at least 0.</param>
/// <param name="Bias">Constant term, above 0; default 1.</param>
/// <param name="Alpha">Weight of the squares, at least 0; default 1e-4.</param>
/// <param name="Beta">Exponent, above 0; default 0.75.</param>
public sealed record LocalResponseNorm(int Size, float Bias = 1, float Alpha = 1e-4f, float Beta = 0.75f) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        LayerPlan.Check(input);
        ArgumentOutOfRangeException.ThrowIfNegative(Size);
        if (!(Bias > 0 && Alpha >= 0 && Beta > 0 && float.IsFinite(Bias) && float.IsFinite(Alpha) && float.IsFinite(Beta)))
        {
            throw new ArgumentException($"expected a bias above 0, an alpha of at least 0 and a beta above 0, got {this}");
        }

        return new(input) { ScratchValues = input.Size + (2 * input.Samples), Reads = BackwardReads.Inputs };
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var (channels, samples) = (call.Input.Channels, call.Input.Samples);
        var powers = call.Scratch[..samples];
        for (var r = 0; r < call.Rows; r++)
        {
            var row = call.Inputs.Slice(r * call.Input.Size, call.Input.Size);
            var outputs = call.Outputs.Slice(r * call.Input.Size, call.Input.Size);
            for (var c = 0; c < channels; c++)
            {
                Divisors(row, c, samples, powers);
                Power(powers);
                TensorPrimitives.Multiply(row.Slice(c * samples, samples), powers, outputs.Slice(c * samples, samples));
            }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var (size, channels, samples) = (call.Input.Size, call.Input.Channels, call.Input.Samples);
        var divisors = call.Scratch[..samples];
        var powers = call.Scratch.Slice(samples, samples);
        var shares = call.Scratch.Slice(2 * samples, size);
        for (var r = 0; r < call.Rows; r++)
        {
            var row = call.Inputs.Slice(r * size, size);
            var gradients = call.OutputGradients.Slice(r * size, size);
            var inputGradients = call.InputGradients.Slice(r * size, size);
            for (var c = 0; c < channels; c++)
            {
                var own = new Range(c * samples, (c + 1) * samples);
                Divisors(row, c, samples, divisors);
                divisors.CopyTo(powers);
                Power(powers);
                TensorPrimitives.Multiply(gradients[own], powers, inputGradients[own]);
                TensorPrimitives.Multiply(inputGradients[own], row[own], powers);
                TensorPrimitives.Divide(powers, divisors, shares[own]);
            }

            for (var c = 0; c < channels; c++) { GiveBack(shares, row, c, samples, inputGradients.Slice(c * samples, samples)); }
        }
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"local-response-norm {Size} bias {Bias} alpha {Alpha} beta {Beta}");

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Divisors(ReadOnlySpan<float> row, int channel, int samples, Span<float> divisors)
    {
        var (from, to) = Neighbors(channel, row.Length / samples);
        var t = 0;
        for (; t + Vector512<float>.Count <= samples; t += Vector512<float>.Count)
        {
            var sum = Vector512<float>.Zero;
            for (var at = (from * samples) + t; at < to * samples; at += samples)
            {
                var value = Vector512.Create(row[at..]);
                sum = Vector512.FusedMultiplyAdd(value, value, sum);
            }

            Vector512.FusedMultiplyAdd(Vector512.Create(Alpha), sum, Vector512.Create(Bias)).CopyTo(divisors[t..]);
        }

        for (; t < samples; t++)
        {
            float sum = 0;
            for (var at = (from * samples) + t; at < to * samples; at += samples) { sum = MathF.FusedMultiplyAdd(row[at], row[at], sum); }
            divisors[t] = MathF.FusedMultiplyAdd(Alpha, sum, Bias);
        }
    }

    /// <summary>Subtracts 2 · alpha · beta · x · Σ shares over neighbors from the input gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GiveBack(ReadOnlySpan<float> shares, ReadOnlySpan<float> row, int channel, int samples, Span<float> inputGradients)
    {
        var (from, to) = Neighbors(channel, row.Length / samples);
        var factor = -2 * Alpha * Beta;
        var own = row.Slice(channel * samples, samples);
        var t = 0;
        for (; t + Vector512<float>.Count <= samples; t += Vector512<float>.Count)
        {
            var sum = Vector512<float>.Zero;
            for (var at = (from * samples) + t; at < to * samples; at += samples) { sum += Vector512.Create(shares[at..]); }
            Vector512.FusedMultiplyAdd(Vector512.Create(own[t..]) * factor, sum, Vector512.Create<float>(inputGradients[t..]))
                .CopyTo(inputGradients[t..]);
        }

        for (; t < samples; t++)
        {
            float sum = 0;
            for (var at = (from * samples) + t; at < to * samples; at += samples) { sum += shares[at]; }
            inputGradients[t] = MathF.FusedMultiplyAdd(own[t] * factor, sum, inputGradients[t]);
        }
    }

    private (int From, int To) Neighbors(int channel, int channels) =>
        (Math.Max(0, channel - Size), Math.Min(channels, channel + Math.Min(Size, channels) + 1));

    private void Power(Span<float> values)
    {
        switch (Beta)
        {
            case 0.75f: ThreeQuarters(values); return;
            case 0.5f:
                TensorPrimitives.Sqrt(values, values);
                TensorPrimitives.Divide(1f, values, values);
                return;
            case 1: TensorPrimitives.Divide(1f, values, values); return;
            default:
                foreach (ref var value in values) { value = (float)Math.Exp(-(double)Beta * Math.Log(value)); }
                return;
        }
    }

    private static void ThreeQuarters(Span<float> values)
    {
        var t = 0;
        for (; t + Vector512<float>.Count <= values.Length; t += Vector512<float>.Count)
        {
            var root = Vector512.Sqrt(Vector512.Create<float>(values[t..]));
            (Vector512<float>.One / (root * Vector512.Sqrt(root))).CopyTo(values[t..]);
        }

        for (; t < values.Length; t++)
        {
            var root = MathF.Sqrt(values[t]);
            values[t] = 1 / (root * MathF.Sqrt(root));
        }
    }
}

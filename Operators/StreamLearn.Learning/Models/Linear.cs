using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>
/// Every output is a weighted sum of every input, plus a bias. Weights are <c>[inputs, outputs]</c>, so that vector lanes run across
/// outputs.
/// </summary>
/// <remarks>
/// An output's sum has one order, whatever the vector width and the other rows: with 32 outputs or more, the bias, then the inputs in
/// order;
/// with fewer, four chains over inputs k, k+4, k+8, …, added as (0+1)+(2+3), then the bias.
/// </remarks>
internal static class Linear
{
    private const int FewOutputs = 32;

    /// <summary>input [inputs] · weights [inputs, outputs] + bias [outputs] → output [outputs].</summary>
    internal static void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output,
        Span<float> chains)
    {
        if (output.Length >= FewOutputs)
        {
            bias.CopyTo(output);
            for (var k = 0; k < input.Length; k++) { MultiplyAdd(input[k], weights.Slice(k * output.Length, output.Length), output); }
            return;
        }

        var outputs = output.Length;
        chains = chains[..(4 * outputs)];
        chains.Clear();
        for (var k = 0; k < input.Length; k++)
        {
            MultiplyAdd(input[k], weights.Slice(k * outputs, outputs), chains.Slice((k & 3) * outputs, outputs));
        }

        for (var o = 0; o < outputs; o++)
        {
            output[o] = (chains[o] + chains[outputs + o]) + (chains[(2 * outputs) + o] + chains[(3 * outputs) + o]) + bias[o];
        }
    }

    /// <summary>input [inputs], outputGradient [outputs] → added to weightGradient [inputs, outputs] and biasGradient [outputs].</summary>
    internal static void Backward(ReadOnlySpan<float> input, ReadOnlySpan<float> outputGradient, Span<float> weightGradient,
        Span<float> biasGradient)
    {
        var outputs = outputGradient.Length;
        for (var k = 0; k < input.Length; k++) { MultiplyAdd(input[k], outputGradient, weightGradient.Slice(k * outputs, outputs)); }
        MultiplyAdd(1, outputGradient, biasGradient);
    }

    /// <summary>sums += factor · values, one fused operation for each value. The width of the vectors does not enter the bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void MultiplyAdd(float factor, ReadOnlySpan<float> values, Span<float> sums)
    {
        var i = 0;
        var factors = Vector128.Create(factor);
        for (; i + Vector128<float>.Count <= values.Length; i += Vector128<float>.Count)
        {
            var sum = Vector128.FusedMultiplyAdd(factors, Vector128.Create(values[i..]), Vector128.Create<float>(sums[i..]));
            sum.CopyTo(sums[i..]);
        }

        for (; i < values.Length; i++) { sums[i] = MathF.FusedMultiplyAdd(factor, values[i], sums[i]); }
    }
}

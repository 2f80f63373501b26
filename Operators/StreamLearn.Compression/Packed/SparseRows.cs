using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Compression;

/// <summary>Weights [inputs, outputs] of which most are zeros, input by input: the outputs that each weighs for, and the weights.</summary>
/// <remarks>
/// Order: the bias, then the inputs in order, one fused operation each. These are the bits of a dense layer of 32 outputs or more. Sixteen
/// rows are side by side in a vector; single rows leave out inputs that are zeros.
/// </remarks>
internal sealed class SparseRows : IPackedLayer
{
    private const int Lanes = 16;

    private readonly int[] _starts;
    private readonly ushort[] _outputs;
    private readonly float[] _weights;
    private readonly float[] _bias;

    internal SparseRows(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        var (inputs, outputs) = (weights.Length / bias.Length, bias.Length);
        var count = weights.Length - weights.Count(0f);
        (_starts, _outputs, _weights, _bias) = (new int[inputs + 1], new ushort[count], new float[count], bias.ToArray());
        var at = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (i % outputs == 0) { _starts[i / outputs] = at; }
            if (weights[i] == 0) { continue; }
            (_outputs[at], _weights[at]) = ((ushort)(i % outputs), weights[i]);
            at++;
        }

        _starts[inputs] = at;
    }

    private int Inputs => _starts.Length - 1;

    /// <inheritdoc />
    public int ScratchValues => Lanes * (Inputs + _bias.Length);

    /// <inheritdoc />
    public void Forward(ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Span<float> scratch)
    {
        var row = 0;
        for (; row + Lanes <= rows; row += Lanes)
        {
            Sixteen(inputs.Slice(row * Inputs, Lanes * Inputs), outputs.Slice(row * _bias.Length, Lanes * _bias.Length), scratch);
        }

        for (; row < rows; row++) { One(inputs.Slice(row * Inputs, Inputs), outputs.Slice(row * _bias.Length, _bias.Length)); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        _bias.CopyTo(outputs);
        ref var sums = ref MemoryMarshal.GetReference(outputs);
        for (var k = 0; k < inputs.Length; k++)
        {
            var input = inputs[k];
            if (input == 0) { continue; }
            var (at, end) = (_starts[k], _starts[k + 1]);
            for (; at < end; at++)
            {
                ref var sum = ref Unsafe.Add(ref sums, _outputs[at]);
                sum = MathF.FusedMultiplyAdd(input, _weights[at], sum);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sixteen(ReadOnlySpan<float> inputs, Span<float> outputs, Span<float> scratch)
    {
        var turned = scratch[..(Lanes * Inputs)];
        var sums = scratch.Slice(turned.Length, Lanes * _bias.Length);
        for (var r = 0; r < Lanes; r++)
        {
            var row = inputs.Slice(r * Inputs, Inputs);
            for (var k = 0; k < row.Length; k++) { turned[(k * Lanes) + r] = row[k]; }
        }

        for (var o = 0; o < _bias.Length; o++) { sums.Slice(o * Lanes, Lanes).Fill(_bias[o]); }
        ref var first = ref MemoryMarshal.GetReference(sums);
        for (var k = 0; k < Inputs; k++)
        {
            var values = Vector512.Create<float>(turned.Slice(k * Lanes, Lanes));
            var (at, end) = (_starts[k], _starts[k + 1]);
            for (; at < end; at++)
            {
                ref var sum = ref Unsafe.Add(ref first, _outputs[at] * Lanes);
                Vector512.FusedMultiplyAdd(Vector512.Create(_weights[at]), values, Vector512.LoadUnsafe(ref sum)).StoreUnsafe(ref sum);
            }
        }

        for (var r = 0; r < Lanes; r++)
        {
            var row = outputs.Slice(r * _bias.Length, _bias.Length);
            for (var o = 0; o < row.Length; o++) { row[o] = sums[(o * Lanes) + r]; }
        }
    }
}

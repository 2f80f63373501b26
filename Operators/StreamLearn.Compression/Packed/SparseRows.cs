using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Compression;

/// <summary>Sparse weights [inputs, outputs]: per input, output indexes and weights.</summary>
/// <remarks>Adds the bias, then the inputs in order, each in one fused operation: bit-identical to a dense layer with 32 or more outputs.
/// Sixteen rows share a vector; single rows skip zero inputs.</remarks>
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

    public int ScratchValues => Lanes * (Inputs + _bias.Length);

    public void Forward(ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Span<float> scratch)
    {
        var row = 0;
        for (; row + Lanes <= rows; row += Lanes)
        {
            Sixteen(inputs.Slice(row * Inputs, Lanes * Inputs), outputs.Slice(row * _bias.Length, Lanes * _bias.Length), scratch);
        }

        for (; row < rows; row++) { One(inputs.Slice(row * Inputs, Inputs), outputs.Slice(row * _bias.Length, _bias.Length)); }
    }

    /// <summary>Adds four weights at a time. They belong to different outputs, so none waits for another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        _bias.CopyTo(outputs);
        ref var sums = ref MemoryMarshal.GetReference(outputs);
        ref var places = ref MemoryMarshal.GetArrayDataReference(_outputs);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref var starts = ref MemoryMarshal.GetArrayDataReference(_starts);
        for (nint k = 0; k < inputs.Length; k++)
        {
            var input = inputs[(int)k];
            if (input == 0) { continue; }
            nint at = Unsafe.Add(ref starts, k), end = Unsafe.Add(ref starts, k + 1);
            for (; at + 4 <= end; at += 4)
            {
                ref var sum0 = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at));
                ref var sum1 = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at + 1));
                ref var sum2 = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at + 2));
                ref var sum3 = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at + 3));
                var next0 = MathF.FusedMultiplyAdd(input, Unsafe.Add(ref weights, at), sum0);
                var next1 = MathF.FusedMultiplyAdd(input, Unsafe.Add(ref weights, at + 1), sum1);
                var next2 = MathF.FusedMultiplyAdd(input, Unsafe.Add(ref weights, at + 2), sum2);
                var next3 = MathF.FusedMultiplyAdd(input, Unsafe.Add(ref weights, at + 3), sum3);
                (sum0, sum1, sum2, sum3) = (next0, next1, next2, next3);
            }

            for (; at < end; at++)
            {
                ref var sum = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at));
                sum = MathF.FusedMultiplyAdd(input, Unsafe.Add(ref weights, at), sum);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sixteen(ReadOnlySpan<float> inputs, Span<float> outputs, Span<float> scratch)
    {
        var turned = scratch[..(Lanes * Inputs)];
        var all = scratch.Slice(turned.Length, Lanes * _bias.Length);
        Transposed.Copy(inputs, Lanes, Inputs, Inputs, turned, Lanes);
        for (var o = 0; o < _bias.Length; o++) { Vector512.Create(_bias[o]).CopyTo(all[(o * Lanes)..]); }
        ref var values = ref MemoryMarshal.GetReference(turned);
        ref var sums = ref MemoryMarshal.GetReference(all);
        ref var places = ref MemoryMarshal.GetArrayDataReference(_outputs);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref var starts = ref MemoryMarshal.GetArrayDataReference(_starts);
        for (nint k = 0; k < Inputs; k++)
        {
            var lanes = Vector512.LoadUnsafe(ref Unsafe.Add(ref values, k * Lanes));
            nint at = Unsafe.Add(ref starts, k), end = Unsafe.Add(ref starts, k + 1);
            for (; at + 2 <= end; at += 2)
            {
                ref var sum0 = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at) * Lanes);
                ref var sum1 = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at + 1) * Lanes);
                var next0 = Vector512.FusedMultiplyAdd(
                    Vector512.Create(Unsafe.Add(ref weights, at)), lanes, Vector512.LoadUnsafe(ref sum0));
                var next1 = Vector512.FusedMultiplyAdd(
                    Vector512.Create(Unsafe.Add(ref weights, at + 1)), lanes, Vector512.LoadUnsafe(ref sum1));
                next0.StoreUnsafe(ref sum0);
                next1.StoreUnsafe(ref sum1);
            }

            if (at == end) { continue; }
            ref var sum = ref Unsafe.Add(ref sums, Unsafe.Add(ref places, at) * Lanes);
            Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref weights, at)), lanes, Vector512.LoadUnsafe(ref sum))
                .StoreUnsafe(ref sum);
        }

        Transposed.Copy(all, _bias.Length, Lanes, Lanes, outputs, _bias.Length);
    }
}

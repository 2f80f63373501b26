using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Dense sums for too few outputs to fill vectors: reads weights in place, some lanes idle.</summary>
/// <remarks>An output's sum runs in four chains over inputs k, k+4, k+8, …, added as (0+1)+(2+3), then the bias. Four rows share weight
/// loads. End weights, where a vector would overrun, are copied to a zero-padded place.</remarks>
internal static class FewOutputs
{
    /// <summary>From this number of outputs vectors run across outputs, and the sum is one chain.</summary>
    internal const int Bound = 32;

    private const int Chains = 4;
    private const int Rest = 2 * Vectors.Lanes;  // maximum rest of inputs after whole vectors, padded with zeros to four
    private const int OnStack = 8 * Bound;      // weights of the last inputs, plus a vector

    internal static void Forward(ReadOnlySpan<float> inputs, int rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias,
        Span<float> outputs)
    {
        if (rows == 1 && FourInputs.Takes(bias.Length))
        {
            FourInputs.Forward(inputs, weights, bias, outputs);
            return;
        }

        if (bias.Length > Vector512<float>.Count && Vector512.IsHardwareAccelerated)
        {
            OverlappingOutputs.Forward<Simd512, Vector512<float>>(inputs, rows, weights, bias, outputs);
            return;
        }

        for (var column = 0; column < bias.Length;)
        {
            var left = bias.Length - column;
            if (left > Vector256<float>.Count && Vector512.IsHardwareAccelerated)
            {
                column += Columns<Simd512, Vector512<float>>(inputs, rows, weights, bias, outputs, column);
            }
            else if (left > Vector128<float>.Count && Vector256.IsHardwareAccelerated)
            {
                column += Columns<Simd256, Vector256<float>>(inputs, rows, weights, bias, outputs, column);
            }
            else { column += Columns<Simd128, Vector128<float>>(inputs, rows, weights, bias, outputs, column); }
        }
    }

    /// <summary>values [width, outputs] (empty: zeros) + Σ over rows of inputs · gradients, in row order. sums needs space for a vector
    /// after them.</summary>
    internal static void Outer(ReadOnlySpan<float> inputs, int pitch, int width, ReadOnlySpan<float> gradients, int outputs,
        ReadOnlySpan<float> values, Span<float> sums)
    {
        Outer(inputs, pitch, width, gradients, outputs, values, sums, 0);
    }

    /// <summary>Last columns first: a vector's overrun is overwritten by the next line.</summary>
    private static void Outer(ReadOnlySpan<float> inputs, int pitch, int width, ReadOnlySpan<float> gradients, int outputs,
        ReadOnlySpan<float> values, Span<float> sums, int column)
    {
        var left = outputs - column;
        var lanes = left > Vector256<float>.Count && Vector512.IsHardwareAccelerated ? Vector512<float>.Count
            : left > Vector128<float>.Count && Vector256.IsHardwareAccelerated ? Vector256<float>.Count : Vector128<float>.Count;
        if (left > lanes) { Outer(inputs, pitch, width, gradients, outputs, values, sums, column + lanes); }
        switch (lanes)
        {
            case 16: Outer<Simd512, Vector512<float>>(inputs, pitch, width, gradients, outputs, values, sums, column); break;
            case 8: Outer<Simd256, Vector256<float>>(inputs, pitch, width, gradients, outputs, values, sums, column); break;
            default: Outer<Simd128, Vector128<float>>(inputs, pitch, width, gradients, outputs, values, sums, column); break;
        }
    }

    private static int Columns<TSimd, TVector>(ReadOnlySpan<float> inputs, int rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias,
        Span<float> outputs, int column)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var (width, pitch) = (inputs.Length / rows, bias.Length);
        var room = weights.Length - column - TSimd.Lanes;
        var whole = room < 0 ? 0 : Math.Min(width, (room / pitch) + 1) / Chains * Chains;
        Span<float> end = stackalloc float[OnStack];
        if (whole < width) { weights[((whole * pitch) + column)..].CopyTo(end); }
        Span<float> rest = stackalloc float[4 * Rest];
        Span<float> chains = stackalloc float[4 * Chains * Vectors.Lanes];
        ref var first = ref MemoryMarshal.GetReference(weights[column..]);
        ref var last = ref MemoryMarshal.GetReference(end);
        ref var sums = ref MemoryMarshal.GetReference(chains);
        for (var r = 0; r < rows;)
        {
            var some = rows - r >= 4 ? 4 : 1;
            ref var values = ref MemoryMarshal.GetReference(inputs[(r * width)..]);
            for (var i = 0; i < some; i++) { inputs[(((r + i) * width) + whole)..((r + i + 1) * width)].CopyTo(rest[(i * Rest)..]); }
            chains[..(some * Chains * TSimd.Lanes)].Clear();
            if (some == 4)
            {
                Four<TSimd, TVector>(ref values, width, ref first, pitch, whole, ref sums);
                Four<TSimd, TVector>(ref MemoryMarshal.GetReference(rest), Rest, ref last, pitch, width - whole, ref sums);
            }
            else
            {
                One<TSimd, TVector>(ref values, ref first, pitch, whole, ref sums);
                One<TSimd, TVector>(ref MemoryMarshal.GetReference(rest), ref last, pitch, width - whole, ref sums);
            }

            for (var i = 0; i < some; i++)
            {
                Finish(chains.Slice(i * Chains * TSimd.Lanes, Chains * TSimd.Lanes), bias, outputs.Slice((r + i) * pitch, pitch), column);
            }

            r += some;
        }

        return TSimd.Lanes;
    }

    /// <summary>(0+1)+(2+3), then the bias.</summary>
    internal static void Finish(ReadOnlySpan<float> chains, ReadOnlySpan<float> bias, Span<float> outputs, int column)
    {
        var lanes = chains.Length / Chains;
        for (var i = 0; i < Math.Min(lanes, outputs.Length - column); i++)
        {
            outputs[column + i] = (chains[i] + chains[lanes + i]) + (chains[(2 * lanes) + i] + chains[(3 * lanes) + i]) + bias[column + i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // no calls: sums must stay in registers
    private static void One<TSimd, TVector>(ref float a, ref float line, int pitch, nint count, ref float chains)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var a0 = TSimd.Load(ref chains);
        var a1 = TSimd.Load(ref Unsafe.Add(ref chains, TSimd.Lanes));
        var a2 = TSimd.Load(ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        var a3 = TSimd.Load(ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        for (nint k = 0; k < count; k += Chains)
        {
            a0 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k)), TSimd.Load(ref line), a0);
            line = ref Unsafe.Add(ref line, pitch);
            a1 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k + 1)), TSimd.Load(ref line), a1);
            line = ref Unsafe.Add(ref line, pitch);
            a2 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k + 2)), TSimd.Load(ref line), a2);
            line = ref Unsafe.Add(ref line, pitch);
            a3 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k + 3)), TSimd.Load(ref line), a3);
            line = ref Unsafe.Add(ref line, pitch);
        }

        TSimd.Store(a0, ref chains);
        TSimd.Store(a1, ref Unsafe.Add(ref chains, TSimd.Lanes));
        TSimd.Store(a2, ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        TSimd.Store(a3, ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // no calls: sums must stay in registers
    private static void Four<TSimd, TVector>(ref float a, int next, ref float line, int pitch, nint count, ref float chains)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref var b = ref Unsafe.Add(ref a, next);
        ref var c = ref Unsafe.Add(ref b, next);
        ref var d = ref Unsafe.Add(ref c, next);
        var a0 = TSimd.Load(ref chains);
        var a1 = TSimd.Load(ref Unsafe.Add(ref chains, TSimd.Lanes));
        var a2 = TSimd.Load(ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        var a3 = TSimd.Load(ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        var b0 = TSimd.Load(ref Unsafe.Add(ref chains, 4 * TSimd.Lanes));
        var b1 = TSimd.Load(ref Unsafe.Add(ref chains, 5 * TSimd.Lanes));
        var b2 = TSimd.Load(ref Unsafe.Add(ref chains, 6 * TSimd.Lanes));
        var b3 = TSimd.Load(ref Unsafe.Add(ref chains, 7 * TSimd.Lanes));
        var c0 = TSimd.Load(ref Unsafe.Add(ref chains, 8 * TSimd.Lanes));
        var c1 = TSimd.Load(ref Unsafe.Add(ref chains, 9 * TSimd.Lanes));
        var c2 = TSimd.Load(ref Unsafe.Add(ref chains, 10 * TSimd.Lanes));
        var c3 = TSimd.Load(ref Unsafe.Add(ref chains, 11 * TSimd.Lanes));
        var d0 = TSimd.Load(ref Unsafe.Add(ref chains, 12 * TSimd.Lanes));
        var d1 = TSimd.Load(ref Unsafe.Add(ref chains, 13 * TSimd.Lanes));
        var d2 = TSimd.Load(ref Unsafe.Add(ref chains, 14 * TSimd.Lanes));
        var d3 = TSimd.Load(ref Unsafe.Add(ref chains, 15 * TSimd.Lanes));
        for (nint k = 0; k < count; k += Chains)
        {
            var weight = TSimd.Load(ref line);
            a0 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k)), weight, a0);
            b0 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref b, k)), weight, b0);
            c0 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref c, k)), weight, c0);
            d0 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref d, k)), weight, d0);
            line = ref Unsafe.Add(ref line, pitch);
            weight = TSimd.Load(ref line);
            a1 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k + 1)), weight, a1);
            b1 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref b, k + 1)), weight, b1);
            c1 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref c, k + 1)), weight, c1);
            d1 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref d, k + 1)), weight, d1);
            line = ref Unsafe.Add(ref line, pitch);
            weight = TSimd.Load(ref line);
            a2 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k + 2)), weight, a2);
            b2 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref b, k + 2)), weight, b2);
            c2 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref c, k + 2)), weight, c2);
            d2 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref d, k + 2)), weight, d2);
            line = ref Unsafe.Add(ref line, pitch);
            weight = TSimd.Load(ref line);
            a3 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref a, k + 3)), weight, a3);
            b3 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref b, k + 3)), weight, b3);
            c3 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref c, k + 3)), weight, c3);
            d3 = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref d, k + 3)), weight, d3);
            line = ref Unsafe.Add(ref line, pitch);
        }

        TSimd.Store(a0, ref chains);
        TSimd.Store(a1, ref Unsafe.Add(ref chains, TSimd.Lanes));
        TSimd.Store(a2, ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        TSimd.Store(a3, ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        TSimd.Store(b0, ref Unsafe.Add(ref chains, 4 * TSimd.Lanes));
        TSimd.Store(b1, ref Unsafe.Add(ref chains, 5 * TSimd.Lanes));
        TSimd.Store(b2, ref Unsafe.Add(ref chains, 6 * TSimd.Lanes));
        TSimd.Store(b3, ref Unsafe.Add(ref chains, 7 * TSimd.Lanes));
        TSimd.Store(c0, ref Unsafe.Add(ref chains, 8 * TSimd.Lanes));
        TSimd.Store(c1, ref Unsafe.Add(ref chains, 9 * TSimd.Lanes));
        TSimd.Store(c2, ref Unsafe.Add(ref chains, 10 * TSimd.Lanes));
        TSimd.Store(c3, ref Unsafe.Add(ref chains, 11 * TSimd.Lanes));
        TSimd.Store(d0, ref Unsafe.Add(ref chains, 12 * TSimd.Lanes));
        TSimd.Store(d1, ref Unsafe.Add(ref chains, 13 * TSimd.Lanes));
        TSimd.Store(d2, ref Unsafe.Add(ref chains, 14 * TSimd.Lanes));
        TSimd.Store(d3, ref Unsafe.Add(ref chains, 15 * TSimd.Lanes));
    }

    private static void Outer<TSimd, TVector>(ReadOnlySpan<float> inputs, int pitch, int width, ReadOnlySpan<float> gradients,
        int outputs, ReadOnlySpan<float> values, Span<float> sums, int column)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var rows = gradients.Length / outputs;
        var lanes = Math.Min(TSimd.Lanes, outputs - column);
        Span<float> lines = stackalloc float[rows * Vectors.Lanes];
        for (var r = 0; r < rows; r++) { gradients.Slice((r * outputs) + column, lanes).CopyTo(lines[(r * Vectors.Lanes)..]); }
        ref var first = ref MemoryMarshal.GetReference(inputs);
        ref var factors = ref MemoryMarshal.GetReference(lines);
        ref var target = ref MemoryMarshal.GetReference(sums.Slice(column, ((width - 1) * outputs) + TSimd.Lanes));
        if (values.IsEmpty)
        {
            Lines<TSimd, TVector>(ref first, pitch, width, ref factors, rows, ref target, ref target, outputs, adds: false);
            return;
        }

        var room = values.Length - column - TSimd.Lanes;
        var whole = room < 0 ? 0 : Math.Min(width, (room / outputs) + 1);
        Span<float> end = stackalloc float[OnStack];
        if (whole < width) { values[((whole * outputs) + column)..].CopyTo(end); }
        Lines<TSimd, TVector>(ref first, pitch, whole, ref factors, rows, ref MemoryMarshal.GetReference(values[column..]), ref target,
            outputs, adds: true);
        Lines<TSimd, TVector>(ref Unsafe.Add(ref first, whole), pitch, width - whole, ref factors, rows,
            ref MemoryMarshal.GetReference(end), ref Unsafe.Add(ref target, (nint)whole * outputs), outputs, adds: true);
    }

    /// <summary>Lines in order, since a vector's overrun is overwritten by the next line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lines<TSimd, TVector>(ref float inputs, int pitch, int count, ref float factors, int rows, ref float values,
        ref float sums, int outputs, bool adds)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var zero = TSimd.Fill(0);
        var line = TSimd.Load(ref factors);
        for (nint k = 0; k < count; k++)
        {
            var sum = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref inputs, k)), line, adds ? TSimd.Load(ref values) : zero);
            for (nint r = 1; r < rows; r++)
            {
                sum = TSimd.MultiplyAdd(TSimd.Fill(Unsafe.Add(ref inputs, (r * pitch) + k)),
                    TSimd.Load(ref Unsafe.Add(ref factors, r * Vectors.Lanes)), sum);
            }

            TSimd.Store(sum, ref sums);
            values = ref Unsafe.Add(ref values, outputs);
            sums = ref Unsafe.Add(ref sums, outputs);
        }
    }
}

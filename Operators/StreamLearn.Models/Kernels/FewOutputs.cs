using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Dense sums for too few outputs to fill vectors. Reads weights in place, with some lanes idle.</summary>
/// <remarks>An output's sum runs in four chains over inputs k, k+4, k+8, …, added as (0+1)+(2+3), then the bias. Four rows share weight
/// loads. Weights at the end, where a vector would overrun, are copied to memory padded with zeros.</remarks>
internal static class FewOutputs
{
    /// <summary>From this number of outputs on, vectors run across outputs, and the sum is one chain.</summary>
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

        for (var column = 0; column < bias.Length;)
        {
            var left = bias.Length - column;
            if (left > Vector512<float>.Count && Vector512.IsHardwareAccelerated)
            {
                column += Columns<Simd512, Vector512<float>, Two, Two>(inputs, rows, weights, bias, outputs, column);
            }
            else if (left > Vector256<float>.Count && Vector512.IsHardwareAccelerated)
            {
                column += Columns<Simd512, Vector512<float>, Four, One>(inputs, rows, weights, bias, outputs, column);
            }
            else if (left > Vector128<float>.Count && Vector256.IsHardwareAccelerated)
            {
                column += Columns<Simd256, Vector256<float>, Four, One>(inputs, rows, weights, bias, outputs, column);
            }
            else { column += Columns<Simd128, Vector128<float>, Four, One>(inputs, rows, weights, bias, outputs, column); }
        }
    }

    /// <summary>Computes values [width, outputs] (empty: zeros) + Σ over rows of inputs · gradients, in row order. sums needs space for a
    /// vector after them.</summary>
    internal static void Outer(ReadOnlySpan<float> inputs, int pitch, int width, ReadOnlySpan<float> gradients, int outputs,
        ReadOnlySpan<float> values, Span<float> sums)
    {
        Outer(inputs, pitch, width, gradients, outputs, values, sums, 0);
    }

    /// <summary>Computes the last columns first, because the next line overwrites what a vector writes beyond its end.</summary>
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

    /// <summary>One vector of outputs, or all outputs in two vectors that overlap.</summary>
    private static int Columns<TSimd, TVector, TRows, TVectors>(ReadOnlySpan<float> inputs, int rows, ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias, Span<float> outputs, int column)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        var (width, pitch, lanes) = (inputs.Length / rows, bias.Length, TSimd.Lanes);
        var length = TVectors.Count * Chains * lanes;
        var room = weights.Length - column - (TVectors.Count == 1 ? lanes : pitch);
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
            var some = rows - r >= TRows.Count ? TRows.Count : 1;
            ref var values = ref MemoryMarshal.GetReference(inputs[(r * width)..]);
            for (var i = 0; i < some; i++) { inputs[(((r + i) * width) + whole)..((r + i + 1) * width)].CopyTo(rest[(i * Rest)..]); }
            chains[..(some * length)].Clear();
            if (some == TRows.Count)
            {
                Add<TSimd, TVector, TRows, TVectors>(ref values, width, ref first, pitch, whole, ref sums);
                Add<TSimd, TVector, TRows, TVectors>(ref MemoryMarshal.GetReference(rest), Rest, ref last, pitch, width - whole, ref sums);
            }
            else
            {
                Add<TSimd, TVector, One, TVectors>(ref values, width, ref first, pitch, whole, ref sums);
                Add<TSimd, TVector, One, TVectors>(ref MemoryMarshal.GetReference(rest), Rest, ref last, pitch, width - whole, ref sums);
            }

            for (var i = 0; i < some; i++)
            {
                var row = chains.Slice(i * length, length);
                var line = outputs.Slice((r + i) * pitch, pitch);
                Finish(row[..(Chains * lanes)], bias, line, column);
                if (TVectors.Count > 1) { Finish(row[(Chains * lanes)..], bias, line, pitch - lanes); }
            }

            r += some;
        }

        return TVectors.Count * lanes;
    }

    /// <summary>Computes (0+1)+(2+3), then adds the bias.</summary>
    internal static void Finish(ReadOnlySpan<float> chains, ReadOnlySpan<float> bias, Span<float> outputs, int column)
    {
        var lanes = chains.Length / Chains;
        for (var i = 0; i < Math.Min(lanes, outputs.Length - column); i++)
        {
            outputs[column + i] = (chains[i] + chains[lanes + i]) + (chains[(2 * lanes) + i] + chains[(3 * lanes) + i]) + bias[column + i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // no calls: sums must stay in registers
    private static void Add<TSimd, TVector, TRows, TVectors>(ref float a, nint next, ref float line, int pitch, nint count,
        ref float chains)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        ref var b = ref Unsafe.Add(ref a, next);
        ref var c = ref Unsafe.Add(ref b, next);
        ref var d = ref Unsafe.Add(ref c, next);
        var sums0 = Chain<TSimd, TVector, TRows, TVectors>.Load(ref chains);
        var sums1 = Chain<TSimd, TVector, TRows, TVectors>.Load(ref Unsafe.Add(ref chains, TSimd.Lanes));
        var sums2 = Chain<TSimd, TVector, TRows, TVectors>.Load(ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        var sums3 = Chain<TSimd, TVector, TRows, TVectors>.Load(ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
        for (nint k = 0; k < count; k += Chains)
        {
            sums0.Add(ref a, ref b, ref c, ref d, k, ref line, pitch);
            line = ref Unsafe.Add(ref line, pitch);
            sums1.Add(ref a, ref b, ref c, ref d, k + 1, ref line, pitch);
            line = ref Unsafe.Add(ref line, pitch);
            sums2.Add(ref a, ref b, ref c, ref d, k + 2, ref line, pitch);
            line = ref Unsafe.Add(ref line, pitch);
            sums3.Add(ref a, ref b, ref c, ref d, k + 3, ref line, pitch);
            line = ref Unsafe.Add(ref line, pitch);
        }

        sums0.Store(ref chains);
        sums1.Store(ref Unsafe.Add(ref chains, TSimd.Lanes));
        sums2.Store(ref Unsafe.Add(ref chains, 2 * TSimd.Lanes));
        sums3.Store(ref Unsafe.Add(ref chains, 3 * TSimd.Lanes));
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

    /// <summary>Processes lines in order, because the next line overwrites what a vector writes beyond its end.</summary>
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

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal abstract class ByteProduct
{
    internal abstract string Name { get; }

    internal abstract int InputBytes { get; }

    /// <summary>Outputs, padded to whole vectors.</summary>
    internal int Pitch { get; private protected init; }

    /// <summary>Bytes read after the last input.</summary>
    internal const int Slack = 4;

    /// <summary>Σ input offset · weights per output, which is added to the bias once.</summary>
    internal int[] Corrections { get; private protected init; } = [];

    internal abstract void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid);

    /// <summary>Computes one <see cref="Pitch"/> of sums per window. Windows are <paramref name="apart"/> inputs apart, and the lines of a
    /// window
    /// <paramref name="linePitch"/>.</summary>
    internal abstract void Sums(ReadOnlySpan<byte> laid, int apart, int linePitch, Span<int> sums);

    /// <summary>The best for this machine. <paramref name="isShared"/>: true: many windows use the weights, so they may use more
    /// memory.</summary>
    internal static ByteProduct Of(ReadOnlySpan<sbyte> weights, int lines, int width, int outputs, bool isShared = false) =>
        !isShared || Fours256.IsSupported ? All(weights, lines, width, outputs)[0]
            : Pairs512<Two>.IsSupported ? new ByteProduct<Pairs512<Two>, Vector512<short>>(weights, lines, width, outputs)
            : Pairs256<Two>.IsSupported ? new ByteProduct<Pairs256<Two>, Vector256<short>>(weights, lines, width, outputs)
            : All(weights, lines, width, outputs)[0];

    internal static List<ByteProduct> All(ReadOnlySpan<sbyte> weights, int lines, int width, int outputs)
    {
        List<ByteProduct> all = [];
        if (Fours256.IsSupported) { all.Add(new ByteProduct<Fours256, Vector256<sbyte>>(weights, lines, width, outputs)); }
        if (Pairs512<One>.IsSupported) { all.Add(new ByteProduct<Pairs512<One>, Vector512<short>>(weights, lines, width, outputs)); }
        if (Pairs512<Two>.IsSupported) { all.Add(new ByteProduct<Pairs512<Two>, Vector512<short>>(weights, lines, width, outputs)); }
        if (Pairs256<One>.IsSupported) { all.Add(new ByteProduct<Pairs256<One>, Vector256<short>>(weights, lines, width, outputs)); }
        if (Pairs256<Two>.IsSupported) { all.Add(new ByteProduct<Pairs256<Two>, Vector256<short>>(weights, lines, width, outputs)); }
        all.Add(new ByteProduct<Fours128, Vector128<sbyte>>(weights, lines, width, outputs));
        return all;
    }
}

/// <summary>Computes four windows by two output vectors at a time.</summary>
/// <remarks>Weights are stored as [pairs of vectors, lines, groups, outputs of the pair, inputs of a group], padded with zeros.</remarks>
internal sealed class ByteProduct<TDot, TVector> : ByteProduct
    where TDot : struct, IByteDot<TVector>
    where TVector : struct
{
    private readonly sbyte[] _weights;
    private readonly int _lines;
    private readonly int _groups;

    internal ByteProduct(ReadOnlySpan<sbyte> weights, int lines, int width, int outputs)
    {
        var (pair, group) = (2 * TDot.Lanes, TDot.Group);
        (_lines, _groups, Pitch) = (lines, (width + group - 1) / group, (outputs + pair - 1) / pair * pair);
        (_weights, Corrections) = (new sbyte[Pitch * lines * _groups * group * TDot.WeightBytes], new int[outputs]);
        for (var i = 0; i < lines * width; i++)
        {
            var (line, at) = (i / width, i % width);
            for (var o = 0; o < outputs; o++)
            {
                var weight = weights[(i * outputs) + o];
                var place = ((((o / pair * lines) + line) * _groups) + (at / group)) * pair;
                var index = (((place + (o % pair)) * group) + (at % group)) * TDot.WeightBytes;
                _weights[index] = weight;
                if (TDot.WeightBytes == 2) { _weights[index + 1] = (sbyte)(weight >> 7); }       // sign extension
                Corrections[o] += TDot.Offset * weight;
            }
        }
    }

    internal override string Name => TDot.Name;

    internal override int InputBytes => 4 / TDot.Group;

    internal override void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid) => TDot.LayOut(inputs, laid);

    internal override void Sums(ReadOnlySpan<byte> laid, int apart, int linePitch, Span<int> sums)
    {
        var windows = sums.Length / Pitch;
        var (step, line) = (apart * InputBytes, linePitch * InputBytes);
        var last = ((windows - 1) * step) + ((_lines - 1) * line) + (4 * _groups);
        if (windows < 1 || laid.Length < last) { throw new ArgumentException($"expected {last} bytes, got {laid.Length}"); }
        ref var inputs = ref MemoryMarshal.GetReference(laid);
        ref var to = ref MemoryMarshal.GetReference(sums);
        var panel = 2 * TDot.Lanes * _lines * _groups * TDot.Group * TDot.WeightBytes;
        for (var (at, from) = (0, 0); at < Pitch; at += 2 * TDot.Lanes, from += panel)
        {
            ref var weights = ref _weights[from];
            var window = 0;
            for (; window + 4 <= windows; window += 4)
            {
                Four(ref Unsafe.Add(ref inputs, window * step), step, line, ref weights, ref Unsafe.Add(ref to, (window * Pitch) + at));
            }

            for (; window < windows; window++)
            {
                One(ref Unsafe.Add(ref inputs, window * step), line, ref weights, ref Unsafe.Add(ref to, (window * Pitch) + at));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // so that the first windows are not slower
    private void Four(ref byte inputs, nint step, nint linePitch, ref sbyte weights, ref int sums)
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        var (lines, groups) = (_lines, _groups);
        for (var l = 0; l < lines; l++, inputs = ref Unsafe.Add(ref inputs, linePitch))
        {
            ref var x = ref inputs;
            for (var g = 0; g < groups; g++)
            {
                var w0 = TDot.Load(ref weights);
                var w1 = TDot.Load(ref Unsafe.Add(ref weights, TDot.Lanes * TDot.Group * TDot.WeightBytes));
                var x0 = TDot.Broadcast(ref x);
                (a0, b0) = (TDot.Add(a0, x0, w0), TDot.Add(b0, x0, w1));
                var x1 = TDot.Broadcast(ref Unsafe.Add(ref x, step));
                (a1, b1) = (TDot.Add(a1, x1, w0), TDot.Add(b1, x1, w1));
                var x2 = TDot.Broadcast(ref Unsafe.Add(ref x, 2 * step));
                (a2, b2) = (TDot.Add(a2, x2, w0), TDot.Add(b2, x2, w1));
                var x3 = TDot.Broadcast(ref Unsafe.Add(ref x, 3 * step));
                (a3, b3) = (TDot.Add(a3, x3, w0), TDot.Add(b3, x3, w1));
                x = ref Unsafe.Add(ref x, 4);
                weights = ref Unsafe.Add(ref weights, 2 * TDot.Lanes * TDot.Group * TDot.WeightBytes);
            }
        }

        Store(a0, b0, ref sums);
        Store(a1, b1, ref Unsafe.Add(ref sums, Pitch));
        Store(a2, b2, ref Unsafe.Add(ref sums, 2 * Pitch));
        Store(a3, b3, ref Unsafe.Add(ref sums, 3 * Pitch));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void One(ref byte inputs, nint linePitch, ref sbyte weights, ref int sums)
    {
        TVector a = default, b = default;
        var (lines, groups) = (_lines, _groups);
        for (var l = 0; l < lines; l++, inputs = ref Unsafe.Add(ref inputs, linePitch))
        {
            ref var x = ref inputs;
            for (var g = 0; g < groups; g++)
            {
                var x0 = TDot.Broadcast(ref x);
                a = TDot.Add(a, x0, TDot.Load(ref weights));
                b = TDot.Add(b, x0, TDot.Load(ref Unsafe.Add(ref weights, TDot.Lanes * TDot.Group * TDot.WeightBytes)));
                x = ref Unsafe.Add(ref x, 4);
                weights = ref Unsafe.Add(ref weights, 2 * TDot.Lanes * TDot.Group * TDot.WeightBytes);
            }
        }

        Store(a, b, ref sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, ref int to)
    {
        TDot.Store(first, ref to);
        TDot.Store(second, ref Unsafe.Add(ref to, TDot.Lanes));
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Discrete Fourier transform of a power-of-two length: Σⱼ zⱼ e^(−2πi jk/n).</summary>
/// <remarks>It writes butterflies in runs of 1, 2, 4 …, so that results end in order and only the first stages shuffle within vectors.
/// Cost: n/2 butterflies in each of log₂ n stages, no allocation. Source: Stockham (1966); Van Loan (1992), algorithm 1.7.</remarks>
internal sealed class ComplexFourier
{
    private readonly int _half;
    private readonly double[] _cos;     // factors of stages with runs shorter than a vector, n/2 per stage
    private readonly double[] _sin;
    private double[] _re;
    private double[] _im;
    private double[] _otherRe;
    private double[] _otherIm;

    internal ComplexFourier(int size)
    {
        (Size, _half) = (size, size / 2);
        var tables = Math.Max(1, Math.Min(3, System.Numerics.BitOperations.Log2((uint)size)));
        (_cos, _sin) = (new double[tables * _half], new double[tables * _half]);
        for (var i = 0; i < _cos.Length; i++)
        {
            var run = 1 << (i / _half);
            var angle = i % _half / run * run;
            (_sin[i], _cos[i]) = Math.SinCos(-2 * Math.PI * angle / size);
        }

        (_re, _im, _otherRe, _otherIm) = (new double[size + 1], new double[size + 1], new double[size + 1], new double[size + 1]);
    }

    internal int Size { get; }

    internal Span<double> Re => _re.AsSpan(0, Size);

    internal Span<double> Im => _im.AsSpan(0, Size);

    internal Span<double> ReAround(int count)
    {
        _re[count] = _re[0];
        return _re.AsSpan(0, count + 1);
    }

    internal Span<double> ImAround(int count)
    {
        _im[count] = _im[0];
        return _im.AsSpan(0, count + 1);
    }

    internal void Transform() => Transform(ref _re, ref _im, ref _otherRe, ref _otherIm);

    /// <summary>Computes the unscaled inverse, Σⱼ zⱼ e^(+2πi jk/n), as the transform with real and imaginary parts swapped.</summary>
    internal void TransformBack() => Transform(ref _im, ref _re, ref _otherIm, ref _otherRe);

    private void Transform(ref double[] re, ref double[] im, ref double[] otherRe, ref double[] otherIm)
    {
        var (fromRe, fromIm, toRe, toIm) = (re, im, otherRe, otherIm);
        for (var run = 1; run < Size; run *= 2)
        {
            if (_half >= FourierLanes512.Lanes && Vector512.IsHardwareAccelerated)
            {
                Stage<FourierLanes512, Vector512<double>>(fromRe, fromIm, toRe, toIm, run);
            }
            else if (_half >= FourierLanes256.Lanes && Vector256.IsHardwareAccelerated)
            {
                Stage<FourierLanes256, Vector256<double>>(fromRe, fromIm, toRe, toIm, run);
            }
            else { Stage<FourierLanes64, double>(fromRe, fromIm, toRe, toIm, run); }

            (fromRe, fromIm, toRe, toIm) = (toRe, toIm, fromRe, fromIm);
        }

        if (fromRe != re) { (re, im, otherRe, otherIm) = (fromRe, fromIm, toRe, toIm); }
    }

    private void Stage<TLanes, TVector>(
        ReadOnlySpan<double> re, ReadOnlySpan<double> im, Span<double> toRe, Span<double> toIm, int run)
        where TLanes : struct, IFourierLanes<TVector>
        where TVector : struct
    {
        ref var fromRe = ref MemoryMarshal.GetReference(re);
        ref var fromIm = ref MemoryMarshal.GetReference(im);
        ref var sumRe = ref MemoryMarshal.GetReference(toRe);
        ref var sumIm = ref MemoryMarshal.GetReference(toIm);
        if (run < TLanes.Lanes)
        {
            var table = System.Numerics.BitOperations.Log2((uint)run) * _half;
            Butterflies.Shuffled<TLanes, TVector>(
                ref fromRe, ref fromIm, ref sumRe, ref sumIm, ref _cos[table], ref _sin[table], _half, run);
        }
        else { Butterflies.InRuns<TLanes, TVector>(ref fromRe, ref fromIm, ref sumRe, ref sumIm, ref _cos[0], ref _sin[0], _half, run); }
    }
}

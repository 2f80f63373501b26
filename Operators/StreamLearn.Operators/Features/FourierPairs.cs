using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Packs pairs of real values into complex ones, and unpacks their transform.</summary>
internal static class FourierPairs
{
    internal static void Take(ReadOnlySpan<double> signal, Span<double> re, Span<double> im)
    {
        ref var from = ref MemoryMarshal.GetReference(signal);
        ref var toRe = ref MemoryMarshal.GetReference(re);
        ref var toIm = ref MemoryMarshal.GetReference(im);
        nint done = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            done = Take<FourierLanes512, Vector512<double>>(ref from, ref toRe, ref toIm, 0, re.Length);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            done = Take<FourierLanes256, Vector256<double>>(ref from, ref toRe, ref toIm, 0, re.Length);
        }

        Take<FourierLanes64, double>(ref from, ref toRe, ref toIm, done, re.Length);
    }

    /// <summary>Computes |Xₖ|², k = 0 … n/2, from a transform of n/2 numbers with the first repeated.</summary>
    internal static void Squares(
        ReadOnlySpan<double> re, ReadOnlySpan<double> im, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin, Span<double> squares)
    {
        var bins = new Bins(re, im, cos, sin, squares);
        nint done = 0;
        if (Vector512.IsHardwareAccelerated) { done = Squares<FourierLanes512, Vector512<double>>(bins, 0, re.Length); }
        else if (Vector256.IsHardwareAccelerated) { done = Squares<FourierLanes256, Vector256<double>>(bins, 0, re.Length); }

        Squares<FourierLanes64, double>(bins, done, re.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Take<TLanes, TVector>(ref double from, ref double re, ref double im, nint done, nint count)
        where TLanes : struct, IFourierLanes<TVector>
        where TVector : struct
    {
        for (; done + TLanes.Lanes <= count; done += TLanes.Lanes)
        {
            var (even, odd) = TLanes.Deinterleave(
                TLanes.Load(ref Unsafe.Add(ref from, 2 * done)), TLanes.Load(ref Unsafe.Add(ref from, (2 * done) + TLanes.Lanes)));
            TLanes.Store(even, ref Unsafe.Add(ref re, done));
            TLanes.Store(odd, ref Unsafe.Add(ref im, done));
        }

        return done;
    }

    /// <summary>Bins k and their mirror images n/2 − k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Squares<TLanes, TVector>(in Bins bins, nint k, nint count)
        where TLanes : struct, IFourierLanes<TVector>
        where TVector : struct
    {
        var half = TLanes.Fill(0.5);
        ref var re = ref bins.Re;
        ref var im = ref bins.Im;
        for (; k + TLanes.Lanes <= count; k += TLanes.Lanes)
        {
            var mirror = count - k - TLanes.Lanes;
            var (aRe, aIm) = (TLanes.Load(ref Unsafe.Add(ref re, k)), TLanes.Load(ref Unsafe.Add(ref im, k)));
            var bRe = TLanes.Reverse(TLanes.Load(ref Unsafe.Add(ref re, mirror)));
            var bIm = TLanes.Reverse(TLanes.Load(ref Unsafe.Add(ref im, mirror)));
            var (oddRe, oddIm) = (TLanes.Add(aIm, bIm), TLanes.Subtract(bRe, aRe));
            var (c, s) = (TLanes.Load(ref Unsafe.Add(ref bins.Cos, k)), TLanes.Load(ref Unsafe.Add(ref bins.Sin, k)));
            var turnedRe = TLanes.Subtract(TLanes.Multiply(oddRe, c), TLanes.Multiply(oddIm, s));
            var turnedIm = TLanes.Add(TLanes.Multiply(oddRe, s), TLanes.Multiply(oddIm, c));
            var xRe = TLanes.Multiply(half, TLanes.Add(TLanes.Add(aRe, bRe), turnedRe));
            var xIm = TLanes.Multiply(half, TLanes.Add(TLanes.Subtract(aIm, bIm), turnedIm));
            TLanes.Store(TLanes.Add(TLanes.Multiply(xRe, xRe), TLanes.Multiply(xIm, xIm)), ref Unsafe.Add(ref bins.Squares, k));
        }

        return k;
    }

    private readonly ref struct Bins(
        ReadOnlySpan<double> re, ReadOnlySpan<double> im, ReadOnlySpan<double> cos, ReadOnlySpan<double> sin, Span<double> squares)
    {
        internal readonly ref double Re = ref MemoryMarshal.GetReference(re);
        internal readonly ref double Im = ref MemoryMarshal.GetReference(im);
        internal readonly ref double Cos = ref MemoryMarshal.GetReference(cos);
        internal readonly ref double Sin = ref MemoryMarshal.GetReference(sin);
        internal readonly ref double Squares = ref MemoryMarshal.GetReference(squares);
    }
}

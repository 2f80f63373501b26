using System.Runtime.CompilerServices;

namespace StreamLearn.Operators;

/// <summary>A stage of the Fourier transform: a + b and (a − b)·w, for a from the first half and b from the second.</summary>
internal static class Butterflies
{
    /// <summary>Processes runs of at least a vector, with one factor per vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void InRuns<TLanes, TVector>(ref double re, ref double im, ref double toRe, ref double toIm, ref double cos,
        ref double sin, nint half, nint run)
        where TLanes : struct, IFourierLanes<TVector>
        where TVector : struct
    {
        for (nint from = 0; from < half; from += run)
        {
            var (c, s) = (TLanes.Fill(Unsafe.Add(ref cos, from)), TLanes.Fill(Unsafe.Add(ref sin, from)));
            for (var j = from; j < from + run; j += TLanes.Lanes)
            {
                var (aRe, aIm) = (TLanes.Load(ref Unsafe.Add(ref re, j)), TLanes.Load(ref Unsafe.Add(ref im, j)));
                var (bRe, bIm) = (TLanes.Load(ref Unsafe.Add(ref re, half + j)), TLanes.Load(ref Unsafe.Add(ref im, half + j)));
                TLanes.Store(TLanes.Add(aRe, bRe), ref Unsafe.Add(ref toRe, from + j));
                TLanes.Store(TLanes.Add(aIm, bIm), ref Unsafe.Add(ref toIm, from + j));
                var (dRe, dIm) = (TLanes.Subtract(aRe, bRe), TLanes.Subtract(aIm, bIm));
                TLanes.Store(TLanes.Subtract(TLanes.Multiply(dRe, c), TLanes.Multiply(dIm, s)), ref Unsafe.Add(ref toRe, from + j + run));
                TLanes.Store(TLanes.Add(TLanes.Multiply(dRe, s), TLanes.Multiply(dIm, c)), ref Unsafe.Add(ref toIm, from + j + run));
            }
        }
    }

    /// <summary>Processes runs shorter than a vector, with a factor per number, and sums and products interleaved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Shuffled<TLanes, TVector>(ref double re, ref double im, ref double toRe, ref double toIm, ref double cos,
        ref double sin, nint half, int run)
        where TLanes : struct, IFourierLanes<TVector>
        where TVector : struct
    {
        for (nint j = 0; j < half; j += TLanes.Lanes)
        {
            var (aRe, aIm) = (TLanes.Load(ref Unsafe.Add(ref re, j)), TLanes.Load(ref Unsafe.Add(ref im, j)));
            var (bRe, bIm) = (TLanes.Load(ref Unsafe.Add(ref re, half + j)), TLanes.Load(ref Unsafe.Add(ref im, half + j)));
            var (c, s) = (TLanes.Load(ref Unsafe.Add(ref cos, j)), TLanes.Load(ref Unsafe.Add(ref sin, j)));
            var (dRe, dIm) = (TLanes.Subtract(aRe, bRe), TLanes.Subtract(aIm, bIm));
            var productRe = TLanes.Subtract(TLanes.Multiply(dRe, c), TLanes.Multiply(dIm, s));
            var productIm = TLanes.Add(TLanes.Multiply(dRe, s), TLanes.Multiply(dIm, c));
            var (firstRe, secondRe) = TLanes.Interleave(TLanes.Add(aRe, bRe), productRe, run);
            var (firstIm, secondIm) = TLanes.Interleave(TLanes.Add(aIm, bIm), productIm, run);
            TLanes.Store(firstRe, ref Unsafe.Add(ref toRe, 2 * j));
            TLanes.Store(secondRe, ref Unsafe.Add(ref toRe, (2 * j) + TLanes.Lanes));
            TLanes.Store(firstIm, ref Unsafe.Add(ref toIm, 2 * j));
            TLanes.Store(secondIm, ref Unsafe.Add(ref toIm, (2 * j) + TLanes.Lanes));
        }
    }
}

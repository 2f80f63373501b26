using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Benchmarks;

/// <summary>What the processor can do at most: multiply-adds on registers alone.</summary>
internal static class FmaPeak
{
    private const int Chains = 12;      // as many as hide the latency of two units
    private const long Turns = 4_000_000;
    private static float _kept;         // so that the loops are not left out

    /// <summary>Billions of operations per processor second of one thread, two for a multiply-add: the best of some.</summary>
    internal static double Measure()
    {
        var best = 0.0;
        for (var i = 0; i < 5; i++) { best = Math.Max(best, Measurement.PerProcessorSecond(Run).Value); }
        return best / 1e9;
    }

    /// <summary>What two threads at once do by the clock over what one does: 2 at most.</summary>
    internal static double TwoThreads()
    {
        var (one, two) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < 5; i++)
        {
            one = Math.Min(one, Measurement.Seconds(() => Run()).Value);
            two = Math.Min(two, Measurement.Seconds(() => Parallel.Invoke(() => Run(), () => Run())).Value);
        }
        return 2 * one / two;
    }

    internal static Sample Case()
    {
        var peak = Measure();
        return new(peak, peak, double.NaN) { Details = new Dictionary<string, double> { ["two_threads"] = TwoThreads() } };
    }

    private static double Run()
    {
        _kept = Vector512.IsHardwareAccelerated ? Run512(Turns) : Vector256.IsHardwareAccelerated ? Run256(Turns) : Run128(Turns);
        var lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        return 2.0 * lanes * Chains * Turns;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run512(long turns)
    {
        var (m, s) = (Vector512.Create(0.999f), Vector512.Create(0.5f));
        Vector512<float> a = s, b = s, c = s, d = s, e = s, f = s, g = s, h = s, i = s, j = s, k = s, l = s;
        for (long t = 0; t < turns; t++)
        {
            a = Vector512.FusedMultiplyAdd(a, m, s);
            b = Vector512.FusedMultiplyAdd(b, m, s);
            c = Vector512.FusedMultiplyAdd(c, m, s);
            d = Vector512.FusedMultiplyAdd(d, m, s);
            e = Vector512.FusedMultiplyAdd(e, m, s);
            f = Vector512.FusedMultiplyAdd(f, m, s);
            g = Vector512.FusedMultiplyAdd(g, m, s);
            h = Vector512.FusedMultiplyAdd(h, m, s);
            i = Vector512.FusedMultiplyAdd(i, m, s);
            j = Vector512.FusedMultiplyAdd(j, m, s);
            k = Vector512.FusedMultiplyAdd(k, m, s);
            l = Vector512.FusedMultiplyAdd(l, m, s);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run256(long turns)
    {
        var (m, s) = (Vector256.Create(0.999f), Vector256.Create(0.5f));
        Vector256<float> a = s, b = s, c = s, d = s, e = s, f = s, g = s, h = s, i = s, j = s, k = s, l = s;
        for (long t = 0; t < turns; t++)
        {
            a = Vector256.FusedMultiplyAdd(a, m, s);
            b = Vector256.FusedMultiplyAdd(b, m, s);
            c = Vector256.FusedMultiplyAdd(c, m, s);
            d = Vector256.FusedMultiplyAdd(d, m, s);
            e = Vector256.FusedMultiplyAdd(e, m, s);
            f = Vector256.FusedMultiplyAdd(f, m, s);
            g = Vector256.FusedMultiplyAdd(g, m, s);
            h = Vector256.FusedMultiplyAdd(h, m, s);
            i = Vector256.FusedMultiplyAdd(i, m, s);
            j = Vector256.FusedMultiplyAdd(j, m, s);
            k = Vector256.FusedMultiplyAdd(k, m, s);
            l = Vector256.FusedMultiplyAdd(l, m, s);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run128(long turns)
    {
        var (m, s) = (Vector128.Create(0.999f), Vector128.Create(0.5f));
        Vector128<float> a = s, b = s, c = s, d = s, e = s, f = s, g = s, h = s, i = s, j = s, k = s, l = s;
        for (long t = 0; t < turns; t++)
        {
            a = Vector128.FusedMultiplyAdd(a, m, s);
            b = Vector128.FusedMultiplyAdd(b, m, s);
            c = Vector128.FusedMultiplyAdd(c, m, s);
            d = Vector128.FusedMultiplyAdd(d, m, s);
            e = Vector128.FusedMultiplyAdd(e, m, s);
            f = Vector128.FusedMultiplyAdd(f, m, s);
            g = Vector128.FusedMultiplyAdd(g, m, s);
            h = Vector128.FusedMultiplyAdd(h, m, s);
            i = Vector128.FusedMultiplyAdd(i, m, s);
            j = Vector128.FusedMultiplyAdd(j, m, s);
            k = Vector128.FusedMultiplyAdd(k, m, s);
            l = Vector128.FusedMultiplyAdd(l, m, s);
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}

using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Sums over a signal in float64.</summary>
/// <remarks>Signals are zero-padded to lines of eight values and <see cref="Padding"/> more. Value i is added in lane i mod 8; lanes as
/// ((0+4)+(2+6))+((1+5)+(3+7)). Products are rounded first, so bits do not depend on the vector width.</remarks>
internal static class SignalSums
{
    internal const int Lanes = 8;

    /// <summary>Zeros after the last line, for reading ahead.</summary>
    internal const int Padding = 16;

    internal static int Lines(int count) => (count + Lanes - 1) & -Lanes;

    /// <summary>Copies and pads with zeros; the target has <c>Lines(values) + Padding</c> values.</summary>
    internal static void Widen(ReadOnlySpan<float> values, Span<double> target)
    {
        TensorPrimitives.ConvertTruncating(values, target);
        target[values.Length..].Clear();
    }

    internal static double Sum(ReadOnlySpan<double> lines)
    {
        var sum = Vector512<double>.Zero;
        foreach (var line in Vectors(lines)) { sum += line; }
        return Total(sum);
    }

    internal static double Magnitudes(ReadOnlySpan<double> lines)
    {
        var sum = Vector512<double>.Zero;
        foreach (var line in Vectors(lines)) { sum += Vector512.Abs(line); }
        return Total(sum);
    }

    /// <summary>Computes x − mean → target, padded with zeros after <paramref name="count"/>.</summary>
    internal static void Center(ReadOnlySpan<double> lines, int count, double mean, Span<double> target)
    {
        var from = Vectors(lines);
        var to = MemoryMarshal.Cast<double, Vector512<double>>(target);
        var means = Vector512.Create(mean);
        for (var i = 0; i < from.Length; i++) { to[i] = from[i] - means; }
        target[count..].Clear();
    }

    internal static double Product(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var left = Vectors(a);
        var right = Vectors(b);
        var sum = Vector512<double>.Zero;
        for (var i = 0; i < left.Length; i++) { sum += left[i] * right[i]; }
        return Total(sum);
    }

    internal static (double Cubes, double Fourths) Powers(ReadOnlySpan<double> lines)
    {
        var (cubes, fourths) = (Vector512<double>.Zero, Vector512<double>.Zero);
        foreach (var line in Vectors(lines))
        {
            var square = line * line;
            cubes += square * line;
            fourths += square * square;
        }

        return (Total(cubes), Total(fourths));
    }

    /// <summary>Returns the number of pairs of neighbors of which exactly one is below 0.</summary>
    internal static int Crossings(ReadOnlySpan<double> padded, int count)
    {
        ref var first = ref MemoryMarshal.GetReference(padded);
        var crossings = Vector512<long>.Zero;
        for (nuint at = 0; at < (nuint)Lines(count); at += Lanes)
        {
            var here = Vector512.LessThan(Vector512.LoadUnsafe(ref first, at), Vector512<double>.Zero);
            var next = Vector512.LessThan(Vector512.LoadUnsafe(ref first, at + 1), Vector512<double>.Zero);
            crossings -= (here ^ next).AsInt64();
        }

        return (int)Vector512.Sum(crossings) - (count > 0 && padded[count - 1] < 0 ? 1 : 0);      // excludes the crossing to the padding
    }

    /// <summary>Returns Σ(e − ē)² of the differences e between neighbors.</summary>
    internal static double Differences(ReadOnlySpan<double> padded, int count)
    {
        if (count < 2) { return 0; }
        ref var first = ref MemoryMarshal.GetReference(padded);
        var mean = (padded[count - 1] - padded[0]) / (count - 1);
        var (means, lanes, at) = (Vector512.Create(mean), Vector512<double>.Zero, 0);
        for (; at + Lanes < count; at += Lanes)
        {
            var difference = Vector512.LoadUnsafe(ref first, (nuint)at + 1) - Vector512.LoadUnsafe(ref first, (nuint)at) - means;
            lanes += difference * difference;
        }

        var sum = Total(lanes);
        for (; at + 1 < count; at++)
        {
            var difference = padded[at + 1] - padded[at] - mean;
            sum += difference * difference;
        }

        return sum;
    }

    /// <summary>Computes Σdᵢdᵢ₊ₖ for four lags, each in its own lanes.</summary>
    internal static void Lagged(ReadOnlySpan<double> padded, int count, int lag, Span<double> four)
    {
        ref var first = ref MemoryMarshal.GetReference(padded);
        ref var later = ref Unsafe.Add(ref first, lag);
        var (sum0, sum1, sum2, sum3) = (Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero);
        for (nuint at = 0; (int)at < count - lag; at += Lanes)
        {
            var line = Vector512.LoadUnsafe(ref first, at);
            sum0 += line * Vector512.LoadUnsafe(ref later, at);
            sum1 += line * Vector512.LoadUnsafe(ref later, at + 1);
            sum2 += line * Vector512.LoadUnsafe(ref later, at + 2);
            sum3 += line * Vector512.LoadUnsafe(ref later, at + 3);
        }

        (four[0], four[1], four[2], four[3]) = (Total(sum0), Total(sum1), Total(sum2), Total(sum3));
    }

    /// <summary>Adds lanes as ((0+4)+(2+6))+((1+5)+(3+7)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Total(Vector512<double> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ReadOnlySpan<Vector512<double>> Vectors(ReadOnlySpan<double> lines) =>
        MemoryMarshal.Cast<double, Vector512<double>>(lines);
}

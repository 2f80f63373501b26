using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Learning;

/// <summary>Finds the values with the greatest magnitudes.</summary>
/// <remarks>It compares bits: NaN is greater than ∞.</remarks>
internal static class Greatest
{
    private const int SampleLength = 4096, MinSpare = 1024;
    private const int Magnitude = int.MaxValue;         // all bits but the sign

    /// <summary>Finds the positions of the largest values, ascending, at most <paramref name="count"/>; fewer if others are 0.</summary>
    internal static int Of(ReadOnlySpan<float> values, int count, Span<int> places)
    {
        if (count == 0) { return 0; }
        var bits = MemoryMarshal.Cast<float, int>(values);
        var space = ArrayPool<long>.Shared.Rent(2 * ((4 * Math.Min(count, values.Length / 4)) + MinSpare + count));
        var half = space.Length / 2;
        var keys = space.AsSpan(0, half);
        var scratch = space.AsSpan(half, half);
        var threshold = Threshold(bits, count);
        var found = Gather(bits, threshold, count, keys, scratch);
        if (found < count && threshold > 1) { found = Gather(bits, 1, count, keys, scratch); }       // the sample was not representative
        found = Keep(keys[..found], count, scratch);
        for (var i = 0; i < found; i++) { places[i] = PlaceOf(keys[i]); }
        ArrayPool<long>.Shared.Return(space);
        return found;
    }

    /// <summary>Estimates from a sample a magnitude that slightly more values than requested reach.</summary>
    private static int Threshold(ReadOnlySpan<int> bits, int count)
    {
        if (bits.Length <= SampleLength) { return 1; }
        Span<int> sample = stackalloc int[SampleLength];
        var (stretch, mix) = (bits.Length / SampleLength, 0x9E3779B9u);
        for (var i = 0; i < SampleLength; i++)
        {
            mix = (mix * 1664525) + 1013904223;         // at irregular distances, because the rows of a matrix may be similar
            sample[i] = bits[(i * stretch) + (int)(((ulong)mix * (uint)stretch) >> 32)] & Magnitude;
        }

        var share = (double)count * SampleLength / bits.Length;
        var rank = (int)(share + (4 * Math.Sqrt(share)) + 2);
        if (rank >= SampleLength) { return 1; }
        return Math.Max(1, Select(sample, SampleLength - rank));
    }

    private static int Gather(ReadOnlySpan<int> bits, int threshold, int count, Span<long> keys, Span<long> scratch)
    {
        const int Step = 4 * 16;
        ref var from = ref MemoryMarshal.GetReference(bits);
        var (found, at, most) = (0, 0, keys.Length - Step);
        var (all, least) = (Vector512.Create(Magnitude), Vector512.Create(threshold - 1));
        for (; at + Step <= bits.Length; at += Step)
        {
            var a = Vector512.GreaterThan(Vector512.LoadUnsafe(ref from, (nuint)at) & all, least);
            var b = Vector512.GreaterThan(Vector512.LoadUnsafe(ref from, (nuint)at + 16) & all, least);
            var c = Vector512.GreaterThan(Vector512.LoadUnsafe(ref from, (nuint)at + 32) & all, least);
            var d = Vector512.GreaterThan(Vector512.LoadUnsafe(ref from, (nuint)at + 48) & all, least);
            if (((a | b) | (c | d)) == Vector512<int>.Zero) { continue; }
            if (found > most)
            {
                found = Keep(keys[..found], count, scratch);
                threshold = MinOf(keys[..found]);
                least = Vector512.Create(threshold - 1);
            }

            var mask = a.ExtractMostSignificantBits() | (b.ExtractMostSignificantBits() << 16)
                | (c.ExtractMostSignificantBits() << 32) | (d.ExtractMostSignificantBits() << 48);
            for (; mask != 0; mask &= mask - 1)
            {
                var place = at + BitOperations.TrailingZeroCount(mask);
                keys[found++] = KeyOf(bits[place], place);
            }
        }

        if (found > most) { found = Keep(keys[..found], count, scratch); }
        for (; at < bits.Length; at++)
        {
            if ((bits[at] & Magnitude) >= threshold) { keys[found++] = KeyOf(bits[at], at); }
        }

        return found;
    }

    private static int Keep(Span<long> keys, int count, Span<long> scratch)
    {
        if (keys.Length <= count) { return keys.Length; }
        keys.CopyTo(scratch);
        var least = Select(scratch[..keys.Length], keys.Length - count);
        var kept = 0;
        foreach (var key in keys)
        {
            keys[kept] = key;
            kept += key >= least ? 1 : 0;
        }

        return kept;
    }

    private static T Select<T>(Span<T> keys, int place)
        where T : struct, INumber<T>
    {
        while (keys.Length > 16)
        {
            var (first, middle, last) = (keys[0], keys[keys.Length / 2], keys[^1]);
            var pivot = T.Max(T.Min(first, middle), T.Min(T.Max(first, middle), last));
            var front = Part(keys, pivot, withEqual: false);
            if (front == 0)
            {
                front = Part(keys, pivot, withEqual: true);     // the pivot is the minimum
                if (place < front) { return pivot; }
            }

            if (place < front) { keys = keys[..front]; }
            else
            {
                keys = keys[front..];
                place -= front;
            }
        }

        keys.Sort();
        return keys[place];
    }

    /// <summary>Partitions without branches.</summary>
    private static int Part<T>(Span<T> keys, T at, bool withEqual)
        where T : struct, INumber<T>
    {
        var count = 0;
        foreach (ref var key in keys)
        {
            var here = key;
            key = keys[count];
            keys[count] = here;
            count += (withEqual ? here <= at : here < at) ? 1 : 0;
        }

        return count;
    }

    private static int MinOf(ReadOnlySpan<long> keys)
    {
        var least = long.MaxValue;
        foreach (var key in keys) { least = Math.Min(least, key); }
        return (int)(least >> 32);
    }

    private static long KeyOf(int bits, int place) => ((long)(bits & Magnitude) << 32) | (uint)(int.MaxValue - place);

    private static int PlaceOf(long key) => int.MaxValue - (int)key;
}

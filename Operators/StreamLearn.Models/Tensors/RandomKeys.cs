using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Random keys that depend only on seed, layer, batch and position.</summary>
/// <remarks>Source: Steele, Lea, Flood (2014), SplitMix64, for the finalizer.</remarks>
internal static class RandomKeys
{
    private const ulong Golden = 0x9E3779B97F4A7C15UL;

    internal static ulong Of(long seed, int layer, long batch) => Mix(Mix(Mix((ulong)seed + Golden) ^ (uint)layer) ^ (ulong)batch);

    internal static ulong Bits(ulong key, ulong n) => Mix(key + ((n + 1) * Golden));

    /// <summary>Makes draws n to n + 7.</summary>
    internal static Vector512<ulong> EightBits(ulong key, ulong n)
    {
        var z = Vector512.Create(key + ((n + 1) * Golden)) + (Vector512<ulong>.Indices * Golden);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >>> 31);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

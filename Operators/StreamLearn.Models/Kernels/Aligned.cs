using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Pinned values aligned to cache lines, because vectors that cross two lines run at half the speed.</summary>
internal static class Aligned
{
    internal const int Line = Vectors.Lanes;

    /// <summary>Returns zeros. <paramref name="first"/>: index of the value to align.</summary>
    internal static Memory<float> Values(int length, int first = 0)
    {
        if (length == 0) { return default; }
        var values = GC.AllocateArray<float>(checked(length + Line - 1), pinned: true);
        return values.AsMemory((Place(values) + Line - (first % Line)) % Line, length);
    }

    /// <summary>Returns the first aligned index; the values must be pinned.</summary>
    internal static int Place(ReadOnlySpan<float> values)
    {
        var bytes = Unsafe.ByteOffset(ref Unsafe.NullRef<float>(), ref MemoryMarshal.GetReference(values));
        return (Line - (int)(bytes / sizeof(float) % Line)) % Line;
    }
}

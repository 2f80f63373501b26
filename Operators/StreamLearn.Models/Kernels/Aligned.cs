using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>
/// Values that begin on a cache line and are never moved from it: a vector that fills a line but lies on two of them is read, and
/// written, at half the speed.
/// </summary>
internal static class Aligned
{
    /// <summary>Values of a line: those of the widest vector.</summary>
    internal const int Line = Vectors.Lanes;

    /// <summary>Zeros. <paramref name="first"/>: place of the value that is to begin a line.</summary>
    internal static Memory<float> Values(int length, int first = 0)
    {
        if (length == 0) { return default; }
        var values = GC.AllocateArray<float>(checked(length + Line - 1), pinned: true);
        return values.AsMemory((Place(values) + Line - (first % Line)) % Line, length);
    }

    /// <summary>Where the first line of values begins that stay where they are.</summary>
    internal static int Place(ReadOnlySpan<float> values)
    {
        var bytes = Unsafe.ByteOffset(ref Unsafe.NullRef<float>(), ref MemoryMarshal.GetReference(values));
        return (Line - (int)(bytes / sizeof(float) % Line)) % Line;
    }
}

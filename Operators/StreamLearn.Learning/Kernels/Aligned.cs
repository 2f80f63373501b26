using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>
/// Values that begin on a line of the cache and are never moved from it: a vector of sixteen that lies on two lines is read, and written, at
/// half the speed.
/// </summary>
internal static class Aligned
{
    /// <summary>Values of a line.</summary>
    internal const int Line = 16;

    /// <summary>Zeros.</summary>
    /// <param name="length">Values.</param>
    /// <param name="first">Place of the value that is to begin a line.</param>
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

    /// <summary>The least number of values, at least so many, behind which a line begins.</summary>
    internal static int Whole(int length) => checked(length + Line - 1) / Line * Line;
}

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
    internal static unsafe Memory<float> Values(int length, int first = 0)
    {
        if (length == 0) { return default; }
        var values = GC.AllocateArray<float>(checked(length + Line - 1), pinned: true);
        var behind = (int)(((nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(values)) / sizeof(float)) + (nuint)first) % Line;
        return values.AsMemory((Line - behind) % Line, length);
    }

    /// <summary>The least number of values, at least so many, behind which a line begins.</summary>
    internal static int Whole(int length) => checked(length + Line - 1) / Line * Line;
}

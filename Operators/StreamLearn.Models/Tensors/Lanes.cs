using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Processes sixteen values at a time, padded with zeros.</summary>
internal static class Lanes
{
    internal const int Count = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Load(ReadOnlySpan<float> values, int at) =>
        at + Count <= values.Length ? Vector512.Create(values[at..]) : LoadPart(values[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector512<float> vector, Span<float> values, int at)
    {
        if (at + Count <= values.Length) { vector.CopyTo(values[at..]); }
        else { StorePart(vector, values[at..]); }
    }

    private static Vector512<float> LoadPart(ReadOnlySpan<float> values)
    {
        Span<float> whole = stackalloc float[Count];
        whole.Clear();
        for (var i = 0; i < values.Length; i++) { whole[i] = values[i]; }      // there are too few values for a call to be worthwhile
        return Vector512.Create<float>(whole);
    }

    private static void StorePart(Vector512<float> vector, Span<float> values)
    {
        Span<float> whole = stackalloc float[Count];
        vector.CopyTo(whole);
        for (var i = 0; i < values.Length; i++) { values[i] = whole[i]; }
    }
}

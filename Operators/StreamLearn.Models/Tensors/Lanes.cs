using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>Sixteen values of a span at a time; after its end, the vector has zeros.</summary>
internal static class Lanes
{
    /// <summary>Values of a vector.</summary>
    internal const int Count = 16;

    /// <summary>The values from a place on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Load(ReadOnlySpan<float> values, int at) =>
        at + Count <= values.Length ? Vector512.Create(values[at..]) : LoadPart(values[at..]);

    /// <summary>Writes the values from a place on, as many as there are.</summary>
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
        for (var i = 0; i < values.Length; i++) { whole[i] = values[i]; }      // so few that a call would take longer
        return Vector512.Create<float>(whole);
    }

    private static void StorePart(Vector512<float> vector, Span<float> values)
    {
        Span<float> whole = stackalloc float[Count];
        vector.CopyTo(whole);
        for (var i = 0; i < values.Length; i++) { values[i] = whole[i]; }
    }
}

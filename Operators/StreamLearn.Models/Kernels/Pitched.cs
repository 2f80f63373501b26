using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class Pitched
{
    /// <summary>Copies [lines, width] to another pitch.</summary>
    internal static void Copy(ReadOnlySpan<float> from, int pitch, Span<float> to, int toPitch, int width, int lines)
    {
        if (lines == 0 || width == 0) { return; }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(((lines - 1) * pitch) + width, from.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(((lines - 1) * toPitch) + width, to.Length);
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        switch (width)
        {
            case >= 16: Vectors16(ref source, pitch, ref target, toPitch, width, lines); break;
            case >= 8: Vectors8(ref source, pitch, ref target, toPitch, width, lines); break;
            default:
                for (var y = 0; y < lines; y++)
                {
                    for (var x = 0; x < width; x++) { to[(y * toPitch) + x] = from[(y * pitch) + x]; }
                }

                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors16(ref float from, nint pitch, ref float to, nint toPitch, nint width, nint lines)
    {
        for (nint y = 0; y < lines; y++)
        {
            for (nint x = 0; x < width; x += 16)
            {
                var at = (nuint)Math.Min(x, width - 16);        // the last vector overlaps the previous one
                Vector512.LoadUnsafe(ref from, at).StoreUnsafe(ref to, at);
            }

            from = ref Unsafe.Add(ref from, pitch);
            to = ref Unsafe.Add(ref to, toPitch);
        }
    }

    /// <summary>Copies the first eight and the last eight values of each line; they overlap if it has fewer than sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors8(ref float from, nint pitch, ref float to, nint toPitch, nint width, nint lines)
    {
        for (nint y = 0; y < lines; y++)
        {
            var (first, last) = (Vector256.LoadUnsafe(ref from), Vector256.LoadUnsafe(ref Unsafe.Add(ref from, width - 8)));
            first.StoreUnsafe(ref to);
            last.StoreUnsafe(ref Unsafe.Add(ref to, width - 8));
            from = ref Unsafe.Add(ref from, pitch);
            to = ref Unsafe.Add(ref to, toPitch);
        }
    }
}

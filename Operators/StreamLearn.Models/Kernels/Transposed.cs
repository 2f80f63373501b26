using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>Transposes matrices.</summary>
public static class Transposed
{
    /// <summary>Transposes [rows, columns] with a <paramref name="pitch"/> to dense [columns, rows].</summary>
    internal static void Copy(ReadOnlySpan<float> from, int rows, int columns, int pitch, Span<float> to) =>
        Copy(from, rows, columns, pitch, to, rows);

    /// <summary>Copies a matrix, transposed.</summary>
    /// <param name="from">The matrix, <c>[rows, columns]</c>.</param>
    /// <param name="rows">Its rows, at least 1.</param>
    /// <param name="columns">Its columns, at least 1.</param>
    /// <param name="pitch">Values from row to row, at least <paramref name="columns"/>.</param>
    /// <param name="to">Written: <c>[columns, rows]</c>.</param>
    /// <param name="toPitch">Values from row to row of the result, at least <paramref name="rows"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A span is too short.</exception>
    public static void Copy(ReadOnlySpan<float> from, int rows, int columns, int pitch, Span<float> to, int toPitch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(((rows - 1) * pitch) + columns, from.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(((columns - 1) * toPitch) + rows, to.Length);
        Copy(ref MemoryMarshal.GetReference(from), rows, columns, pitch, ref MemoryMarshal.GetReference(to), toPitch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(ref float from, nint rows, nint columns, nint pitch, ref float to, nint toPitch)
    {
        const int Block = 4;
        var (wholeRows, wholeColumns) = (Fast ? rows / Block * Block : 0, Fast ? columns / Block * Block : 0);
        // keeps written lines in the cache until they are full
        for (nint first = 0; first < wholeColumns; first += Aligned.Line)
        {
            var last = Math.Min(wholeColumns, first + Aligned.Line);
            for (nint r = 0; r < wholeRows; r += Block)
            {
                ref var line = ref Unsafe.Add(ref from, r * pitch);
                for (var c = first; c < last; c += Block)
                {
                    var (a, b) = (Vector128.LoadUnsafe(ref line, (nuint)c), Vector128.LoadUnsafe(ref line, (nuint)(c + pitch)));
                    var d = Vector128.LoadUnsafe(ref line, (nuint)(c + (2 * pitch)));
                    var e = Vector128.LoadUnsafe(ref line, (nuint)(c + (3 * pitch)));
                    var (ad0, ad1, be0, be1) = (Low(a, d), High(a, d), Low(b, e), High(b, e));       // a0 d0 a1 d1, a2 d2 a3 d3
                    ref var target = ref Unsafe.Add(ref to, (c * toPitch) + r);
                    Low(ad0, be0).StoreUnsafe(ref target);
                    High(ad0, be0).StoreUnsafe(ref target, (nuint)toPitch);
                    Low(ad1, be1).StoreUnsafe(ref target, (nuint)(2 * toPitch));
                    High(ad1, be1).StoreUnsafe(ref target, (nuint)(3 * toPitch));
                }
            }
        }

        for (nint r = 0; r < rows; r++)
        {
            for (var c = r < wholeRows ? wholeColumns : 0; c < columns; c++)
            {
                Unsafe.Add(ref to, (c * toPitch) + r) = Unsafe.Add(ref from, (r * pitch) + c);
            }
        }
    }

    private static bool Fast => Sse.IsSupported || AdvSimd.Arm64.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}

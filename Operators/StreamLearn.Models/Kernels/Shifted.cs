using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class Shifted
{
    /// <summary>Copies [lines, width]: value x becomes value x + <paramref name="ahead"/> of its line, or zero.</summary>
    internal static void Copy(ReadOnlySpan<float> from, int width, int ahead, Span<float> to)
    {
        var past = Math.Abs(ahead);
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length, from.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(past, width);
        if (ahead == 0)
        {
            from.CopyTo(to);
            return;
        }

        var isWhole = from.Length % Vectors.Lanes == 0 && (width % Vectors.Lanes == 0 || Vectors.Lanes % width == 0);
        if (Vector512.IsHardwareAccelerated && isWhole && past < Vectors.Lanes)
        {
            WholeVectors(ref MemoryMarshal.GetReference(from), width, ahead, ref MemoryMarshal.GetReference(to), from.Length);
            return;
        }

        if (ahead > 0) { from[past..].CopyTo(to); }
        else { from[..^past].CopyTo(to[past..]); }
        for (var line = ahead > 0 ? width - past : 0; line < to.Length; line += width) { to.Slice(line, past).Clear(); }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WholeVectors(ref float from, nint width, nint ahead, ref float to, nint length)
    {
        const int Lane = Vectors.Lanes;
        var (wide, narrow) = (Math.Max(width, Lane), (int)Math.Min(width, Lane));
        var source = Vector512<int>.Indices + Vector512.Create((int)ahead);
        var inVector = Vector512<int>.Indices & Vector512.Create(narrow - 1);
        var column = inVector + Vector512.Create((int)ahead);
        var head = Vector512.GreaterThanOrEqual(column, Vector512<int>.Zero).AsSingle();
        var tail = Vector512.LessThan(column, Vector512.Create(narrow)).AsSingle();
        for (nint line = 0; line < length; line += wide)
        {
            for (nint x = 0; x < wide; x += Lane)
            {
                var at = line + x;
                var values = at + ahead < 0 || at + ahead + Lane > length
                    ? Vector512.Shuffle(Vector512.LoadUnsafe(ref from, (nuint)at), source)
                    : Vector512.LoadUnsafe(ref from, (nuint)(at + ahead));
                if (x == 0) { values &= head; }
                if (x == wide - Lane) { values &= tail; }
                values.StoreUnsafe(ref to, (nuint)at);
            }
        }
    }
}

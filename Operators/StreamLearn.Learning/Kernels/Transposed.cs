using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Learning;

/// <summary>Turns matrices: values move, nothing is computed.</summary>
internal static class Transposed
{
    /// <summary>from [rows, columns], a line every <paramref name="pitch"/> values → to [columns, rows], dense.</summary>
    internal static void Copy(ReadOnlySpan<float> from, int rows, int columns, int pitch, Span<float> to) =>
        Copy(from, rows, columns, pitch, to, rows);

    /// <summary>As above, with a line of the result every <paramref name="toPitch"/> values.</summary>
    internal static void Copy(ReadOnlySpan<float> from, int rows, int columns, int pitch, Span<float> to, int toPitch)
    {
        const int Block = 4;
        var (wholeRows, wholeColumns) = (Fast ? rows / Block * Block : 0, Fast ? columns / Block * Block : 0);
        for (var r = 0; r < wholeRows; r += Block)
        {
            for (var c = 0; c < wholeColumns; c += Block) { Four(from[((r * pitch) + c)..], pitch, to[((c * toPitch) + r)..], toPitch); }
        }

        for (var r = 0; r < rows; r++)
        {
            var line = from.Slice(r * pitch, columns);
            for (var c = r < wholeRows ? wholeColumns : 0; c < line.Length; c++) { to[(c * toPitch) + r] = line[c]; }
        }
    }

    private static bool Fast => Sse.IsSupported || AdvSimd.Arm64.IsSupported;

    private static void Four(ReadOnlySpan<float> from, int pitch, Span<float> to, int toPitch)
    {
        var (a, b) = (Vector128.Create(from), Vector128.Create(from[pitch..]));
        var (c, d) = (Vector128.Create(from[(2 * pitch)..]), Vector128.Create(from[(3 * pitch)..]));
        var (ac0, ac1) = (Low(a, c), High(a, c));       // a0 c0 a1 c1, a2 c2 a3 c3
        var (bd0, bd1) = (Low(b, d), High(b, d));
        Low(ac0, bd0).CopyTo(to);
        High(ac0, bd0).CopyTo(to[toPitch..]);
        Low(ac1, bd1).CopyTo(to[(2 * toPitch)..]);
        High(ac1, bd1).CopyTo(to[(3 * toPitch)..]);
    }

    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>A term of a sum: the offset of the left factor from the start of the row, and that of the line of right factors.</summary>
internal readonly record struct Step(int Left, int Right);

/// <summary>The matrix product of dense layers and convolutions.</summary>
/// <remarks>Lanes run across columns; blocks of up to 8 × 3 vectors of sums stay in registers. Every sum is one chain of fused
/// multiply-adds in step order, so results depend on neither vector width, rows nor blocks. Blocks of steps keep their right factors in the
/// cache. Source: Goto, van de Geijn (2008), for the blocking.</remarks>
internal static class Product
{
    private const int StepsAtOnce = 192;
    private const int RowsOfTile = 8;
    private const int VectorsOfPanel = 3;
    private const int MinRowsOfPanel = 64;        // minimum number of rows for which copying a panel is worthwhile
    private const int FarLine = 256;                // lines this far apart use few cache sets, each on its own page

    private static readonly float[] Zeros = new float[StartValues(1)];

    /// <summary>Checks every access; enabled in tests.</summary>
    private static readonly bool Checks = AppContext.TryGetSwitch("StreamLearn.Models.CheckKernels", out var on) && on;

    /// <summary>Returns the number of initial values per row if they are equal for all columns.</summary>
    internal static int StartValues(int rows) => (rows == 1 ? 8 : 3) * Vectors.Lanes;

    /// <summary>left [rows[m] + step.Left] · right [step.Right .. + columns] → added to sums [m · stride .. + columns].</summary>
    internal static void Add(ReadOnlySpan<float> left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ReadOnlySpan<float> right,
        Span<float> sums, int stride, int columns) => Add(left, rows, steps, right, sums, stride, 1, sums, stride, columns);

    /// <summary>Starts from one value per column; needs steps.</summary>
    internal static void FromColumns(ReadOnlySpan<float> starts, ReadOnlySpan<float> left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps,
        ReadOnlySpan<float> right, Span<float> sums, int stride, int columns) =>
        Add(left, rows, steps, right, starts[..columns], 0, 1, sums, stride, columns);

    /// <summary>Starts from one value per row, [rows, <see cref="StartValues"/>]; needs steps.</summary>
    internal static void FromRows(ReadOnlySpan<float> starts, ReadOnlySpan<float> left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps,
        ReadOnlySpan<float> right, Span<float> sums, int stride, int columns) =>
        Add(left, rows, steps, right, starts[..(rows.Length * StartValues(rows.Length))], StartValues(rows.Length), 0, sums, stride,
            columns);

    /// <summary>Starts from zeros; needs steps.</summary>
    internal static void FromZeros(ReadOnlySpan<float> left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ReadOnlySpan<float> right,
        Span<float> sums, int stride, int columns) => Add(left, rows, steps, right, Zeros, 0, 0, sums, stride, columns);

    private static void Add(ReadOnlySpan<float> left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ReadOnlySpan<float> right,
        ReadOnlySpan<float> starts, int startStride, int startStep, Span<float> sums, int stride, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((((long)rows.Length - 1) * stride) + columns, sums.Length);
        if (Checks) { Check(left.Length, rows, steps, right.Length, columns); }
        ref var factors = ref MemoryMarshal.GetReference(left);
        ref var lines = ref MemoryMarshal.GetReference(right);
        ref var start = ref MemoryMarshal.GetReference(starts);
        ref var target = ref MemoryMarshal.GetReference(sums);
        for (var from = 0; from < steps.Length; from += StepsAtOnce)
        {
            var some = steps.Slice(from, Math.Min(StepsAtOnce, steps.Length - from));
            var column = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                column = Columns<Simd512, Vector512<float>>(ref factors, rows, some, ref lines, ref start, startStride, startStep,
                    ref target, stride, column, columns);
                column = Rest<Simd512, Vector512<float>>(ref factors, rows, some, ref lines, ref start, startStride, startStep,
                    ref target, stride, column, columns);
            }

            if (Vector256.IsHardwareAccelerated)
            {
                column = Columns<Simd256, Vector256<float>>(ref factors, rows, some, ref lines, ref start, startStride, startStep,
                    ref target, stride, column, columns);
                column = Rest<Simd256, Vector256<float>>(ref factors, rows, some, ref lines, ref start, startStride, startStep,
                    ref target, stride, column, columns);
            }

            column = Columns<Simd128, Vector128<float>>(ref factors, rows, some, ref lines, ref start, startStride, startStep,
                ref target, stride, column, columns);
            Columns<Simd32, float>(ref factors, rows, some, ref lines, ref start, startStride, startStep, ref target, stride, column,
                columns);
            start = ref target;
            (startStride, startStep) = (stride, 1);
        }
    }

    private static void Check(int left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, int right, int columns)
    {
        foreach (var (at, line) in steps)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(line);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(line + columns, right);
            foreach (var row in rows)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(row + at);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row + at, left);
            }
        }
    }

    /// <summary>Processes whole vectors; returns the first remaining column.</summary>
    private static int Columns<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, int startStride, int startStep, ref float sums, int stride, int column, int columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var vectors = (columns - column) / TSimd.Lanes;
        var copies = vectors >= VectorsOfPanel && rows.Length >= MinRowsOfPanel && steps.Length > 1
            && Math.Abs(steps[1].Right - steps[0].Right) >= FarLine;
        Span<float> panel = copies ? stackalloc float[((StepsAtOnce * VectorsOfPanel) + 1) * Vectors.Lanes] : [];
        if (copies) { panel = panel[Aligned.Place(panel)..]; }
        Span<Step> near = copies ? stackalloc Step[StepsAtOnce] : [];
        while (vectors > 0)
        {
            var wide = rows.Length == 1 && vectors >= 4 ? (vectors >= 8 ? 8 : 4)
                : vectors == 4 || rows.Length == 6 ? Math.Min(vectors, 2) : Math.Min(vectors, 3);
            ref var some = ref Unsafe.Add(ref right, column);
            ref var begin = ref Unsafe.Add(ref start, column * startStep);
            ref var target = ref Unsafe.Add(ref sums, column);
            if (copies)
            {
                var together = near[..steps.Length];
                Copy<TSimd, TVector>(steps, ref some, wide, together, panel);
                Rows<TSimd, TVector>(ref left, rows, together, ref MemoryMarshal.GetReference(panel), ref begin, startStride,
                    ref target, stride, wide);
            }
            else { Rows<TSimd, TVector>(ref left, rows, steps, ref some, ref begin, startStride, ref target, stride, wide); }
            column += wide * TSimd.Lanes;
            vectors -= wide;
        }

        return column;
    }

    /// <summary>Copies some vectors of every line of right factors together; returns the steps to them.</summary>
    private static void Copy<TSimd, TVector>(ReadOnlySpan<Step> steps, ref float right, int vectors, Span<Step> near, Span<float> panel)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (var k = 0; k < steps.Length; k++)
        {
            var at = k * vectors * TSimd.Lanes;
            near[k] = new(steps[k].Left, at);
            for (var v = 0; v < vectors; v++)
            {
                var vector = TSimd.Load(ref Unsafe.Add(ref right, steps[k].Right + (v * TSimd.Lanes)));
                TSimd.Store(vector, ref panel[at + (v * TSimd.Lanes)]);
            }
        }
    }

    /// <summary>Computes the remainder in one pass, with a whole vector that starts among earlier columns and keeps their sums.</summary>
    private static int Rest<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, int startStride, int startStep, ref float sums, int stride, int column, int columns)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var (rest, lanes) = (columns - column, TSimd.Lanes);
        if (column < lanes || rest is 0 or 1 or 4 or 8) { return column; }
        Span<float> tile = stackalloc float[RowsOfTile * Vectors.Lanes];
        var first = columns - lanes;
        for (var m = 0; m < rows.Length; m += RowsOfTile)
        {
            var some = rows.Slice(m, Math.Min(RowsOfTile, rows.Length - m));
            Rows<TSimd, TVector>(ref left, some, steps, ref Unsafe.Add(ref right, first),
                ref Unsafe.Add(ref start, ((nint)m * startStride) + (first * startStep)), startStride,
                ref MemoryMarshal.GetReference(tile), lanes, 1);
            for (var i = 0; i < some.Length; i++)
            {
                ref var target = ref Unsafe.Add(ref sums, ((nint)(m + i) * stride) + column);
                tile.Slice((i * lanes) + lanes - rest, rest).CopyTo(MemoryMarshal.CreateSpan(ref target, rest));
            }
        }

        return columns;
    }

    private static void Rows<TSimd, TVector>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, int startStride, ref float sums, int stride, int vectors)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        switch (vectors)
        {
            case 8: OneRow<TSimd, TVector>.Add<Eight>(ref left, rows, steps, ref right, ref start, ref sums); break;
            case 4: OneRow<TSimd, TVector>.Add<Four>(ref left, rows, steps, ref right, ref start, ref sums); break;
            case 3: Rows<TSimd, TVector, Three>(ref left, rows, steps, ref right, ref start, startStride, ref sums, stride); break;
            case 2: Rows<TSimd, TVector, Two>(ref left, rows, steps, ref right, ref start, startStride, ref sums, stride); break;
            default: Rows<TSimd, TVector, One>(ref left, rows, steps, ref right, ref start, startStride, ref sums, stride); break;
        }
    }

    private static void Rows<TSimd, TVector, TVectors>(ref float left, ReadOnlySpan<int> rows, ReadOnlySpan<Step> steps, ref float right,
        ref float start, int apart, ref float sums, int stride)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TVectors : struct, ICount
    {
        // 16 registers hold 12 sums, 32 hold 24
        var most = TSimd.Lanes == Vector512<float>.Count || TVectors.Count == 1 ? 8 : 4;
        for (var m = 0; m < rows.Length;)
        {
            var some = rows[m..];
            var high = some.Length == 6 && TVectors.Count == 2 ? 6 : some.Length >= most ? most : some.Length >= 4 ? 4 : 1;
            ref var from = ref Unsafe.Add(ref start, (nint)m * apart);
            ref var to = ref Unsafe.Add(ref sums, (nint)m * stride);
            switch (high)
            {
                case 8: Tile<TSimd, TVector>.Add<Eight, TVectors>(ref left, some, steps, ref right, ref from, apart, ref to, stride); break;
                case 6: Tile<TSimd, TVector>.Add<Six, TVectors>(ref left, some, steps, ref right, ref from, apart, ref to, stride); break;
                case 4: Tile<TSimd, TVector>.Add<Four, TVectors>(ref left, some, steps, ref right, ref from, apart, ref to, stride); break;
                default: OneRow<TSimd, TVector>.Add<TVectors>(ref left, some, steps, ref right, ref from, ref to); break;
            }

            m += high;
        }
    }
}

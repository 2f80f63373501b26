using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>The moments of one channel of a stream in float64, glitches cut back, learned from a line of eight rows at a time.</summary>
/// <remarks>
/// Order: the first 32 values are added one by one. From there on the rows of the stream, counted from its start whether or not they hold a
/// value, make blocks of 256, and row k of a block is added in lane k mod 8: Σ(x − m) and Σ(x − m)², m being the mean before the block. The
/// lanes are added as ((0+1)+(2+3))+((4+5)+(6+7)) and merged once per block, or for the moment in its midst. The bits depend neither on
/// where batches end nor on the width of vectors. What a value counts as is said by <see cref="GlitchBound"/>, which sees distances from m.
/// Source: Chan, Golub, LeVeque (1979), with deviations from the mean that is known.
/// </remarks>
internal sealed class BlockMoments
{
    /// <summary>Rows of a block.</summary>
    internal const int BlockRows = 256;

    private const int Lanes = 8;

    private readonly GlitchBound _bound = new(GlitchBound.MinFirstValues);
    private double[] _lanes = new double[2 * Lanes];        // Σ(x − m) of each lane, then Σ(x − m)²
    private double[] _next = new double[2 * Lanes];
    private Moments _before;        // of the blocks before this one
    private int _count;             // values in the lanes
    private int _row;               // of the block

    /// <summary>The moments of all values so far, as they count.</summary>
    internal Moments Known
    {
        get
        {
            if (!HasFirst) { return new(_bound.Count, _bound.Mean, _bound.M2); }
            if (_count == 0) { return _before; }
            var (sum, squares, count) = (Sum(_lanes.AsSpan(0, Lanes)), Sum(_lanes.AsSpan(Lanes)), _before.Count + _count);
            return new(count, _before.Mean + (sum / count), _before.M2 + (squares - (sum * sum / count)));
        }
    }

    internal void State(ref StateStream s)
    {
        _bound.State(ref s);
        s.Values<double>(_lanes);
        _before = new(s.Value(_before.Count), s.Value(_before.Mean), s.Value(_before.M2));
        s.Value(ref _count, 0, BlockRows);
        s.Value(ref _row, 0, BlockRows - 1);
    }

    private bool HasFirst => _bound.FirstGlitches >= 0;

    /// <summary>Learns from the values of a column; missing and non-finite ones are skipped, glitches count cut back.
    /// <paramref name="cuts"/>: takes the rows of absurd values, and what is to be scaled in their place so that it stays finite; null:
    /// they are not asked for.</summary>
    internal int Learn(Column column, List<(int Row, float Kept)>? cuts)
    {
        var (clipped, rows) = (0, column.Rows);
        for (var row = 0; row < rows;)
        {
            var run = Math.Min(rows - row, _row % Lanes == 0 ? BlockRows - _row : Lanes - (_row % Lanes));
            if (run > Lanes) { run -= run % Lanes; }
            clipped += Learn(column, row, run, cuts);
            row += run;
        }

        return clipped;
    }

    /// <summary>Learns from rows of one block: together if all count whole, else each half by itself, and of a line each value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Learn(Column column, int row, int rows, List<(int Row, float Kept)>? cuts)
    {
        var values = column.Values<float>().Slice(row, rows);
        var validity = column.Validity;
        if (rows % Lanes == 0 && HasFirst && AllValid(validity, row, rows) && TakeUsual(values))
        {
            Pass(rows);
            return 0;
        }

        if (rows > Lanes)
        {
            var half = rows / 2 / Lanes * Lanes;
            if (half == 0) { half = Lanes; }
            return Learn(column, row, half, cuts) + Learn(column, row + half, rows - half, cuts);
        }

        var clipped = 0;
        for (var r = 0; r < rows; r++)
        {
            if (float.IsFinite(values[r]) && (validity.IsEmpty || column.IsValid(row + r)))
            {
                clipped += Take(values[r], out var kept);
                if (kept != values[r]) { cuts?.Add((row + r, kept)); }
            }

            Pass(1);
        }

        return clipped;
    }

    private static double Sum(ReadOnlySpan<double> lanes) =>
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));

    /// <summary>True if so many values from a row on, a multiple of eight, are all present.</summary>
    private static bool AllValid(ReadOnlySpan<byte> validity, int row, int rows)
    {
        if (validity.IsEmpty) { return true; }
        var shift = row % 8;
        for (var at = row / 8; rows > 0; rows -= 8, at++)
        {
            var bits = validity[at] >> shift;
            if (shift > 0) { bits |= validity[at + 1] << (8 - shift); }
            if ((bits & 0xFF) != 0xFF) { return false; }
        }

        return true;
    }

    /// <summary>Takes whole lines of values if each is a usual one, or else none.</summary>
    private bool TakeUsual(ReadOnlySpan<float> values)
    {
        if (!_bound.IsUsual(AddLines(values, _before.Mean, _lanes, _next))) { return false; }
        (_lanes, _next) = (_next, _lanes);
        _count += values.Length;
        return true;
    }

    /// <summary>Adds whole lines of values to lanes: Σ(x − mean) of eight, then Σ(x − mean)².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // and no calls: sums that live across one do not stay in registers
    private static double AddLines(ReadOnlySpan<float> values, double mean, double[] lanes, double[] to)
    {
        const int Half = Lanes / 2;
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var from = ref MemoryMarshal.GetArrayDataReference(lanes);
        var (sum0, sum1) = (Vector256.LoadUnsafe(ref from), Vector256.LoadUnsafe(ref from, Half));
        var (square0, square1) = (Vector256.LoadUnsafe(ref from, Lanes), Vector256.LoadUnsafe(ref from, Lanes + Half));
        var (means, least, greatest) = (Vector256.Create(mean), Vector256.LoadUnsafe(ref first), Vector256.LoadUnsafe(ref first));
        for (nuint at = 0; at < (nuint)values.Length; at += Lanes)
        {
            var line = Vector256.LoadUnsafe(ref first, at);
            (least, greatest) = (Vector256.MinNative(line, least), Vector256.MaxNative(line, greatest));
            var (low, high) = Vector256.Widen(line);
            (low, high) = (low - means, high - means);
            (sum0, sum1) = (sum0 + low, sum1 + high);
            (square0, square1) = (square0 + (low * low), square1 + (high * high));
        }

        ref var target = ref MemoryMarshal.GetArrayDataReference(to);
        sum0.StoreUnsafe(ref target);
        sum1.StoreUnsafe(ref target, Half);
        square0.StoreUnsafe(ref target, Lanes);
        square1.StoreUnsafe(ref target, Lanes + Half);

        // the farthest out is the least or the greatest; what is not a number is not sure to be either, but shows in a sum of squares
        var squares = square0 + square1;
        if (!Vector256.EqualsAll(squares, squares)) { return double.NaN; }
        var least4 = Vector128.MinNative(least.GetLower(), least.GetUpper());
        var greatest4 = Vector128.MaxNative(greatest.GetLower(), greatest.GetUpper());
        var far = Vector256.MaxNative(means - Widened(least4), Widened(greatest4) - means);
        var far2 = Vector128.MaxNative(far.GetLower(), far.GetUpper());
        return far2[0] > far2[1] ? far2[0] : far2[1];
    }

    private static Vector256<double> Widened(Vector128<float> values) => Vector256.WidenLower(values.ToVector256Unsafe());

    /// <summary>Takes a finite value in the lane of its row. <paramref name="kept"/>: what is scaled in its place: itself unless it is
    /// absurd.</summary>
    private int Take(float whole, out float kept)
    {
        kept = whole;
        if (!HasFirst)
        {
            var glitches = _bound.Take(whole) != whole ? 1 : 0;
            kept = _bound.Kept;
            if (!HasFirst) { return glitches; }
            _before = new(_bound.Count, _bound.Mean, _bound.M2);
            return glitches + _bound.FirstGlitches;
        }

        var counted = whole;
        if (!_bound.IsUsual(Math.Abs(whole - _before.Mean)))
        {
            var (count, mean, m2) = Known;
            counted = _bound.Weigh(whole, count, mean, m2);
            kept = _bound.Kept;
        }

        var (lane, difference) = (_row % Lanes, counted - _before.Mean);
        _lanes[lane] += difference;
        _lanes[Lanes + lane] += difference * difference;
        _count++;
        return counted != whole ? 1 : 0;
    }

    /// <summary>Goes on by some rows; at the end of a block its values are merged into those before.</summary>
    private void Pass(int rows)
    {
        _row += rows;
        if (_row < BlockRows) { return; }
        _before = Known;
        (_row, _count) = (0, 0);
        _lanes.AsSpan().Clear();
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Running float64 moments of a channel after clipping glitches, computed eight rows at a time.</summary>
/// <remarks> Order: the first 32 values are added one by one. Then the rows of the stream, with or without values, form blocks of 256, and
/// row k is added in lane k mod 8: Σ(x − m) and Σ(x − m)², where m is the mean before the block. Lanes are added as
/// ((0+1)+(2+3))+((4+5)+(6+7)) and merged once per block. The bits depend neither on batch ends nor on the vector width.
/// <see cref="GlitchBound"/> clips values. Source: Chan, Golub, LeVeque (1979), for deviations from the known mean. </remarks>
internal sealed class BlockMoments
{
    internal const int BlockRows = 256;

    private const int Lanes = 8;

    private readonly GlitchBound _bound = new(GlitchBound.MinFirstValues);
    private double[] _lanes = new double[2 * Lanes];        // Σ(x − m) of each lane, then Σ(x − m)²
    private double[] _next = new double[2 * Lanes];
    private Moments _before;        // of the previous blocks
    private int _count;             // number of values in the lanes
    private int _row;               // row in the block

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

    /// <summary>Skips missing and non-finite values and clips glitches. <paramref name="cuts"/>: receives rows with absurd values and
    /// finite replacements to scale; null: not needed.</summary>
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

    /// <summary>Learns from rows of one block: together if no value is clipped, otherwise by halves, down to single values.</summary>
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

    /// <summary>Requires that <paramref name="rows"/> is a multiple of eight.</summary>
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

    /// <summary>Adds all values if each is usual, otherwise none.</summary>
    private bool TakeUsual(ReadOnlySpan<float> values)
    {
        if (!_bound.IsUsual(AddLines(values, _before.Mean, _lanes, _next))) { return false; }
        (_lanes, _next) = (_next, _lanes);
        _count += values.Length;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]      // no calls: sums must stay in registers
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

        // min and max may ignore NaN, but the sum of squares is then NaN
        var squares = square0 + square1;
        if (!Vector256.EqualsAll(squares, squares)) { return double.NaN; }
        var least4 = Vector128.MinNative(least.GetLower(), least.GetUpper());
        var greatest4 = Vector128.MaxNative(greatest.GetLower(), greatest.GetUpper());
        var far = Vector256.MaxNative(means - Widened(least4), Widened(greatest4) - means);
        var far2 = Vector128.MaxNative(far.GetLower(), far.GetUpper());
        return far2[0] > far2[1] ? far2[0] : far2[1];
    }

    private static Vector256<double> Widened(Vector128<float> values) => Vector256.WidenLower(values.ToVector256Unsafe());

    /// <summary>Adds a value. <paramref name="kept"/>: the value to scale, which is the value itself unless it is absurd.</summary>
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

    /// <summary>Advances by a number of rows; merges at the end of a block.</summary>
    private void Pass(int rows)
    {
        _row += rows;
        if (_row < BlockRows) { return; }
        _before = Known;
        (_row, _count) = (0, 0);
        _lanes.AsSpan().Clear();
    }
}

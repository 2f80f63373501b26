using System.Numerics;

namespace StreamLearn.Operators;

/// <summary>Rows to interpolate, with the two input rows around each; −1 is the last row of the previous batch.</summary>
internal sealed class GridPoints(Interpolation interpolation)
{
    private readonly long[] _times = new long[ResampleBlock.MaxBatchRows];
    private readonly int[] _segments = new int[ResampleBlock.MaxBatchRows];
    private readonly int[] _before = new int[ResampleBlock.MaxBatchRows];
    private readonly int[] _after = new int[ResampleBlock.MaxBatchRows];
    private readonly double[] _shares = new double[ResampleBlock.MaxBatchRows];

    internal int Count { get; private set; }

    internal bool IsFull => Count == _times.Length;

    internal void Clear() => Count = 0;

    /// <summary><paramref name="share"/>: position between the two rows, in (0, 1].</summary>
    internal void Add(long time, int segment, int before, int after, double share)
    {
        (_times[Count], _segments[Count], _shares[Count]) = (time, segment, share);
        (_before[Count], _after[Count]) = (before, after);
        Count++;
    }

    internal void WriteTo(Batch target, Batch rows, Batch? last, int time, int segment)
    {
        var nearest = interpolation == Interpolation.Nearest;
        for (var c = 0; c < rows.Columns.Count; c++)
        {
            if (c == time || c == segment) { continue; }
            var (to, from, held) = (target.Columns[c], rows.Columns[c], (last ?? rows).Columns[c]);
            var blends = interpolation == Interpolation.Linear;
            switch (to.Field.Type)
            {
                case ColumnType.Float32 when blends: Blend(to.Writable<float>(), from.Values<float>(), held.Values<float>()[0]); break;
                case ColumnType.Float64 when blends: Blend(to.Writable<double>(), from.Values<double>(), held.Values<double>()[0]); break;
                case ColumnType.Float32: Choose(to.Writable<float>(), from.Values<float>(), held.Values<float>()[0], nearest); break;
                case ColumnType.Float64: Choose(to.Writable<double>(), from.Values<double>(), held.Values<double>()[0], nearest); break;
                case ColumnType.Int32: Choose(to.Writable<int>(), from.Values<int>(), held.Values<int>()[0], nearest); break;
                default: Choose(to.Writable<long>(), from.Values<long>(), held.Values<long>()[0], nearest); break;
            }

            if (to.Field.Nullable) { WriteValidity(to, from, held, nearest); }
        }

        _times.AsSpan(0, Count).CopyTo(target.Columns[time].Writable<long>());
        _segments.AsSpan(0, Count).CopyTo(target.Columns[segment].Writable<int>());
    }

    private void Blend<T>(Span<T> target, ReadOnlySpan<T> rows, T last)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < target.Length; i++)
        {
            var after = rows[_after[i]];
            if (_shares[i] < 1)
            {
                var before = double.CreateTruncating(_before[i] < 0 ? last : rows[_before[i]]);
                after = T.CreateTruncating(before + ((double.CreateTruncating(after) - before) * _shares[i]));
            }

            target[i] = after;
        }
    }

    private void Choose<T>(Span<T> target, ReadOnlySpan<T> rows, T last, bool nearest)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var row = Chosen(i, nearest);
            target[i] = row < 0 ? last : rows[row];
        }
    }

    /// <summary>A blend is missing if either row is missing, unless it lies exactly at a row that is present.</summary>
    private void WriteValidity(Column to, Column from, Column held, bool nearest)
    {
        var blends = interpolation == Interpolation.Linear && to.Field.Type is ColumnType.Float32 or ColumnType.Float64;
        for (var i = 0; i < Count; i++)
        {
            bool IsValid(int row) => row < 0 ? held.IsValid(0) : from.IsValid(row);
            to.SetValid(i, blends ? IsValid(_after[i]) && (_shares[i] == 1 || IsValid(_before[i])) : IsValid(Chosen(i, nearest)));
        }
    }

    private int Chosen(int point, bool nearest) =>
        _shares[point] == 1 || (nearest && _shares[point] > 0.5) ? _after[point] : _before[point];
}

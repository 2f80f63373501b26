using System.Runtime.CompilerServices;

namespace StreamLearn.Formats;

/// <summary>A growing batch, whose columns may differ in length while it is read.</summary>
internal ref struct JsonRows
{
    private const int MinGrowth = 16;

    private readonly JsonPlan _plan;
    private readonly BatchPool _pool;
    private Batch? _batch;

    internal JsonRows(JsonPlan plan, JsonScratch scratch, BatchPool pool, int capacity)
    {
        (_plan, _pool, Counts) = (plan, pool, scratch.Counts);
        Array.Clear(Counts);
        Array.Clear(scratch.Met);
        Capacity = Math.Min(capacity, plan.Options.MaxRows);
        _batch = pool.Rent(plan.Schema, Capacity);
    }

    internal int Capacity { get; private set; }

    internal readonly int[] Counts { get; }

    internal readonly Column this[int column] => _batch!.Columns[column];

    /// <summary>False beyond the allowed number.</summary>
    internal bool TryReserve(int rows)
    {
        if (rows <= Capacity) { return true; }
        var most = _plan.Options.MaxRows;
        if (rows > most) { return false; }
        MoveTo((int)Math.Min(most, Math.Max(rows, Math.Max(2L * Capacity, MinGrowth))));
        return true;
    }

    internal readonly void Append(RowNumber[] places, ReadOnlySpan<ulong> values, int rows)
    {
        for (var p = 0; p < places.Length; p++)
        {
            if (places[p].Column < 0) { continue; }
            var target = _batch!.Columns[places[p].Column];
            ref var count = ref Counts[places[p].Column];
            switch (target.Field.Type)
            {
                case ColumnType.Float32: Gather(values[p..], places.Length, target.Writable<float>().Slice(count, rows)); break;
                case ColumnType.Float64: Gather(values[p..], places.Length, target.Writable<double>().Slice(count, rows)); break;
                case ColumnType.Int32: Gather(values[p..], places.Length, target.Writable<int>().Slice(count, rows)); break;
                default: Gather(values[p..], places.Length, target.Writable<long>().Slice(count, rows)); break;
            }

            count += rows;
        }
    }

    internal readonly void Repeat(int column, int row, int end)
    {
        var target = _batch!.Columns[column];
        switch (target.Field.Type)
        {
            case ColumnType.Float32: Repeat(target.Writable<float>()[row..end]); break;
            case ColumnType.Float64: Repeat(target.Writable<double>()[row..end]); break;
            case ColumnType.Int32: Repeat(target.Writable<int>()[row..end]); break;
            default: Repeat(target.Writable<long>()[row..end]); break;
        }

        if (target.Field.Nullable && !target.IsValid(row))
        {
            for (var r = row + 1; r < end; r++) { target.SetValid(r, false); }
        }
    }

    /// <summary>Marks rows as missing, with value 0; returns false if that is not allowed.</summary>
    internal readonly bool TryMiss(int column, int row, int end)
    {
        var target = _batch!.Columns[column];
        if (row == end) { return true; }
        if (!target.Field.Nullable) { return false; }
        JsonValues.Clear(target, row);
        target.SetValid(row, false);
        Repeat(column, row, end);
        return true;
    }

    internal Batch Take()
    {
        if (Counts[0] != Capacity) { MoveTo(Counts[0]); }
        var batch = _batch!;
        _batch = null;
        return batch;
    }

    internal void Release()
    {
        _batch?.Dispose();
        _batch = null;
    }

    private void MoveTo(int rows)
    {
        var next = _pool.Rent(_plan.Schema, rows);
        for (var c = 0; c < Counts.Length; c++) { next.Columns[c].CopyFrom(0, _batch!.Columns[c], 0, Counts[c]); }
        _batch!.Dispose();
        (_batch, Capacity) = (next, rows);
    }

    private static void Gather<T>(ReadOnlySpan<ulong> values, int stride, Span<T> target)
        where T : unmanaged
    {
        for (var r = 0; r < target.Length; r++) { target[r] = Unsafe.As<ulong, T>(ref Unsafe.AsRef(in values[r * stride])); }
    }

    private static void Repeat<T>(Span<T> values)
    {
        if (values.Length > 1) { values[1..].Fill(values[0]); }
    }
}

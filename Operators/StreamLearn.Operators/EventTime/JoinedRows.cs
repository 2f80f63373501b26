namespace StreamLearn.Operators;

internal sealed class JoinedRows
{
    private readonly HeldRow[] _first = new HeldRow[JoinBlock.MaxBatchRows];
    private readonly HeldRow[] _second = new HeldRow[JoinBlock.MaxBatchRows];

    internal int Count { get; private set; }

    internal bool IsFull => Count == _first.Length;

    internal void Clear() => Count = 0;

    internal void Add(HeldRow first, HeldRow second)
    {
        (_first[Count], _second[Count]) = (first, second);
        Count++;
    }

    internal void WriteTo(Batch target, JoinInput first, JoinInput second)
    {
        var column = 0;
        for (var c = 0; c < first.Columns!.Fields.Length; c++) { Write(target.Columns[column++], first, c, _first); }
        while (second.Columns is null && column < target.Columns.Count) { Write(target.Columns[column++], second, -1, _second); }
        for (var c = 0; c < second.Columns?.Fields.Length; c++)
        {
            if (second.Columns.Fields[c].Name != Schema.TimeColumn) { Write(target.Columns[column++], second, c, _second); }
        }
    }

    private void Write(Column target, JoinInput input, int column, HeldRow[] rows)
    {
        var from = rows.AsSpan(0, Count);
        switch (target.Field.Type)
        {
            case ColumnType.Float32: Gather(target.Writable<float>(), input.Batches, column, from, float.NaN); break;
            case ColumnType.Float64: Gather(target.Writable<double>(), input.Batches, column, from, double.NaN); break;
            case ColumnType.Int32: Gather(target.Writable<int>(), input.Batches, column, from, 0); break;
            default: Gather(target.Writable<long>(), input.Batches, column, from, 0L); break;
        }

        if (!target.Field.Nullable) { return; }
        for (var i = 0; i < from.Length; i++)
        {
            target.SetValid(i, from[i] != HeldRow.None && input.Batches[from[i].Batch].Columns[column].IsValid(from[i].Row));
        }
    }

    private static void Gather<T>(Span<T> target, List<Batch> batches, int column, ReadOnlySpan<HeldRow> rows, T missing)
        where T : unmanaged
    {
        ReadOnlySpan<T> values = [];
        var of = -1;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] == HeldRow.None)
            {
                target[i] = missing;
                continue;
            }

            if (rows[i].Batch != of)
            {
                of = rows[i].Batch;
                values = batches[of].Columns[column].Values<T>();
            }

            target[i] = values[rows[i].Row];
        }
    }
}

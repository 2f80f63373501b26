namespace StreamLearn.Operators;

internal static class StateRows
{
    internal static void Part(this ref StateStream s, ref Batch? batch, int start, ref int rows, BatchPool pool, int capacity)
    {
        var part = s.Value(batch, start, rows);
        if (s.IsWriting) { return; }
        using (part)
        {
            rows = part?.Rows ?? 0;
            if (part is null) { return; }
            if (rows > capacity) { throw new StateException($"expected at most {capacity} rows, got {rows}"); }
            batch = pool.Rent(part.Schema, capacity);
            batch.CopyFrom(0, part, 0, rows);
        }
    }
}

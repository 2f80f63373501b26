namespace StreamLearn.Operators;

/// <summary>Rows in the state of an operator.</summary>
internal static class StateRows
{
    /// <summary>Writes a long batch whose rest waits for the next call, and the row that is next.</summary>
    internal static void WriteRest(this StateWriter writer, Batch? batch, int next)
    {
        writer.Write(batch);
        writer.Write(next);
    }

    internal static (Batch? Batch, int Next) ReadRest(this ref StateReader reader)
    {
        var batch = reader.ReadBatch();
        return (batch, reader.ReadInt32(0, batch?.Rows ?? int.MaxValue));
    }

    /// <summary>Reads rows into a batch that has space for more; null if there was none.</summary>
    internal static Batch? ReadPart(this ref StateReader reader, BatchPool pool, int capacity, out int rows)
    {
        using var part = reader.ReadBatch();
        rows = part?.Rows ?? 0;
        if (part is null) { return null; }
        if (rows > capacity) { throw new StateException($"expected at most {capacity} rows, got {rows}"); }
        var batch = pool.Rent(part.Schema, capacity);
        batch.CopyFrom(0, part, 0, rows);
        return batch;
    }
}

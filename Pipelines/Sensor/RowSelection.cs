using StreamLearn.Operators;

namespace Sensor;

internal static class RowSelection
{
    /// <summary>Name suffix of the block that skips batches without rows of the device.</summary>
    internal const string OwnRows = " has rows";

    internal static Flow<Batch> InColumns(this Flow<Batch> flow, Schema schema) =>
        flow.Map("columns", (batch, pool) => Copy(batch, pool, schema), schema);

    internal static Flow<Batch> Having(this Flow<Batch> flow, Schema schema, string column, int value) => flow
        .Map($"{column} of {value}", (batch, pool) => Copy(Rows(batch, column, value), pool, schema), schema)
        .Filter($"{column}{OwnRows}", static batch => batch.Rows > 0);

    private static Batch Rows(Batch batch, string column, int value)
    {
        using (batch)
        {
            var values = batch[column].Values<int>();
            List<int> rows = [];
            for (var row = 0; row < values.Length; row++)
            {
                if (values[row] == value && batch[column].IsValid(row)) { rows.Add(row); }
            }

            return batch.Copy([.. rows]);
        }
    }

    private static Batch Copy(Batch batch, BatchPool pool, Schema schema)
    {
        if (batch.Schema.Equals(schema)) { return batch; }
        using (batch)
        {
            var copy = pool.Rent(schema, batch.Rows);
            for (var c = 0; c < schema.Fields.Length; c++)
            {
                copy.Columns[c].CopyFrom(0, batch[schema.Fields[c].Name], 0, batch.Rows);
            }

            return copy;
        }
    }
}

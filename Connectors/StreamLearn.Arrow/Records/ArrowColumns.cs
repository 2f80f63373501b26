using System.Runtime.CompilerServices;
using Apache.Arrow;

namespace StreamLearn.Arrow;

/// <summary>Converts batches of a pipeline to record batches of Apache.Arrow, and back, with their columns.</summary>
/// <remarks>
/// Of a pipeline: float32, float64, int32 and int64 stay what they are; the event time becomes <c>timestamp[ns, UTC]</c>; a unit other than
/// 1 is the metadata <c>unit</c> of its column. From Arrow: narrower numbers become float32 or int32, uint32 and wider integers int64,
/// bool int32, a timestamp int64 in nanoseconds, other times int64 with their unit, texts in a dictionary int32, the index. The unit is
/// the metadata <c>unit</c>, or else <c>units</c>. A batch holds no other columns. Source: Apache Arrow, columnar format 1.5.
/// </remarks>
public static class ArrowColumns
{
    /// <summary>The key of a column's unit.</summary>
    public const string UnitKey = BatchFields.UnitKey;

    private static readonly ConditionalWeakTable<Apache.Arrow.Schema, BatchPlan> Plans = [];

    /// <summary>Converts the columns of a pipeline to those of Arrow.</summary>
    /// <param name="schema">The columns.</param>
    public static Apache.Arrow.Schema ToArrowSchema(this Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return RecordSchemas.Of(schema);
    }

    /// <summary>Converts the columns of Arrow to those of a pipeline.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="options">Which, and how; null for the defaults.</param>
    /// <exception cref="SchemaException">No column is left, a named one cannot be held by a batch, or two have one name.</exception>
    public static Schema ToSchema(this Apache.Arrow.Schema schema, ArrowBatchOptions? options = null) =>
        PlanOf(schema, options ?? new()).Schema;

    /// <summary>Gives a view of a batch, without a copy.</summary>
    /// <remarks>The view keeps the memory until it is disposed, whatever becomes of the batch. What is touched afterwards throws
    /// <see cref="ObjectDisposedException"/>; a slice does not keep it either. What was exported to C keeps it until it is released
    /// there.</remarks>
    /// <param name="batch">The batch, which stays its owner's.</param>
    public static RecordBatch ToRecordBatch(this Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return new BatchView(batch.Retain());
    }

    /// <summary>Copies a record batch into a batch of a pool, each column once. Lengths, buffers and indices are checked before. An index
    /// is that of the record batch's own dictionary.</summary>
    /// <param name="batch">The record batch, which the caller disposes.</param>
    /// <param name="pool">Where the batch is rented; in a block, that of its context.</param>
    /// <param name="options">Which columns, and how they become those of a batch; null for the defaults.</param>
    /// <exception cref="ArrowFormatException">The arrays are not what their schema says, or a value does not fit.</exception>
    /// <exception cref="SchemaException">No column is left, a named one cannot be held by a batch, or two have one name.</exception>
    /// <exception cref="ObjectDisposedException">It is a view that was disposed.</exception>
    public static Batch ToBatch(this RecordBatch batch, BatchPool pool, ArrowBatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(pool);
        var plan = PlanOf(batch.Schema, options ?? new());
        return BatchCopy.Rows(plan, RecordArrays.View(batch, plan), 0, batch.Length, pool);
    }

    /// <summary>The type of a column as other tools print it: <c>timestamp[ns, UTC]</c>, <c>list&lt;x float32&gt;</c>.</summary>
    /// <param name="field">The column.</param>
    public static string TypeText(this Apache.Arrow.Field field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var dictionaries = 0L;
        return RecordSchemas.From(field, ref dictionaries).TypeText;
    }

    internal static BatchPlan PlanOf(Apache.Arrow.Schema schema, ArrowBatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (Plans.TryGetValue(schema, out var plan) && plan.Options == options) { return plan; }
        plan = new(RecordSchemas.From(schema), options);
        Plans.AddOrUpdate(schema, plan);
        return plan;
    }
}

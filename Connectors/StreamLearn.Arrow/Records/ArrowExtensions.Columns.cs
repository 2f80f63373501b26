using System.Runtime.CompilerServices;
using Apache.Arrow;

namespace StreamLearn.Arrow;

/// <content>Pipeline batches and columns as Apache.Arrow record batches, and back.</content>
/// <remarks> To Arrow: float32, float64, int32 and int64 stay; the event time becomes <c>timestamp[ns, UTC]</c>; a unit other than 1 is
/// column metadata <c>unit</c>. From Arrow: narrower numbers become float32 or int32, uint32 and wider integers int64, bool int32,
/// timestamps int64 nanoseconds, other times int64 with their unit, dictionary strings int32 indices. The unit is metadata <c>unit</c>,
/// otherwise <c>units</c>. Other columns are not supported. Source: Apache Arrow, columnar format 1.5. </remarks>
public static partial class ArrowExtensions
{
    /// <summary>The metadata key of a column's unit.</summary>
    public const string UnitKey = BatchFields.UnitKey;

    private static readonly ConditionalWeakTable<Apache.Arrow.Schema, BatchPlan> Plans = [];

    /// <summary>Converts pipeline columns to Arrow.</summary>
    public static Apache.Arrow.Schema ToArrowSchema(this Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return RecordSchemas.Of(schema);
    }

    /// <summary>Converts Arrow columns to pipeline columns.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="options">Selection and conversion; null: defaults.</param>
    /// <exception cref="SchemaException">No column is left, a batch cannot hold a named column, or a name is repeated.</exception>
    public static Schema ToSchema(this Apache.Arrow.Schema schema, ArrowBatchOptions? options = null) =>
        PlanOf(schema, options ?? new()).Schema;

    /// <summary>Returns a view of a batch without copying.</summary>
    /// <remarks>The view keeps the memory until it is disposed, even if the batch is disposed; after that, access throws
    /// <see cref="ObjectDisposedException"/>. A slice does not keep the memory; an export to C keeps it until released.</remarks>
    /// <param name="batch">The batch; its owner keeps it.</param>
    public static RecordBatch ToRecordBatch(this Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return new BatchView(batch.Retain());
    }

    /// <summary>Copies a record batch into a batch of a pool, after checking lengths, buffers and indices. Indices refer to the dictionary
    /// of the record batch.</summary>
    /// <param name="batch">The record batch, which the caller disposes.</param>
    /// <param name="pool">The pool; in a block, that of its context.</param>
    /// <param name="options">Selection and conversion; null: defaults.</param>
    /// <exception cref="ArrowFormatException">The arrays do not match the schema, or a value does not fit.</exception>
    /// <exception cref="SchemaException">No column is left, a batch cannot hold a named column, or a name is repeated.</exception>
    /// <exception cref="ObjectDisposedException">The record batch is a disposed view.</exception>
    public static Batch ToBatch(this RecordBatch batch, BatchPool pool, ArrowBatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(pool);
        var plan = PlanOf(batch.Schema, options ?? new());
        return BatchCopy.Rows(plan, RecordArrays.View(batch, plan), 0, batch.Length, pool);
    }

    /// <summary>Formats the type of a column as other tools do: <c>timestamp[ns, UTC]</c>, <c>list&lt;x float32&gt;</c>.</summary>
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

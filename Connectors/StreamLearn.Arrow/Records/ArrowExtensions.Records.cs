using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace StreamLearn.Arrow;

/// <content>Flows of record batches: DuckDB, Flight, ADBC, the C data interface.</content>
public static partial class ArrowExtensions
{
    /// <summary>Reads record batches as fast as the pipeline accepts them; only in the dataflow host.</summary>
    /// <remarks>Shape: one batch per record batch, which is disposed. Types and units: as by <see cref="ToSchema"/>. Cost: one copy.
    /// Throws while running: <see cref="ArrowFormatException"/> if arrays do not match the schema. The stream is read once; the caller
    /// disposes it after the run. Source: Apache Arrow, C stream interface.</remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="stream">The record batches, such as <see cref="ArrowBatches"/>.</param>
    /// <param name="options">Selection and conversion; null: defaults.</param>
    /// <param name="name">The block's unique name.</param>
    /// <exception cref="SchemaException">No column is left, a batch cannot hold a named column, or a name is repeated.</exception>
    public static Flow<Batch> FromRecordBatches(
        this PipelineBuilder builder, IArrowArrayStream stream, ArrowBatchOptions? options = null, string name = "record-batches")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(stream);
        var plan = PlanOf(stream.Schema, options ?? new());
        return builder.FromSequence(
            name, new RecordSourceBlock($"{plan.Schema}", plan.LeftOut), (context, token) => Read(stream, plan, context, token),
            plan.Schema);
    }

    /// <summary>Converts each batch to a record batch without copying.</summary>
    /// <remarks>Shape: the same rows. Units: column metadata <c>unit</c>; the event time is <c>timestamp[ns, UTC]</c>. Emits: one per
    /// batch; the receiver disposes it, and with it the batch. Cost: O(columns), and some objects per batch. Source: Apache Arrow, columnar
    /// format 1.5.</remarks>
    public static Flow<RecordBatch> ToRecordBatches(this Flow<Batch> flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Via("to-record-batches", new RecordsBlock(),
            static (RecordsBlock _, OperatorContext _, IOutput<RecordBatch> output) => new Records(output));
    }

    /// <summary>Returns record batches as a stream for the C data interface, DuckDB, ADBC or Flight.</summary>
    /// <param name="batches">Record batches with one schema. The caller disposes them after the stream was read, because native code
    /// cannot.</param>
    /// <param name="schema">Their columns.</param>
    public static IArrowArrayStream ToArrayStream(this IEnumerable<RecordBatch> batches, Apache.Arrow.Schema schema)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(schema);
        return new ArrayStream(batches.GetEnumerator(), schema);
    }

    private static async IAsyncEnumerable<Batch> Read(
        IArrowArrayStream stream, BatchPlan plan, OperatorContext context, [EnumeratorCancellation] CancellationToken token)
    {
        var texts = new SteadyTexts(plan);
        while (!token.IsCancellationRequested
            && await stream.ReadNextRecordBatchAsync(CancellationToken.None).ConfigureAwait(false) is { } records)
        {
            Batch batch;
            using (records)
            {
                batch = records.ToBatch(context.Pool, plan.Options);
                try { CheckTexts(records, plan, texts); }
                catch
                {
                    batch.Dispose();
                    throw;
                }
            }

            yield return batch;
        }
    }

    private static void CheckTexts(RecordBatch records, BatchPlan plan, SteadyTexts texts)
    {
        for (var c = 0; c < plan.Columns.Length; c++)
        {
            if (records.Column(plan.Columns[c].Index) is DictionaryArray { Dictionary: IReadOnlyList<string> entries } array)
            {
                texts.Check(c, array.Dictionary.Data.Buffers[^1].Memory, entries.Count, i => entries[i]);
            }
        }
    }

    private sealed record RecordSourceBlock(string Columns, IReadOnlyList<string> LeftOut) : IBlockOptions
    {
        public override string ToString() => Columns;
    }

    private sealed record RecordsBlock : IBlockOptions;

    private sealed class Records(IOutput<RecordBatch> output) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            output.Emit(input.ToRecordBatch());
            input.Dispose();
        }
    }

    private sealed class ArrayStream(IEnumerator<RecordBatch> batches, Apache.Arrow.Schema schema) : IArrowArrayStream
    {
        public Apache.Arrow.Schema Schema => schema;

        public ValueTask<RecordBatch> ReadNextRecordBatchAsync(CancellationToken cancellationToken = default) =>
            new(batches.MoveNext() ? batches.Current : null!);

        public void Dispose() => batches.Dispose();
    }
}

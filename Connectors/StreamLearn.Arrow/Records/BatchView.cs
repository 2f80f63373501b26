using System.Buffers;
using System.Runtime.InteropServices;
using Apache.Arrow;

namespace StreamLearn.Arrow;

/// <summary>A batch as a record batch, without copying. It owns a handle on the memory; access after disposal throws.</summary>
internal sealed class BatchView : RecordBatch, IOwned, ISized
{
    private readonly Batch _batch;
    private int _isDisposed;

    internal BatchView(Batch batch)
        : base(RecordSchemas.Of(batch.Schema), ColumnsOf(batch), batch.Rows) => _batch = batch;

    long ISized.SizeBytes => _batch.SizeBytes;

    int ISized.Rows => Length;

    IOwned IOwned.Retain() => new BatchView(_batch.Retain());

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0) { _batch.Dispose(); }
        base.Dispose(disposing);
    }

    private static IEnumerable<IArrowArray> ColumnsOf(Batch batch)
    {
        var fields = RecordSchemas.Of(batch.Schema).FieldsList;
        for (var c = 0; c < fields.Count; c++)
        {
            var column = batch.Columns[c];
            var missing = column.CountMissing();
            yield return ArrowArrayFactory.BuildArray(new(fields[c].DataType, batch.Rows, missing, 0,
                [missing == 0 ? ArrowBuffer.Empty : Buffer(batch, c, isValidity: true), Buffer(batch, c, isValidity: false)]));
        }
    }

    private static ArrowBuffer Buffer(Batch batch, int column, bool isValidity) => new(new ColumnBytes(batch, column, isValidity).Memory);

    /// <summary>The values or the validity of a column. A pin owns a handle, so memory exported to C outlives the view.</summary>
    private sealed class ColumnBytes(Batch batch, int column, bool isValidity) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            var values = batch.Columns[column];
            var bytes = isValidity ? values.Validity : values.Memory.Span;
            return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);
        }

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            var kept = new Kept(batch.Retain());
            // the memory of a batch does not move
            fixed (byte* first = GetSpan()[elementIndex..]) { return new(first, default, kept); }
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed class Kept(Batch batch) : IPinnable
    {
        private int _isReleased;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException();

        public void Unpin()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0) { batch.Dispose(); }
        }
    }
}

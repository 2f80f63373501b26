using System.Buffers;

namespace StreamLearn.Arrow;

/// <summary>Writes batches as Arrow messages.</summary>
/// <remarks>Cost: one copy of the values, or none (<see cref="Gather"/>); no allocation per batch. Values are aligned to 64 bytes and
/// padded with zeros. Thread-safe. Source: Apache Arrow, IPC format 1.5.</remarks>
public sealed class ArrowBatchWriter
{
    private const int Alignment = Messages.Alignment;
    private const int EntryBytes = 16;

    private static readonly ReadOnlyMemory<byte> Zeros = new byte[Alignment];

    private readonly byte[] _schema;
    private readonly byte[] _head;
    private readonly int _bodyLengthAt;
    private readonly int _rowsAt;
    private readonly int _nodesAt;
    private readonly int _buffersAt;
    private readonly int[] _widths;

    /// <summary>Creates a writer.</summary>
    /// <param name="schema">The columns of the batches.</param>
    public ArrowBatchWriter(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        (Schema, ArrowSchema) = (schema, BatchFields.Of(schema));
        _schema = Messages.OfSchema(ArrowSchema);
        _widths = [.. schema.Fields.Select(static f => f.Width)];
        var (flat, columns) = (new FlatBuilder(), schema.Fields.Length);
        var buffers = flat.Structs(new byte[2 * EntryBytes * columns], 2 * columns);
        var nodes = flat.Structs(new byte[EntryBytes * columns], columns);
        flat.Begin();
        var rows = flat.Int64((int)Ipc.BatchField.Length, 0);
        flat.Offset((int)Ipc.BatchField.Nodes, nodes);
        flat.Offset((int)Ipc.BatchField.Buffers, buffers);
        (_head, _bodyLengthAt, var end) = Messages.FinishBatch(flat, flat.End());
        (_rowsAt, _nodesAt, _buffersAt) = (end - rows, end - nodes + sizeof(int), end - buffers + sizeof(int));
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    internal ArrowSchema ArrowSchema { get; }

    /// <summary>The schema message, which is sent before the first batch, or only once.</summary>
    public ReadOnlyMemory<byte> SchemaMessage => _schema;

    /// <summary>The end-of-stream mark, which may follow the last batch.</summary>
    public static ReadOnlySpan<byte> EndOfStream => Messages.End;

    internal int HeadBytes => _head.Length;

    internal int BodyLengthAt => _bodyLengthAt;

    /// <summary>Returns the maximum length of the message of a batch in bytes.</summary>
    public long MaxLength(int rows)
    {
        long bytes = _head.Length;
        for (var c = 0; c < _widths.Length; c++)
        {
            bytes += Padded((long)_widths[c] * rows) + (Schema.Fields[c].Nullable ? Padded(Bits.Bytes(rows)) : 0);
        }

        return bytes;
    }

    /// <summary>Writes the message of a batch.</summary>
    /// <param name="batch">A batch of <see cref="Schema"/>.</param>
    /// <param name="target">The target, at least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">The target is too short.</exception>
    public int Write(Batch batch, Span<byte> target)
    {
        Require(batch);
        if (target.Length < MaxLength(batch.Rows)) { throw new ArgumentException("expected room for the whole message", nameof(target)); }
        var body = Head(batch, target);
        var rows = batch.Rows;
        var to = target[_head.Length..];
        var fields = Schema.Fields;
        for (var c = 0; c < fields.Length; c++)
        {
            if (Missing(target, c) > 0)
            {
                CopyValidity(batch.Columns[c], to);
                to = Pad(to, Bits.Bytes(rows));
            }

            var values = batch.Columns[c].Memory.Span;
            values.CopyTo(to);
            to = Pad(to, values.Length);
        }

        return _head.Length + body;
    }

    /// <summary>Writes the message of a batch.</summary>
    /// <param name="batch">A batch of <see cref="Schema"/>.</param>
    /// <param name="buffer">The target.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    public void Write(Batch batch, IBufferWriter<byte> buffer)
    {
        Require(batch);
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.Advance(Write(batch, buffer.GetSpan(checked((int)MaxLength(batch.Rows)))));
    }

    /// <summary>Returns the message of a batch as pieces, without copying values. They are valid until the batch is disposed.</summary>
    /// <param name="batch">A batch of <see cref="Schema"/>.</param>
    /// <param name="head">Memory of <see cref="GatherBytes"/> bytes; must stay valid as long as the pieces.</param>
    /// <param name="pieces">Cleared, then filled with the consecutive pieces.</param>
    /// <exception cref="SchemaException">The batch has other columns.</exception>
    /// <exception cref="ArgumentException">The memory is too short.</exception>
    public void Gather(Batch batch, Memory<byte> head, List<ReadOnlyMemory<byte>> pieces)
    {
        Require(batch);
        ArgumentNullException.ThrowIfNull(pieces);
        if (head.Length < GatherBytes(batch.Rows)) { throw new ArgumentException("expected room for the metadata", nameof(head)); }
        pieces.Clear();
        var own = head.Span;
        Head(batch, own);
        pieces.Add(head[.._head.Length]);
        var (rows, used) = (batch.Rows, _head.Length);
        for (var c = 0; c < _widths.Length; c++)
        {
            if (Missing(own, c) > 0)
            {
                var bits = own.Slice(used, (int)Padded(Bits.Bytes(rows)));
                bits.Clear();
                CopyValidity(batch.Columns[c], bits);
                pieces.Add(head.Slice(used, bits.Length));
                used += bits.Length;
            }

            var values = batch.Columns[c].Memory;
            pieces.Add(values);
            var padding = (int)(Padded(values.Length) - values.Length);
            if (padding > 0) { pieces.Add(Zeros[..padding]); }
        }
    }

    /// <summary>Returns the number of bytes that <see cref="Gather"/> needs in addition to the batch.</summary>
    public int GatherBytes(int rows)
    {
        var bytes = _head.Length;
        foreach (var field in Schema.Fields) { bytes += field.Nullable ? (int)Padded(Bits.Bytes(rows)) : 0; }
        return bytes;
    }

    private int Head(Batch batch, Span<byte> target)
    {
        _head.CopyTo(target);
        var (rows, at) = (batch.Rows, 0L);
        var nodes = target.Slice(_nodesAt, EntryBytes * _widths.Length);
        var buffers = target.Slice(_buffersAt, 2 * EntryBytes * _widths.Length);
        var fields = Schema.Fields;
        for (var c = 0; c < fields.Length; c++)
        {
            var missing = fields[c].Nullable ? batch.Columns[c].CountMissing() : 0;
            Put(nodes[(EntryBytes * c)..], rows, missing);
            at += Put(buffers[(2 * EntryBytes * c)..], at, missing > 0 ? Bits.Bytes(rows) : 0);
            at += Put(buffers[((2 * EntryBytes * c) + EntryBytes)..], at, (long)_widths[c] * rows);
        }

        BinaryPrimitives.WriteInt64LittleEndian(target[_rowsAt..], rows);
        BinaryPrimitives.WriteInt64LittleEndian(target[_bodyLengthAt..], at);
        return checked((int)at);
    }

    private long Missing(ReadOnlySpan<byte> head, int column) =>
        BinaryPrimitives.ReadInt64LittleEndian(head[(_nodesAt + (EntryBytes * column) + sizeof(long))..]);

    private static void CopyValidity(Column column, Span<byte> target)
    {
        column.Validity.CopyTo(target);
        if ((column.Rows & 7) != 0) { target[column.Rows >> 3] &= (byte)((1 << (column.Rows & 7)) - 1); }
    }

    private static long Put(Span<byte> entry, long first, long second)
    {
        BinaryPrimitives.WriteInt64LittleEndian(entry, first);
        BinaryPrimitives.WriteInt64LittleEndian(entry[sizeof(long)..], second);
        return Padded(second);
    }

    private static Span<byte> Pad(Span<byte> target, int length)
    {
        var padded = (int)Padded(length);
        target[length..padded].Clear();
        return target[padded..];
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) & -Alignment;

    private void Require(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!batch.Schema.Equals(Schema)) { throw new SchemaException($"expected {Schema}, got {batch.Schema}"); }
    }
}

namespace StreamLearn;

/// <summary>A record batch in Arrow layout: contiguous columns, 64-byte aligned, rented from a pool.</summary>
/// <remarks> A batch is one owner's handle on reference-counted memory. The owner emits, drops or disposes it exactly once and does not use
/// it afterwards. A second transfer throws in the block that does it; later reads and writes are not detected. <see cref="Retain"/> makes a
/// second handle. <see cref="ToWritable"/> copies shared memory under the same handle, so a failed call's input comes back as the copy.
/// Source: Apache Arrow, columnar format 1.0. </remarks>
public sealed class Batch : IOwned, ISized, ITagged, IPrivate
{
    private static readonly object Host = new();
    private static readonly object Gone = new();

    private readonly BatchPool _pool;
    private BatchMemory? _memory;
    private Schema? _schema;
    private int _rows;
    private object? _owner;         // the block that owns it, Host between blocks, or Gone; null: user code that rented or retained it

    internal Batch(BatchPool pool, BatchMemory memory, Schema schema, int rows) =>
        (_pool, _memory, _schema, _rows) = (pool, memory, schema, rows);

    /// <summary>The columns' names, types and units.</summary>
    public Schema Schema => _schema ?? throw Closed();

    /// <summary>Rows, 0 or more.</summary>
    public int Rows => _memory is null ? throw Closed() : _rows;

    /// <summary>Bytes of pooled memory that the batch holds.</summary>
    public long SizeBytes => Memory.CapacityBytes;

    /// <summary>All columns, in schema order.</summary>
    public ColumnList Columns => new(this, channels: false);

    /// <summary>The float32 columns, in schema order.</summary>
    public ColumnList Channels => new(this, channels: true);

    /// <summary>The schema's hash and the event time of the last row.</summary>
    public MessageTags Tags => new(SchemaHash: Schema.Hash, EventTime: LastTime);

    /// <summary>The most private label of its columns, or of its rows if it has a <see cref="Schema.PrivacyColumn"/>. Cost: O(rows) in that
    /// case.</summary>
    public PrivacyLabel Privacy
    {
        get
        {
            var most = Schema.Privacy;
            for (var row = 0; Schema.PrivacyAt >= 0 && row < Rows && most < PrivacyLabel.DeviceOnly; row++)
            {
                most = PrivacyOf(row) is var label && label > most ? label : most;
            }

            return most;
        }
    }

    /// <summary>True if another handle shares the memory.</summary>
    public bool IsShared => Volatile.Read(ref Memory.References) > 1;

    private long? LastTime =>
        Rows > 0 && TryColumn(Schema.TimeColumn, out var time) && time.Field.Type == ColumnType.Int64 ? time.Values<long>()[^1] : null;

    internal BatchMemory Memory => _memory ?? throw Closed();

    internal BatchPool Pool => _pool;

    /// <summary>A column by name.</summary>
    /// <exception cref="SchemaException">There is no such column.</exception>
    public Column this[string name]
    {
        get
        {
            var index = Schema.IndexOf(name);
            return index >= 0 ? new(this, index) : throw new SchemaException($"expected a column '{name}', got {Schema}");
        }
    }

    /// <summary>Finds a column by name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="column">The column, if found.</param>
    public bool TryColumn(string name, out Column column)
    {
        var index = Schema.IndexOf(name);
        column = new(this, Math.Max(index, 0));
        return index >= 0;
    }

    /// <summary>Returns a row's label, independent of the labels of its columns; <see cref="PrivacyLabel.Public"/> if rows have no
    /// labels.</summary>
    /// <param name="row">The row, from 0.</param>
    public PrivacyLabel PrivacyOf(int row)
    {
        if (Schema.PrivacyAt is var at && at < 0) { return PrivacyLabel.Public; }
        var labels = Columns[at];
        return labels.IsValid(row) && labels.Values<int>()[row] is >= 0 and < (int)PrivacyLabel.DeviceOnly and var label
            ? (PrivacyLabel)label
            : PrivacyLabel.DeviceOnly;
    }

    /// <summary>Makes a second handle on the same memory for another owner.</summary>
    public Batch Retain() => _pool.Share(this);

    IOwned IOwned.Retain() => Retain();

    /// <summary>Returns this batch, moved to its own memory if that is shared.</summary>
    public Batch ToWritable()
    {
        if (IsShared) { _memory = _pool.Detach(Memory, Schema, Rows); }
        return this;
    }

    /// <summary>Copies consecutive rows into a new batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Rows are outside the batch.</exception>
    public Batch Copy(int start, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Rows - start);
        var copy = _pool.Rent(Schema, rows);
        copy.CopyFrom(0, this, start, rows);
        return copy;
    }

    /// <summary>Copies the given rows, in that order, into a new batch.</summary>
    /// <param name="rows">The rows, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row is outside the batch.</exception>
    public Batch Copy(ReadOnlySpan<int> rows)
    {
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)Rows) { throw new ArgumentOutOfRangeException(nameof(rows), row, $"expected rows 0 to {Rows - 1}"); }
        }

        var copy = _pool.Rent(Schema, rows.Length);
        for (var c = 0; c < Schema.Fields.Length; c++) { copy.Columns[c].CopyFrom(Columns[c], rows); }
        return copy;
    }

    /// <summary>Copies consecutive rows, values and validity, from a batch of the same schema.</summary>
    /// <param name="row">The first row to write; within one batch at most <paramref name="sourceRow"/>.</param>
    /// <param name="source">The batch to read.</param>
    /// <param name="sourceRow">The first row to read.</param>
    /// <param name="rows">Rows to copy.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rows are outside a batch.</exception>
    /// <exception cref="SchemaException">The schemas differ.</exception>
    /// <exception cref="InvalidOperationException">This batch is shared.</exception>
    public void CopyFrom(int row, Batch source, int sourceRow, int rows)
    {
        ArgumentNullException.ThrowIfNull(source);
        var schema = Schema;
        ThrowIfShared();
        if (!schema.Equals(source.Schema)) { throw new SchemaException($"expected rows of {schema}, got {source.Schema}"); }
        Require(row, rows);
        source.Require(sourceRow, rows);
        var (to, from, fields) = (Memory, source.Memory, schema.Fields);
        for (var c = 0; c < fields.Length; c++)
        {
            if (fields[c].Nullable) { Columns[c].CopyFrom(row, source.Columns[c], sourceRow, rows); }
            else { to.CopyValues(c, row, from, sourceRow, rows, fields[c].Width); }
        }
    }

    /// <summary>Replaces the schema with one of the same layout, such as new units after scaling in place.</summary>
    /// <param name="schema">A schema with the same column count, types and nullability.</param>
    /// <returns>This batch.</returns>
    /// <exception cref="SchemaException">The layout differs.</exception>
    public Batch Relabel(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var (from, to) = (Schema.Fields, schema.Fields);
        var same = from.Length == to.Length;
        for (var c = 0; same && c < to.Length; c++) { same = from[c].Type == to[c].Type && from[c].Nullable == to[c].Nullable; }
        if (!same) { throw new SchemaException($"expected the layout of {Schema}, got {schema}"); }
        _schema = schema;
        return this;
    }

    /// <summary>Releases the handle; the last handle returns the memory to the pool.</summary>
    /// <exception cref="ObjectDisposedException">The batch was already passed on or disposed.</exception>
    public void Dispose()
    {
        var owner = Volatile.Read(ref _owner);
        if (ReferenceEquals(owner, Host) || (owner is Ports && Ports.Calling is { } other && other != owner) || !TryClose())
        {
            throw Closed();
        }
    }

    /// <summary>Transfers the handle from its owner to the host.</summary>
    /// <exception cref="ObjectDisposedException">The handle was already passed on or disposed.</exception>
    internal void PassOn(Ports? from)
    {
        if (!TryLeave(from)) { throw Closed(); }
    }

    internal void HandOver(Ports? to) => Interlocked.CompareExchange(ref _owner, to, Host);

    internal bool TryClose()
    {
        if (Interlocked.Exchange(ref _owner, Gone) == Gone) { return false; }
        var memory = _memory!;
        (_memory, _schema) = (null, null);
        _pool.Return(memory);
        return true;
    }

    /// <summary>Closes it if a block or a retainer still owns it.</summary>
    internal void TakeBack(Ports from)
    {
        if (TryLeave(from)) { TryClose(); }
    }

    private bool TryLeave(Ports? from)
    {
        var owner = Volatile.Read(ref _owner);
        return (owner is null || owner == from) && Interlocked.CompareExchange(ref _owner, Host, owner) == owner;
    }

    internal void ThrowIfShared()
    {
        if (!IsShared) { return; }
        throw new InvalidOperationException("the batch is shared with another owner: call ToWritable() before writing");
    }

    private void Require(int first, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Rows - first);
    }

    private static ObjectDisposedException Closed() =>
        new(nameof(Batch), "the batch was already emitted, sent, dropped or disposed: call Retain for each further owner");
}

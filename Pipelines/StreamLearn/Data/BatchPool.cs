using System.Numerics;

namespace StreamLearn;

/// <summary>Rents record batches and takes their memory back. One pool belongs to one run; it is safe for many threads.</summary>
/// <remarks>Cost: O(columns) a rent, no allocation once the size classes are warm. At most <see cref="MaxIdleBytes"/> are kept
/// idle.</remarks>
public sealed class BatchPool
{
    /// <summary>Bytes that a pool keeps for reuse at most, 256 MiB; what is given back beyond is left to the garbage collector.</summary>
    public const long MaxIdleBytes = 256L << 20;

    private const int SizeClasses = 23;      // 256 B to 1 GiB

    private readonly Lock _lock = new();
    private readonly BatchMemory?[] _free = new BatchMemory?[SizeClasses];
    private readonly bool _guard;
    private Batch? _handles;
    private long _idleBytes;
    private long _rented;
    private long _rentedBytes;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="guard">True: for tests. Handles are never used again and memory is filled with NaN when it comes back, so that a late
    /// touch is found.</param>
    public BatchPool(bool guard = false) => _guard = guard;

    /// <summary>Handles that are open: rented or retained, and not yet given back.</summary>
    public long RentedBatches => Interlocked.Read(ref _rented);

    /// <summary>Bytes of memory behind open handles.</summary>
    public long RentedBytes => Interlocked.Read(ref _rentedBytes);

    /// <summary>Rents a batch. Values are undefined, all marked as present; the caller writes every one.</summary>
    /// <param name="schema">Its columns.</param>
    /// <param name="rows">Its rows, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rows are negative, or the batch would exceed 1 GiB.</exception>
    public Batch Rent(Schema schema, int rows)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var bytes = BatchMemory.BytesFor(schema, rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, BatchMemory.BytesOf(SizeClasses - 1), nameof(rows));
        var sizeClass = SizeClassOf(bytes);
        BatchMemory? memory;
        Batch? handle;
        lock (_lock)
        {
            memory = TakeMemory(sizeClass);
            handle = TakeHandle();
        }

        return Opened(handle, LaidOut(memory, sizeClass, schema, rows), schema, rows);
    }

    /// <summary>Copies memory for one of its handles, which leaves the shared memory.</summary>
    internal BatchMemory Detach(BatchMemory shared, Schema schema, int rows)
    {
        BatchMemory? memory;
        lock (_lock) { memory = TakeMemory(shared.SizeClass); }
        memory = LaidOut(memory, shared.SizeClass, schema, rows);
        memory.CopyFrom(shared, (int)BatchMemory.BytesFor(schema, rows));
        if (Leave(shared))
        {
            lock (_lock) { TakeBack(shared); }
        }

        return memory;
    }

    internal Batch Share(Batch batch)
    {
        var (memory, schema, rows) = (batch.Memory, batch.Schema, batch.Rows);
        Interlocked.Increment(ref memory.References);
        Batch? handle;
        lock (_lock) { handle = TakeHandle(); }
        return Opened(handle, memory, schema, rows);
    }

    internal void Return(Batch handle, BatchMemory memory)
    {
        var last = Leave(memory);
        lock (_lock)
        {
            _rented--;
            if (!_guard)
            {
                handle.NextFree = _handles;
                _handles = handle;
            }

            if (last) { TakeBack(memory); }
        }
    }

    private bool Leave(BatchMemory memory)
    {
        if (Interlocked.Decrement(ref memory.References) > 0) { return false; }
        if (_guard) { memory.Fill(0xFF); }
        return true;
    }

    private void TakeBack(BatchMemory memory)
    {
        _rentedBytes -= memory.CapacityBytes;
        if (_guard || _idleBytes + memory.CapacityBytes > MaxIdleBytes) { return; }
        _idleBytes += memory.CapacityBytes;
        memory.NextFree = _free[memory.SizeClass];
        _free[memory.SizeClass] = memory;
    }

    private static int SizeClassOf(long bytes) => bytes <= 256 ? 0 : BitOperations.Log2((ulong)bytes - 1) - 7;

    private static BatchMemory LaidOut(BatchMemory? memory, int sizeClass, Schema schema, int rows)
    {
        memory ??= new(sizeClass);
        memory.References = 1;
        memory.LayOut(schema, rows);
        return memory;
    }

    private BatchMemory? TakeMemory(int sizeClass)
    {
        _rentedBytes += BatchMemory.BytesOf(sizeClass);
        var memory = _free[sizeClass];
        if (memory is null) { return null; }
        _free[sizeClass] = memory.NextFree;
        memory.NextFree = null;
        _idleBytes -= memory.CapacityBytes;
        return memory;
    }

    private Batch Opened(Batch? handle, BatchMemory memory, Schema schema, int rows)
    {
        handle ??= new(this);
        handle.Open(memory, schema, rows);
        return handle;
    }

    private Batch? TakeHandle()
    {
        _rented++;
        var handle = _handles;
        if (handle is null) { return null; }
        _handles = handle.NextFree;
        handle.NextFree = null;
        return handle;
    }
}

using System.Numerics;

namespace StreamLearn;

/// <summary>Rents record batches and takes their memory back. One pool belongs to one run; it is safe for many threads.</summary>
/// <remarks>Cost: O(columns) a rent; once the size classes are warm the handle alone is allocated, 64 B or less. At most
/// <see cref="MaxIdleBytes"/> are kept idle, and of a burst that is over less and less: memory that lay idle through
/// <see cref="BatchesPerTrim"/> returns is halved, down to <see cref="MinIdleBytes"/>.</remarks>
public sealed class BatchPool
{
    /// <summary>Bytes that a pool keeps for reuse at most, 256 MiB; what is given back beyond is left to the garbage collector.</summary>
    public const long MaxIdleBytes = 256L << 20;

    /// <summary>Batches given back between two looks at what lay idle all the while: 4,096.</summary>
    public const int BatchesPerTrim = 4096;

    /// <summary>Bytes that a pool keeps however long they lie idle, 1 MiB.</summary>
    public const long MinIdleBytes = 1L << 20;

    private const int SizeClasses = 23;      // 256 B to 1 GiB

    private readonly Lock _lock = new();
    private readonly BatchMemory?[] _free = new BatchMemory?[SizeClasses];
    private readonly int[] _idle = new int[SizeClasses];
    private readonly int[] _minIdle = new int[SizeClasses];      // since the last look
    private int _returns;
    private readonly bool _guard;
    private long _idleBytes;
    private long _rented;
    private long _handles;
    private long _rentedBytes;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="guard">True: for tests. Memory is never used again and is filled with NaN when it comes back, so that a late touch is
    /// found.</param>
    public BatchPool(bool guard = false) => _guard = guard;

    /// <summary>True: for tests.</summary>
    internal bool IsGuarded => _guard;

    /// <summary>Handles that are open: rented or retained, and not yet given back.</summary>
    public long RentedBatches => Interlocked.Read(ref _rented);

    /// <summary>Bytes of memory behind open handles.</summary>
    public long RentedBytes => Interlocked.Read(ref _rentedBytes);

    /// <summary>Handles that were made so far; each costs the garbage collector a little.</summary>
    internal long Handles => Interlocked.Read(ref _handles);

    /// <summary>Bytes of memory that are kept for batches to come.</summary>
    public long IdleBytes => Interlocked.Read(ref _idleBytes);

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
        lock (_lock)
        {
            memory = TakeMemory(sizeClass);
            (_rented, _handles) = (_rented + 1, _handles + 1);
        }

        return new(this, LaidOut(memory, sizeClass, schema, rows), schema, rows);
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
        lock (_lock) { (_rented, _handles) = (_rented + 1, _handles + 1); }
        return new(this, memory, schema, rows);
    }

    internal void Return(BatchMemory memory)
    {
        var last = Leave(memory);
        lock (_lock)
        {
            _rented--;
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
        Keep(memory);
        if (++_returns == BatchesPerTrim) { Trim(); }
    }

    /// <summary>Leaves half of what nobody needed since the last look, and one at least, to the garbage collector.</summary>
    private void Trim()
    {
        _returns = 0;
        for (var sizeClass = SizeClasses - 1; sizeClass >= 0; sizeClass--)
        {
            for (var unneeded = (_minIdle[sizeClass] + 1) / 2; unneeded > 0 && _idleBytes > MinIdleBytes; unneeded--)
            {
                Take(sizeClass);
            }

            _minIdle[sizeClass] = _idle[sizeClass];
        }
    }

    private void Keep(BatchMemory memory)
    {
        _idleBytes += memory.CapacityBytes;
        _idle[memory.SizeClass]++;
        memory.NextFree = _free[memory.SizeClass];
        _free[memory.SizeClass] = memory;
    }

    private BatchMemory? Take(int sizeClass)
    {
        if (_free[sizeClass] is not { } memory) { return null; }
        (_free[sizeClass], memory.NextFree) = (memory.NextFree, null);
        _idleBytes -= memory.CapacityBytes;
        _minIdle[sizeClass] = Math.Min(_minIdle[sizeClass], --_idle[sizeClass]);
        return memory;
    }

    /// <summary>Bytes of pooled memory that a batch takes.</summary>
    internal static long BytesOf(Schema schema, int rows) => 256L << SizeClassOf(BatchMemory.BytesFor(schema, rows));

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
        return Take(sizeClass);
    }
}

using System.Numerics;

namespace StreamLearn;

/// <summary>Rents record batches and reuses their memory. One pool belongs to one run; thread-safe.</summary>
/// <remarks>Cost: O(columns) a rent; after warm-up only the handle is allocated, at most 64 B. At most <see cref="MaxIdleBytes"/> stay
/// idle. Memory unused for <see cref="BatchesPerTrim"/> returns is halved, down to <see cref="MinIdleBytes"/>.</remarks>
public sealed class BatchPool
{
    /// <summary>Maximal bytes kept for reuse, 256 MiB; the rest goes to the garbage collector.</summary>
    public const long MaxIdleBytes = 256L << 20;

    /// <summary>Batches returned between two trims: 4,096.</summary>
    public const int BatchesPerTrim = 4096;

    /// <summary>Idle bytes that trimming keeps, 1 MiB.</summary>
    public const long MinIdleBytes = 1L << 20;

    private const int SizeClasses = 23;      // 256 B to 1 GiB

    private readonly Lock _lock = new();
    private readonly BatchMemory?[] _free = new BatchMemory?[SizeClasses];
    private readonly int[] _idle = new int[SizeClasses];
    private readonly int[] _minIdle = new int[SizeClasses];      // since the last trim
    private int _returns;
    private readonly bool _guard;
    private long _idleBytes;
    private long _rented;
    private long _handles;
    private long _rentedBytes;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="guard">True, for tests: returned memory is filled with NaN and never reused, which exposes late access.</param>
    public BatchPool(bool guard = false) => _guard = guard;

    internal bool IsGuarded => _guard;

    /// <summary>Open handles, rented or retained.</summary>
    public long RentedBatches => Interlocked.Read(ref _rented);

    /// <summary>Bytes of memory behind open handles.</summary>
    public long RentedBytes => Interlocked.Read(ref _rentedBytes);

    /// <summary>Made so far; each is a garbage-collected object.</summary>
    internal long Handles => Interlocked.Read(ref _handles);

    /// <summary>Bytes kept for reuse.</summary>
    public long IdleBytes => Interlocked.Read(ref _idleBytes);

    /// <summary>Rents a batch. All values are marked present but undefined; the caller writes every one.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="rows">Rows, 0 or more.</param>
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

    /// <summary>Frees half, at least one, of the buffers unused since the last trim.</summary>
    private void Trim()
    {
        _returns = 0;
        for (var sizeClass = SizeClasses - 1; sizeClass >= 0; sizeClass--)
        {
            for (var unneeded = (_minIdle[sizeClass] + 1) / 2; unneeded > 0 && _idleBytes > MinIdleBytes; unneeded--) { Take(sizeClass); }

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

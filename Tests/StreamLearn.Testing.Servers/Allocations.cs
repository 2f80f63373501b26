namespace StreamLearn.Testing;

/// <summary>What calls allocate once the runtime is done with them: compiling a method may allocate, too, at any time.</summary>
public static class Allocations
{
    /// <summary>What a batch costs the garbage collector: its handle, which is used once.</summary>
    public const int BytesPerBatch = 56;

    private const int Rounds = 20;

    /// <summary>What a round allocates on this thread beside the handles of the batches that it rents or retains.</summary>
    public static long BesideHandles(BatchPool pool, Action round)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(round);
        var (bytes, handles) = (GC.GetAllocatedBytesForCurrentThread(), pool.Handles);
        round();
        return GC.GetAllocatedBytesForCurrentThread() - bytes - ((pool.Handles - handles) * BytesPerBatch);
    }

    /// <summary>The least that one of some rounds allocates on this thread.</summary>
    public static long Least(Action round) => MinOf(() =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        round();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    /// <summary>The least that one of some rounds allocates on this thread beside the handles of the batches that it rents or
    /// retains.</summary>
    public static long Least(BatchPool pool, Action round) => MinOf(() => BesideHandles(pool, round));

    private static long MinOf(Func<long> measure)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > 0; i++) { least = Math.Min(least, measure()); }
        return least;
    }
}

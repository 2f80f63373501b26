namespace StreamLearn.Connections;

/// <summary>Threads, one per processor, that run the continuations of signals. Pool threads spin before they sleep, which costs more than
/// handling a message every few microseconds; these threads sleep at once.</summary>
internal sealed class WakeThread
{
    private static readonly WakeThread?[] Threads = new WakeThread?[Environment.ProcessorCount];
    private readonly object _gate = new();
    private IThreadPoolWorkItem? _item;         // the running or next item

    private WakeThread(IThreadPoolWorkItem first)
    {
        _item = first;
        new Thread(Run) { IsBackground = true, Name = "StreamLearn wake" }.UnsafeStart();
    }

    /// <summary>Runs the item on an idle thread, or in the thread pool if all are busy.</summary>
    internal static void Start(IThreadPoolWorkItem item)
    {
        for (var i = 0; i < Threads.Length; i++)
        {
            if (Volatile.Read(ref Threads[i]) is { } thread)
            {
                if (thread.TryStart(item)) { return; }
                continue;
            }

            lock (Threads)
            {
                if (Threads[i] is not null) { continue; }
                Volatile.Write(ref Threads[i], new(item));
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
    }

    private bool TryStart(IThreadPoolWorkItem item)
    {
        if (_item is not null || Interlocked.CompareExchange(ref _item, item, null) is not null) { return false; }
        lock (_gate) { Monitor.Pulse(_gate); }
        return true;
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (Volatile.Read(ref _item) is null) { Monitor.Wait(_gate); }
            }

            _item!.Execute();
            Volatile.Write(ref _item, null);
        }
    }
}

using System.Net.Sockets;

namespace StreamLearn.Connections;

/// <summary>
/// Threads that read one connection each: a wake-up for every arrival instead of the three that the runtime's socket engine needs.
/// Connections beyond their number are read by the engine, so that a thousand do not need a thousand threads.
/// </summary>
internal sealed class ReadThreads(int count)
{
    private int _free = count;

    /// <summary>Those of the process: as many as processors.</summary>
    internal static ReadThreads Shared { get; } = new(Environment.ProcessorCount);

    /// <summary>Reserves a thread.</summary>
    internal bool TryTake()
    {
        if (Interlocked.Decrement(ref _free) >= 0) { return true; }
        Interlocked.Increment(ref _free);
        return false;
    }

    internal void GiveBack() => Interlocked.Increment(ref _free);

    /// <summary>Runs on a thread of its own something that blocks.</summary>
    internal static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits until something has come, and receives it. The wait comes first: a socket that was written to without blocking would
    /// ask the engine to wait.</summary>
    internal static int Receive(Socket socket, Span<byte> into)
    {
        socket.Poll(-1, SelectMode.SelectRead);
        return socket.Receive(into);
    }

    /// <summary>Waits so long, or until the connection breaks.</summary>
    internal static void Wait(Socket socket, int milliseconds) => socket.Poll(milliseconds * 1000, SelectMode.SelectError);
}

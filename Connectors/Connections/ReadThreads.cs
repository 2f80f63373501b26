using System.Net.Sockets;

namespace StreamLearn.Connections;

/// <summary>Threads that each read one connection: they need one wake-up per arrival, whereas the runtime's socket engine needs three. The
/// engine reads further connections.</summary>
internal sealed class ReadThreads(int count)
{
    private int _free = count;

    internal static ReadThreads Shared { get; } = new(Environment.ProcessorCount);

    internal bool TryTake()
    {
        if (Interlocked.Decrement(ref _free) >= 0) { return true; }
        Interlocked.Increment(ref _free);
        return false;
    }

    internal void GiveBack() => Interlocked.Increment(ref _free);

    internal static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits, then receives, because a non-blocking write would otherwise leave the wait to the engine.</summary>
    internal static int Receive(Socket socket, Span<byte> into)
    {
        socket.Poll(-1, SelectMode.SelectRead);
        return socket.Receive(into);
    }

    internal static void Wait(Socket socket, int milliseconds) => socket.Poll(milliseconds * 1000, SelectMode.SelectError);
}

using System.Net.Sockets;

namespace StreamLearn.Mqtt;

/// <summary>
/// Threads that read one connection each: a wake-up for every arrival instead of the three that the runtime's socket engine needs. There
/// are as many as processors; connections beyond that are read by the engine, so that a thousand do not need a thousand threads.
/// </summary>
internal static class ReadThreads
{
    private static int _free = Environment.ProcessorCount;

    /// <summary>Reserves a thread.</summary>
    /// <returns>False: all are in use.</returns>
    internal static bool TryTake()
    {
        if (Interlocked.Decrement(ref _free) >= 0) { return true; }
        Interlocked.Increment(ref _free);
        return false;
    }

    internal static void GiveBack() => Interlocked.Increment(ref _free);

    /// <summary>Runs on a thread of its own something that blocks.</summary>
    internal static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits so long, or until the connection breaks.</summary>
    internal static void Wait(Socket socket, int milliseconds) => socket.Poll(milliseconds * 1000, SelectMode.SelectError);
}

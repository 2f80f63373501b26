using StreamLearn.Testing;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Reads numbers in this process, and writes each down before it is acknowledged.</summary>
internal sealed class LedgerReader(ITransport transport, Topic filter, string path) : IDisposable
{
    private readonly Ledger _ledger = new(path);
    private long _read;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal long Read => Interlocked.Read(ref _read);

    /// <summary>Done with the next message.</summary>
    internal Task Next => Volatile.Read(ref _next).Task;

    public void Dispose() => _ledger.Dispose();

    internal async Task RunAsync(CancellationToken end)
    {
        await foreach (var message in transport.SubscribeAsync(filter, new(), end))
        {
            using (message)
            {
                _ledger.Write(NumberedMessages.NumberOf(message));
                message.Acknowledge();
            }

            Interlocked.Increment(ref _read);
            Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }
}

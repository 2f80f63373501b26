namespace StreamLearn.Testing;

/// <summary>Reads numbers, and writes each down before it is acknowledged.</summary>
public sealed class LedgerReader(ITransport transport, Topic filter, string path) : IDisposable
{
    private readonly Ledger _ledger = new(path);
    private long _read;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Messages so far.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Done with the next message.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <inheritdoc />
    public void Dispose() => _ledger.Dispose();

    /// <summary>Reads until told to end.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        await foreach (var message in transport.SubscribeAsync(filter, new(), end).ConfigureAwait(false))
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

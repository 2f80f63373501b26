namespace StreamLearn.Nats.Tests;

/// <summary>What most tests do. Its members need no name before them.</summary>
internal static class Steps
{
    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    internal static Task<RealNats> StartAsync() => RealNats.StartAsync(new() { JetStream = true });

    internal static IAsyncEnumerator<Message> Read(this NatsTransport transport, string filter, SubscribeOptions? options = null) =>
        transport.SubscribeAsync(filter, options ?? new(), Cancellation).GetAsyncEnumerator(Cancellation);

    internal static async Task<Message> NextAsync(this IAsyncEnumerator<Message> messages)
    {
        Assert.True(await Patiently(messages.MoveNextAsync().AsTask()));
        return messages.Current;
    }

    internal static async Task<string> TextAsync(this IAsyncEnumerator<Message> messages)
    {
        using var message = await messages.NextAsync();
        return message.Text();
    }

    internal static Task<T> Patiently<T>(Task<T> task) => task.WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);
    internal static Task Patiently(Task task) => task.WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);

    /// <summary>Waits for what other threads and programs do.</summary>
    internal static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, "waited in vain");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }
    }
}

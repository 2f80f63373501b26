using MQTTnet;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Clients, and waiting for what other threads and programs do.</summary>
internal static class Waiting
{
    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    internal static IMqttClient Client() => new MqttClientFactory().CreateMqttClient();

    internal static async Task UntilAsync(Func<bool> condition, Func<object> state)
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, patience.IsCancellationRequested ? $"waited in vain: {state()}" : "");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancellation);
        }
    }

    internal static Task Patiently(this Task task) => task.WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);
    internal static Task<T> Patiently<T>(this Task<T> task) => task.WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);

    internal static async Task<Message> NextAsync(this IAsyncEnumerator<Message> messages)
    {
        Assert.True(await messages.MoveNextAsync().AsTask().Patiently());
        return messages.Current;
    }

    internal static void End(this in Message message)
    {
        message.Acknowledge();
        message.Dispose();
    }
}

using System.Buffers;
using System.Diagnostics;

namespace FleetProcess;

/// <summary>A transport whose process ends itself, as by kill -9, at one moment, and at another one waits for its test.
/// <paramref name="dies"/>: when the process dies; null: never. <paramref name="waits"/>: the message that goes out once the test says
/// so; null: none waits.</summary>
internal sealed class StagedTransport(ITransport inner, Moment? dies, Moment? waits, TraceClock test) : ITransport
{
    public string Name => inner.Name;

    public int MaxInFlight => inner.MaxInFlight;

    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        DieIfNow("before", topic);
        if (waits?.IsNow("before", topic.Value) == true)
        {
            Console.WriteLine("waits");
            await test.ToldAsync(cancellationToken);
        }

        await inner.PublishAsync(topic, payload, options, cancellationToken);
        DieIfNow("after", topic);
    }

    /// <summary>Subscribes at once: what answers the first message of this process may come before anything is read.</summary>
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        ReadAsync(inner.SubscribeAsync(filter, options, cancellationToken));

    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        inner.ConnectionsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async IAsyncEnumerable<Message> ReadAsync(IAsyncEnumerable<Message> messages)
    {
        await foreach (var message in messages)
        {
            DieIfNow("got", message.Topic);
            yield return message;
        }
    }

    private void DieIfNow(string step, Topic topic)
    {
        if (dies?.IsNow(step, topic.Value) == true) { Process.GetCurrentProcess().Kill(); }
    }
}

using System.Buffers;

namespace FleetProcess;

/// <summary>A transport that says which step of its work an aggregator has come to.</summary>
internal sealed class StepTransport(ITransport inner) : ITransport
{
    public string Name => inner.Name;

    public int MaxInFlight => inner.MaxInFlight;

    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var isReceipt = topic.ToString().EndsWith("/receipt", StringComparison.Ordinal);
        KilledAt.Reach(isReceipt ? KillStep.Answering : KillStep.Publishing);
        await inner.PublishAsync(topic, payload, options, cancellationToken);
        KilledAt.Reach(isReceipt ? KillStep.Answered : KillStep.Published);
    }

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        ReadAsync(
            inner.SubscribeAsync(filter, options, cancellationToken),
            isUpdates: filter.ToString().EndsWith("/up/delta", StringComparison.Ordinal));

    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        inner.ConnectionsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static async IAsyncEnumerable<Message> ReadAsync(IAsyncEnumerable<Message> messages, bool isUpdates)
    {
        await foreach (var message in messages)
        {
            if (isUpdates)
            {
                KilledAt.Reach(KillStep.Received);
                yield return new(message.Topic, message.Payload, message.Origin, new Owner(message), 0)
                {
                    IsRetained = message.IsRetained,
                    IsRedelivered = message.IsRedelivered,
                    Properties = message.Properties,
                };
            }
            else { yield return message; }
        }
    }

    private sealed class Owner(Message message) : IMessageOwner
    {
        public void Acknowledge(long id)
        {
            KilledAt.Reach(KillStep.Acknowledging);
            message.Acknowledge();
            KilledAt.Reach(KillStep.Acknowledged);
        }

        public void Refuse(long id, string reason) => message.Refuse(reason);

        public void Release(long id) => message.Dispose();
    }
}

using System.Buffers;

namespace StreamLearn.Testing;

/// <summary>Publishes and reads as the blocks of a pipeline do: with envelopes on topics that have them.</summary>
public sealed class EnvelopedTransport(ITransport inner) : ITransport
{
    /// <inheritdoc />
    public string Name => inner.Name;

    /// <inheritdoc />
    public int MaxInFlight => inner.MaxInFlight;

    /// <inheritdoc />
    public ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) =>
        inner.PublishAsync(topic, Envelope.Seal(topic, payload, options, TimeProvider.System.GetUtcNow()), options, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        OpenedAsync(inner.SubscribeAsync(filter, options, cancellationToken));

    /// <inheritdoc />
    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        inner.ConnectionsAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>A message out of its envelope; null, and acknowledged: its envelope is not valid.</summary>
    public static Message? Opened(Message message)
    {
        if (!Envelope.IsOn(message.Topic)) { return message; }
        if (Envelope.TryRead(message.Payload, out var envelope, out var payload, out _))
        {
            return message.Opened(payload, envelope.Origin);
        }

        message.Dispose();
        message.Acknowledge();
        return null;
    }

    private static async IAsyncEnumerable<Message> OpenedAsync(IAsyncEnumerable<Message> messages)
    {
        await foreach (var message in messages.ConfigureAwait(false))
        {
            if (Opened(message) is { } opened) { yield return opened; }
        }
    }
}

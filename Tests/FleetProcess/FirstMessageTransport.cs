using System.Buffers;
using System.Runtime.CompilerServices;
using StreamLearn;

namespace FleetProcess;

/// <summary>A transport that writes a line when the first message has passed it, in either direction: the process goes on.</summary>
internal sealed class FirstMessageTransport(ITransport inner) : ITransport
{
    internal const string Line = "goes on";

    private int _passed;

    public string Name => inner.Name;

    public int MaxInFlight => inner.MaxInFlight;

    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        await inner.PublishAsync(topic, payload, options, cancellationToken).ConfigureAwait(false);
        Passed();
    }

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        Watch(inner.SubscribeAsync(filter, options, cancellationToken), cancellationToken);

    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        inner.ConnectionsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async IAsyncEnumerable<Message> Watch(
        IAsyncEnumerable<Message> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in messages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Passed();
            yield return message;
        }
    }

    private void Passed()
    {
        if (Interlocked.Exchange(ref _passed, 1) == 0) { Console.WriteLine(Line); }
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn.Mqtt;

/// <summary>One subscription: hands out what its link takes.</summary>
internal sealed class LinkSubscription(Link link, EnvelopeNames names) : IMessageOwner
{
    private const int Batch = 32;

    internal Link Link { get; } = link;

    /// <inheritdoc />
    public void Acknowledge(long id) => Link.Acknowledge(id);

    /// <inheritdoc />
    public void Refuse(long id, string reason) => Link.Refuse(id);

    /// <inheritdoc />
    public void Release(long id) => Link.Release(id);

    /// <inheritdoc />
    public bool TryEnvelope(long id, out Envelope envelope) =>
        Envelope.TryRead(Link.Payload(id).Span, names, out envelope, out _) == EnvelopeFault.None;

    internal async IAsyncEnumerable<Message> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static link => ((Link)link!).End(), Link);
        var taken = new ReceivedMessage[Batch];
        int count = 0, next = 0;
        try
        {
            while (true)
            {
                count = Link.Take(taken);
                next = 0;
                while (next < count)
                {
                    if (TryMake(taken[next++], out var message)) { yield return message; }
                }

                if (count > 0) { continue; }
                if (cancellationToken.IsCancellationRequested) { yield break; }
                if (Link.Failure is { } failure) { throw failure; }
                await Link.DeliverableAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            Leave(taken.AsSpan(next, count - next));
        }
    }

    /// <summary>Leaves to the server what nobody will take any more.</summary>
    private void Leave(Span<ReceivedMessage> taken)
    {
        Link.End();
        Refuse(taken);
        Span<ReceivedMessage> more = new ReceivedMessage[Batch];
        while (Link.Take(more) is > 0 and var count) { Refuse(more[..count]); }
    }

    private void Refuse(Span<ReceivedMessage> taken)
    {
        foreach (ref readonly var message in taken)
        {
            Link.Refuse(message.Id);
            Link.Release(message.Id);
        }
    }

    private bool TryMake(in ReceivedMessage taken, out Message message)
    {
        var origin = new MessageOrigin(taken.Topic.Value, taken.Sequence);
        var payloadAt = 0;
        if (Envelope.IsOn(taken.Topic))
        {
            if (Envelope.TryRead(taken.Payload.AsSpan(0, taken.Length), names, out var envelope, out payloadAt) != EnvelopeFault.None)
            {
                Link.Discard(taken.Id);
                message = default;
                return false;
            }

            origin = envelope.Origin;
        }

        message = new(taken.Topic, new ReadOnlySequence<byte>(taken.Payload, payloadAt, taken.Length - payloadAt), origin, this, taken.Id)
        {
            IsRetained = taken.Retain,
            Properties = taken.Properties,
        };
        return true;
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;

namespace StreamLearn.Mqtt;

internal sealed class LinkSubscription(Link link) : IMessageOwner
{
    private const int Batch = 32, MaxBatch = 256;

    internal Link Link { get; } = link;

    /// <summary>The name of the session; null: it has a number.</summary>
    internal string? Name { get; init; }

    /// <summary>True if it was canceled before it began. It keeps its number, so that later ones keep theirs.</summary>
    internal bool IsReserved { get; init; }

    public void Acknowledge(long id) => Link.Delivery.Settle(id, Outcome.Acknowledge);

    public void Refuse(long id, string reason) => Link.Delivery.Settle(id, Outcome.Refuse);

    public void Release(long id) => Link.Delivery.Settle(id, Outcome.Release);

    internal async IAsyncEnumerable<Message> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static link => ((Link)link!).End(), Link);
        var taken = new ReceivedMessage[Batch];
        int count = 0, next = 0;
        try
        {
            while (true)
            {
                (count, next) = (Link.Delivery.Take(taken), 0);
                while (next < count) { yield return Made(taken[next++]); }

                if (count == taken.Length && count < MaxBatch) { taken = new ReceivedMessage[count * 2]; }
                if (count > 0) { continue; }
                if (cancellationToken.IsCancellationRequested) { yield break; }
                if (Link.Failure is { } failure) { throw failure; }
                await Link.ToDeliver.WaitAsync().ConfigureAwait(false);
            }
        }
        finally { Leave(taken.AsSpan(next, count - next)); }
    }

    /// <summary>Leaves unread messages to the server.</summary>
    private void Leave(Span<ReceivedMessage> taken)
    {
        Link.End();
        Refuse(taken);
        Span<ReceivedMessage> more = new ReceivedMessage[Batch];
        while (Link.Delivery.Take(more) is > 0 and var count) { Refuse(more[..count]); }
    }

    private void Refuse(Span<ReceivedMessage> taken)
    {
        foreach (ref readonly var message in taken)
        {
            Link.Delivery.Settle(message.Id, Outcome.Refuse);
            Link.Delivery.Settle(message.Id, Outcome.Release);
        }
    }

    /// <summary>Makes the message. Only an envelope sets the ID, because one created here would be reused after a restart.</summary>
    private Message Made(in ReceivedMessage taken) => new(
        taken.Topic, new ReadOnlySequence<byte>(taken.Payload, 0, taken.Length), new("", taken.Sequence), this, taken.Id)
    {
        IsRetained = taken.Retain,
        IsRedelivered = taken.Duplicate,
        Properties = taken.Properties,
    };
}

using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>
/// What comes to a reader: a message that is new waits in its inbox; one that came before is told again what became of it, and is not
/// delivered twice. Locked by its link.
/// </summary>
internal sealed class JetArrivals(NatsLink link, JetReading reading, JetConsumer consumer, JetInbox inbox, JetAnswers answers)
{
    private readonly RecentIds _ids = new();
    private readonly SubjectTopics _topics = new(reading.SubjectPrefix);
    private ulong _last;                    // in the consumer; of messages that come in order

    /// <summary>Messages that have come.</summary>
    internal long Received { get; private set; }

    /// <summary>Those that came again.</summary>
    internal long Again { get; private set; }

    /// <summary>True if all has come that was there before it began.</summary>
    internal bool IsThereOver { get; set; }

    /// <summary>There is a consumer.</summary>
    internal void Begin(ConsumerInfo status)
    {
        if (!consumer.IsNew) { return; }
        _last = 0;
        IsThereOver |= status.NumPending == 0;
    }

    /// <summary>Takes a message.</summary>
    /// <returns>False: it is not the next one, though they come in order.</returns>
    internal bool Take(in NatsFrame message, in NatsDelivery delivery)
    {
        if (!reading.Acknowledges) { return TakeInOrder(message, delivery); }
        if (IsHere(message, delivery)) { return true; }
        var at = inbox.Add(_topics.Of(message.Subject), message, delivery, link.Now, isTracked: true);
        var headers = new HeaderBlock(inbox[at].Bytes.AsSpan(0, message.HeaderLength));
        if (!headers.IsWellFormed || (message.Payload.IsEmpty && JetFloor.IsMark(headers)))
        {
            if (headers.IsWellFormed) { answers.Tell(at, JetAnswers.Ack, isDone: true); }
            else
            {
                answers.Tell(at, JetAnswers.Term, isDone: true);
                link.Counters.Malformed++;
            }

            inbox.TakeBack(at);
            return true;
        }

        Received++;
        if (IsCopy(headers, delivery))
        {
            Again++;
            answers.Tell(at, JetAnswers.Ack, isDone: true);
            inbox.TakeBack(at);
            return true;
        }

        inbox[at].IsRedelivered = delivery.Delivered > 1;
        inbox[at].Deliveries = (int)Math.Min(int.MaxValue, delivery.Delivered);
        return true;
    }

    /// <summary>Tells the server again what became of a message that came before.</summary>
    /// <returns>False: it is new here.</returns>
    private bool IsHere(in NatsFrame message, in NatsDelivery delivery)
    {
        if (inbox.TryKnown(delivery.StreamSequence, delivery.Nanoseconds, out var at))
        {
            inbox.Again(at, message.ReplyTo, link.Now);
            if (inbox[at].Fate == JetFate.Acknowledged) { answers.Tell(at, JetAnswers.Ack, isDone: true); }
        }
        else if (inbox.WasSettled(delivery.StreamSequence, delivery.Nanoseconds)) { answers.Answer(message.ReplyTo, JetAnswers.Ack); }
        else { return false; }
        Received++;
        Again++;
        return true;
    }

    /// <summary>Remembers a message that is here for the first time.</summary>
    /// <returns>True: the stream took it twice.</returns>
    private bool IsCopy(HeaderBlock headers, in NatsDelivery delivery)
    {
        consumer.Came(delivery.StreamSequence);
        return headers.TryFind("Nats-Msg-Id"u8, out var id)
            && _ids.IsCopy(id, delivery.Nanoseconds, consumer.DuplicateWindow);
    }

    private bool TakeInOrder(in NatsFrame message, in NatsDelivery delivery)
    {
        if (delivery.ConsumerSequence != _last + 1 || delivery.StreamSequence <= consumer.Last) { return false; }
        _last++;
        consumer.Came(delivery.StreamSequence);
        var at = inbox.Add(_topics.Of(message.Subject), message, delivery, link.Now, isTracked: false);
        inbox[at].IsRetained = !IsThereOver;
        IsThereOver |= delivery.Pending == 0;
        if (new HeaderBlock(inbox[at].Bytes.AsSpan(0, message.HeaderLength)).IsWellFormed) { Received++; }
        else
        {
            link.Counters.Malformed++;
            inbox.TakeBack(at);
        }

        return true;
    }
}

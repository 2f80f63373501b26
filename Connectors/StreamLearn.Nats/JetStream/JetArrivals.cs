namespace StreamLearn.Nats;

/// <summary>
/// What comes to a reader: a message that is new waits in its inbox; one that came before is told again what became of it, and is not
/// delivered twice. Locked by its connection.
/// </summary>
internal sealed class JetArrivals(NatsConnection connection, JetReading reading, JetConsumer consumer, JetInbox inbox, JetAnswers answers)
{
    private readonly RecentIds _ids = new();
    private readonly TopicNames _topics = new(
        bytes => NatsTopic.TryToTopic(bytes[Math.Min(bytes.Length, reading.SubjectPrefix)..], out var topic) ? topic : default);
    private ulong _last;                    // in the consumer; of messages that come in order

    /// <summary>Messages that have come.</summary>
    internal long Received { get; private set; }

    /// <summary>Those that came again.</summary>
    internal long Again { get; private set; }

    /// <summary>True if all has come that was there before it began.</summary>
    internal bool IsThereOver { get; set; }

    /// <summary>There is a consumer.</summary>
    internal void Begin(NatsConsumerStatus status)
    {
        if (!consumer.IsNew) { return; }
        _last = 0;
        IsThereOver |= status.Pending == 0;
    }

    /// <summary>Takes a message.</summary>
    /// <returns>False: it is not the next one, though they come in order.</returns>
    internal bool Take(in NatsFrame message, in NatsDelivery delivery)
    {
        if (JetFloor.IsMark(message.HeaderBlock, message.Payload.Length))
        {
            PassOver(message.ReplyTo, "+ACK"u8, delivery);
            return true;
        }

        Received++;
        if (!reading.Acknowledges) { return TakeInOrder(message, delivery); }
        if (IsHere(message, delivery)) { return true; }
        if (IsCopy(message, delivery))
        {
            Again++;
            answers.Answer(message.ReplyTo, "+ACK"u8);
            return true;
        }

        var at = inbox.Add(_topics.Of(message.Subject), message, delivery, connection.Now, isTracked: true);
        inbox[at].IsRedelivered = delivery.Delivered > 1;
        inbox[at].Deliveries = (int)Math.Min(int.MaxValue, delivery.Delivered);
        return true;
    }

    /// <summary>Passes over a message that cannot be read: it does not come again.</summary>
    internal void PassOver(ReadOnlySpan<byte> ack, in NatsDelivery delivery) => PassOver(ack, "+TERM"u8, delivery);

    private void PassOver(ReadOnlySpan<byte> ack, ReadOnlySpan<byte> what, in NatsDelivery delivery)
    {
        if (reading.Acknowledges) { answers.Answer(ack, what); }
        else if (delivery.ConsumerSequence == _last + 1)
        {
            _last++;
            consumer.Came(delivery.StreamSequence);
        }
    }

    /// <summary>Tells the server again what became of a message that came before.</summary>
    /// <returns>False: it is new here.</returns>
    private bool IsHere(in NatsFrame message, in NatsDelivery delivery)
    {
        if (inbox.TryKnown(delivery.StreamSequence, delivery.Nanoseconds, out var at))
        {
            inbox.Again(at, message.ReplyTo, connection.Now);
            if (inbox[at].Fate == JetFate.Acknowledged) { answers.Tell(at, "+ACK"u8, isDone: true); }
        }
        else if (inbox.WasSettled(delivery.StreamSequence, delivery.Nanoseconds)) { answers.Answer(message.ReplyTo, "+ACK"u8); }
        else { return false; }
        Again++;
        return true;
    }

    /// <summary>Remembers a message that is here for the first time.</summary>
    /// <returns>True: the stream took it twice.</returns>
    private bool IsCopy(in NatsFrame message, in NatsDelivery delivery)
    {
        consumer.Came(delivery.StreamSequence);
        return !message.HeaderBlock.IsEmpty && message.Headers.TryFind("Nats-Msg-Id"u8, out var id)
            && _ids.IsCopy(id, delivery.Nanoseconds, consumer.DuplicateWindow);
    }

    private bool TakeInOrder(in NatsFrame message, in NatsDelivery delivery)
    {
        if (delivery.ConsumerSequence != _last + 1 || delivery.StreamSequence <= consumer.Last) { return false; }
        _last++;
        consumer.Came(delivery.StreamSequence);
        var at = inbox.Add(_topics.Of(message.Subject), message, delivery, connection.Now, isTracked: false);
        inbox[at].IsRetained = !IsThereOver;
        IsThereOver |= delivery.Pending == 0;
        return true;
    }
}

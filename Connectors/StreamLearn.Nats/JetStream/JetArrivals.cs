using System.Runtime.InteropServices;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>Queues new messages; answers redeliveries again without delivering them twice. Use it while holding the link's lock.</summary>
internal sealed class JetArrivals(NatsLink link, JetReading reading, JetConsumer consumer, NatsInbox inbox, JetAnswers answers)
{
    private const int Remembered = 16384;
    private readonly Recent<UInt128> _ids = new(Remembered);        // hashes of message ids
    private readonly SubjectTopics _topics = new(reading.SubjectPrefix);
    private ulong _last;                    // consumer sequence of the last message received in order

    internal bool IsThereOver { get; set; }

    internal void Begin(ConsumerInfo status)
    {
        if (!consumer.IsNew) { return; }
        _last = 0;
        IsThereOver |= status.NumPending == 0;
    }

    internal bool Take(in NatsFrame message, in NatsDelivery delivery)
    {
        if (reading.Acknowledges ? IsHere(message, delivery) : !IsNext(delivery)) { return reading.Acknowledges; }
        var at = inbox.Add(_topics.Of(message.Subject), message, delivery, link.Now, reading.Acknowledges);
        ref var slot = ref inbox[at];
        var headers = new HeaderBlock(slot.Bytes.AsSpan(0, message.HeaderLength));
        slot.IsRetained = !reading.Acknowledges && !IsThereOver;
        IsThereOver |= delivery.Pending == 0;
        if (!headers.IsWellFormed)
        {
            link.Counters.Malformed++;
            Pass(at, JetAnswers.Term);
        }
        else if (message.Payload.IsEmpty && JetAckMark.IsMark(headers)) { Pass(at, JetAnswers.Ack); }
        else
        {
            inbox.Received++;
            consumer.Came(delivery.StreamSequence);
            if (reading.Acknowledges && IsCopy(headers, delivery))
            {
                inbox.Again++;
                Pass(at, JetAnswers.Ack);
            }
            else { inbox.Deliver(at); }
        }

        return true;
    }

    /// <summary>Sends the outcome of a redelivered message to the server again.</summary>
    private bool IsHere(in NatsFrame message, in NatsDelivery delivery)
    {
        if (inbox.TryKnown(delivery.StreamSequence, delivery.Nanoseconds, out var at))
        {
            (inbox[at].Reply, inbox[at].Since) = (message.ReplyTo, link.Now);      // acknowledged on its latest delivery
        }
        else if (inbox.WasSettled(delivery.StreamSequence, delivery.Nanoseconds)) { link.Say(message.ReplyTo, JetAnswers.Ack); }
        else { return false; }
        inbox.Received++;
        inbox.Again++;
        return true;
    }

    private bool IsNext(in NatsDelivery delivery)
    {
        if (delivery.ConsumerSequence != _last + 1 || delivery.StreamSequence <= consumer.Last) { return false; }
        _last++;
        consumer.Came(delivery.StreamSequence);
        return true;
    }

    private void Pass(int at, byte[] what)
    {
        if (reading.Acknowledges) { answers.Tell(at, what, isDone: true); }
        else { inbox.Settle(at, isDone: true); }
        inbox.Release(at);
    }

    /// <summary>Records a new ID. Streams deduplicate, but a killed server remembers only the IDs of stored messages, so an acknowledged
    /// message that is published again is stored twice.</summary>
    private bool IsCopy(HeaderBlock headers, in NatsDelivery delivery)
    {
        if (!headers.TryFind("Nats-Msg-Id"u8, out var id)) { return false; }
        var hash = Hash(id);
        var apart = _ids.TryFind(hash, out var time) ? delivery.Nanoseconds - time : 0;
        if (apart != 0 && Math.Abs(apart) < consumer.DuplicateWindow.Ticks * 100) { return true; }
        _ids.Set(hash, delivery.Nanoseconds);
        return false;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong one = 0x9E3779B97F4A7C15, other = 0xD6E8FEB86659FD93;
        var (low, high) = ((ulong)bytes.Length * one, ~(ulong)bytes.Length * other);
        for (; bytes.Length >= 8; bytes = bytes[8..]) { Mix(MemoryMarshal.Read<ulong>(bytes)); }
        foreach (var rest in bytes) { Mix(rest); }
        Mix(0);
        return new(high, low);

        void Mix(ulong word)
        {
            low = (low ^ word) * other;
            low ^= low >> 32;
            high = (high ^ word) * one;
            high ^= high >> 29;
        }
    }
}

using System.Globalization;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>What a reader tells the server about messages. Locked by its connection.</summary>
internal sealed class JetAnswers(NatsConnection connection, JetReading reading, JetInbox inbox)
{
    private const int MaxNak = 48;

    /// <summary>Tells the server what became of a message. Locked.</summary>
    internal void Tell(int at, ReadOnlySpan<byte> what, bool isDone)
    {
        ref var slot = ref inbox[at];
        Answer(slot.Ack.AsSpan(0, slot.AckLength), what);
        inbox.Settle(at, isDone);
    }

    /// <summary>Tells it of messages that were acknowledged while there was no connection.</summary>
    internal void TellWhatIsAcknowledged()
    {
        for (var at = 0; at < inbox.Used; at++)
        {
            if (inbox[at].Fate == JetFate.Acknowledged) { Tell(at, "+ACK"u8, isDone: true); }
        }
    }

    /// <summary>It was not processed: it comes again, after a wait that grows with each time, or never.</summary>
    internal void Refuse(int at, bool isForGood)
    {
        if (connection.Server is null)
        {
            inbox.Settle(at, isDone: false);        // it comes again without a word
            return;
        }

        if (isForGood)
        {
            Tell(at, "+TERM"u8, isDone: true);
            return;
        }

        Span<byte> text = stackalloc byte[MaxNak];
        var milliseconds = inbox[at].Deliveries <= 1 ? 0
            : Math.Min((long)reading.AckWait.TotalMilliseconds, 50L << Math.Min(20, inbox[at].Deliveries));
        var length = 0;
        if (milliseconds == 0) { "-NAK"u8.CopyTo(text); length = 4; }
        else
        {
            Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"-NAK {{\"delay\":{milliseconds}000000}}", out length);
        }

        Tell(at, text[..length], isDone: false);
    }

    /// <summary>Answers a message that is not kept here.</summary>
    internal void Answer(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> what)
    {
        if (connection.Server is not null) { NatsWriter.Acknowledge(connection.Output, subject, what); }
    }

    /// <summary>Tells of messages that are worked on for long that they are.</summary>
    internal void SayInProgress(long now)
    {
        var due = now - ((long)reading.AckWait.TotalMilliseconds * 3 / 8);     // with the period of the timer, half
        for (var at = 0; at < inbox.Used; at++)
        {
            ref var slot = ref inbox[at];
            if (slot.Fate != JetFate.Open || slot.Since > due) { continue; }
            slot.Since = now;
            Answer(slot.Ack.AsSpan(0, slot.AckLength), "+WPI"u8);
        }
    }
}

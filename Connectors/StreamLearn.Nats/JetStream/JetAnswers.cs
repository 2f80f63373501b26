using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>What a reader tells the server about messages. Locked by its link.</summary>
internal sealed class JetAnswers(NatsLink link, JetReading reading, JetInbox inbox)
{
    internal static readonly byte[] Ack = "+ACK"u8.ToArray(), Nak = "-NAK"u8.ToArray(), Term = "+TERM"u8.ToArray();
    private static readonly byte[] InProgress = "+WPI"u8.ToArray();

    /// <summary>Tells the server what became of a message. Locked.</summary>
    internal void Tell(int at, byte[] what, bool isDone)
    {
        link.Say(inbox[at].Ack, what);
        inbox.Settle(at, isDone);
    }

    /// <summary>Tells it of messages that were acknowledged while there was no connection.</summary>
    internal void TellWhatIsAcknowledged()
    {
        for (var at = 0; at < inbox.Used; at++)
        {
            if (inbox[at].Fate == JetFate.Acknowledged) { Tell(at, Ack, isDone: true); }
        }
    }

    /// <summary>It was not processed: it comes again, after a wait that grows with each time, or never.</summary>
    internal void Refuse(int at, bool isForGood)
    {
        if (!link.IsOpen)
        {
            inbox.Settle(at, isDone: false);        // it comes again without a word
            return;
        }

        if (isForGood)
        {
            Tell(at, Term, isDone: true);
            return;
        }

        var milliseconds = inbox[at].Deliveries <= 1 ? 0
            : Math.Min((long)reading.AckWait.TotalMilliseconds, 50L << Math.Min(20, inbox[at].Deliveries));
        Tell(at, milliseconds == 0 ? Nak
            : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"-NAK {{\"delay\":{milliseconds}000000}}")),
            isDone: false);
    }

    /// <summary>Answers a message that is not kept here.</summary>
    internal void Answer(string subject, byte[] what) => link.Say(subject, what);

    /// <summary>Tells of messages that are worked on for long that they are.</summary>
    internal void SayInProgress(long now)
    {
        var due = now - ((long)reading.AckWait.TotalMilliseconds * 3 / 8);     // with the period of the timer, half
        for (var at = 0; at < inbox.Used; at++)
        {
            ref var slot = ref inbox[at];
            if (slot.Fate != JetFate.Open || slot.Since > due) { continue; }
            slot.Since = now;
            link.Say(slot.Ack, InProgress);
        }
    }
}

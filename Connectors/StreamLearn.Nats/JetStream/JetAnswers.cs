using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>What a reader tells the server about messages. Locked by its link.</summary>
/// <remarks>
/// Of the newest message that the application has acknowledged, the server is told with the next one, or after a moment. A server of
/// version 2.9 that is killed while it removes the last message of a stream forgets how far its numbers had come. It gives them anew, and
/// never delivers what gets them. While messages come, a stream is so never empty.
/// </remarks>
internal sealed class JetAnswers(NatsLink link, JetReading reading, NatsInbox inbox)
{
    internal static readonly byte[] Ack = "+ACK"u8.ToArray(), Nak = "-NAK"u8.ToArray(), Term = "+TERM"u8.ToArray();
    private const long Moment = 500;        // milliseconds
    private static readonly byte[] InProgress = "+WPI"u8.ToArray();
    private string _held = "";              // where the newest is acknowledged; empty: nothing is held back
    private ulong _heldSequence;
    private long _heldSince;
    private bool _holdsNothing;

    /// <summary>The application is done with a message. Without a connection nothing is said: a server that was killed may give the number
    /// to another message. It comes again, and is known.</summary>
    internal void Acknowledge(int at)
    {
        ref var slot = ref inbox[at];
        if (!link.IsOpen || _holdsNothing || (_held.Length > 0 && slot.Sequence < _heldSequence)) { link.Say(slot.Reply, Ack); }
        else
        {
            TellHeld();
            (_held, _heldSequence, _heldSince) = (slot.Reply, slot.Sequence, link.Now);
        }

        inbox.Settle(at, isDone: true);
    }

    /// <summary>Tells the server of what is held back, if nothing followed.</summary>
    internal void Tick(long now)
    {
        if (now - _heldSince >= Moment) { TellHeld(); }
    }

    /// <summary>Nothing is held back any more.</summary>
    internal void HoldNothing()
    {
        TellHeld();
        _holdsNothing = true;
    }

    /// <summary>The connection was lost: what was held back comes again, and is known.</summary>
    internal void Forget() => _held = "";

    /// <summary>Tells the server what became of a message.</summary>
    internal void Tell(int at, byte[] what, bool isDone)
    {
        link.Say(inbox[at].Reply, what);
        inbox.Settle(at, isDone);
    }

    /// <summary>It was not processed: it comes again, after a wait that grows with each time.</summary>
    internal void Refuse(int at)
    {
        if (!link.IsOpen || !reading.Acknowledges)
        {
            inbox.Settle(at, isDone: false);        // it comes again without a word
            return;
        }

        var milliseconds = inbox[at].Deliveries <= 1 ? 0
            : Math.Min((long)reading.Consumer.AckWait.TotalMilliseconds, 50L << Math.Min(20, inbox[at].Deliveries));
        Tell(at, milliseconds == 0 ? Nak
            : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"-NAK {{\"delay\":{milliseconds}000000}}")),
            isDone: false);
    }

    /// <summary>Tells of messages that are worked on for long that they are.</summary>
    internal void SayInProgress(long now)
    {
        var due = now - ((long)reading.Consumer.AckWait.TotalMilliseconds * 3 / 8);     // with the period of the timer, half
        for (var at = 0; at < inbox.Used; at++)
        {
            ref var slot = ref inbox[at];
            if (!slot.IsOpen || slot.Since > due) { continue; }
            slot.Since = now;
            link.Say(slot.Reply, InProgress);
        }
    }

    private void TellHeld()
    {
        if (_held.Length > 0) { link.Say(_held, Ack); }
        _held = "";
    }
}

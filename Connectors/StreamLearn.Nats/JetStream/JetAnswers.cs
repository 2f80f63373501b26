namespace StreamLearn.Nats;

/// <summary>A reader's acknowledgements. Requires the link's lock.</summary>
/// <remarks>The newest acknowledgement is held until the next or a short delay, so a busy stream is never empty: server 2.9, killed while
/// removing a stream's last message, reuses its numbers and never delivers the new messages.</remarks>
internal sealed class JetAnswers(NatsLink link, JetReading reading, NatsInbox inbox)
{
    internal static readonly byte[] Ack = "+ACK"u8.ToArray(), Nak = "-NAK"u8.ToArray(), Term = "+TERM"u8.ToArray();
    private const long Moment = 500;        // milliseconds
    private static readonly byte[] InProgress = "+WPI"u8.ToArray();
    private string _held = "";              // reply subject of the newest held acknowledgment; empty: none
    private ulong _heldSequence;
    private long _heldSince;
    private bool _holdsNothing;

    /// <summary>Sends nothing without a connection: a killed server may reuse the number. The redelivered message is recognized.</summary>
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

    /// <summary>Sends the held acknowledgement if no other one followed.</summary>
    internal void Tick(long now)
    {
        if (now - _heldSince >= Moment) { TellHeld(); }
    }

    internal void HoldNothing()
    {
        TellHeld();
        _holdsNothing = true;
    }

    /// <summary>Discards the held acknowledgement after a loss; its message is redelivered and recognized.</summary>
    internal void Forget() => _held = "";

    internal void Tell(int at, byte[] what, bool isDone)
    {
        link.Say(inbox[at].Reply, what);
        inbox.Settle(at, isDone);
    }

    /// <summary>Refuses a message that was not processed; it is redelivered after a growing delay.</summary>
    internal void Refuse(int at)
    {
        if (!link.IsOpen || !reading.Acknowledges)
        {
            inbox.Settle(at, isDone: false);        // it is redelivered anyway
            return;
        }

        var milliseconds = inbox[at].Deliveries <= 1 ? 0
            : Math.Min((long)reading.Consumer.AckWait.TotalMilliseconds, 50L << Math.Min(20, inbox[at].Deliveries));
        Tell(at, milliseconds == 0 ? Nak
            : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"-NAK {{\"delay\":{milliseconds}000000}}")),
            isDone: false);
    }

    internal void SayInProgress(long now)
    {
        var due = now - ((long)reading.Consumer.AckWait.TotalMilliseconds * 3 / 8);     // plus half the timer period
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

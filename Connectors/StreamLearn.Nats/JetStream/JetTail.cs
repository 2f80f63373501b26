namespace StreamLearn.Nats;

/// <summary>
/// The newest message that the application has acknowledged: the server is told with the next one, or after a moment. A server of version
/// 2.9 that is killed while it removes the last message of a stream forgets how far its numbers had come. It gives them anew, and never
/// delivers what gets them. While messages come, a stream is so never empty. Locked by its link.
/// </summary>
internal sealed class JetTail(JetInbox inbox, JetAnswers answers)
{
    private const long Moment = 500;        // milliseconds
    private string _ack = "";
    private ulong _sequence;
    private long _since;
    private bool _hasEnded;

    /// <summary>A message is acknowledged.</summary>
    internal void Acknowledge(int at, long now)
    {
        ref var slot = ref inbox[at];
        if (_hasEnded || (_ack.Length > 0 && slot.Sequence < _sequence)) { answers.Answer(slot.Ack, JetAnswers.Ack); }
        else
        {
            Tell();
            (_ack, _sequence, _since) = (slot.Ack, slot.Sequence, now);
        }

        inbox.Settle(at, isDone: true);
    }

    /// <summary>Tells the server of what is held back.</summary>
    internal void Tell()
    {
        if (_ack.Length > 0) { answers.Answer(_ack, JetAnswers.Ack); }
        _ack = "";
    }

    /// <summary>Nothing is held back any more.</summary>
    internal void End()
    {
        Tell();
        _hasEnded = true;
    }

    /// <summary>Tells it, if nothing followed.</summary>
    internal void Tell(long now)
    {
        if (now - _since >= Moment) { Tell(); }
    }

    /// <summary>The connection was lost: the message comes again, and is known.</summary>
    internal void Forget() => _ack = "";
}

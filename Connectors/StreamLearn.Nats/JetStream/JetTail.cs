namespace StreamLearn.Nats;

/// <summary>
/// The newest message that the application has acknowledged: the server is told with the next one, or after a moment. A server of version
/// 2.9 that is killed while it removes the last message of a stream forgets how far its numbers had come. It gives them anew, and never
/// delivers what gets them. While messages come, a stream is so never empty. Locked by its connection.
/// </summary>
internal sealed class JetTail(JetInbox inbox, JetAnswers answers)
{
    private const long Moment = 500;        // milliseconds
    private byte[] _ack = [];
    private int _length;
    private ulong _sequence;
    private long _since;
    private bool _hasEnded;

    /// <summary>A message is acknowledged.</summary>
    internal void Acknowledge(int at, long now)
    {
        ref var slot = ref inbox[at];
        var ack = slot.Ack.AsSpan(0, slot.AckLength);
        if (_hasEnded || (_length > 0 && slot.Sequence < _sequence)) { answers.Answer(ack, "+ACK"u8); }
        else
        {
            Tell();
            if (_ack.Length < ack.Length) { _ack = new byte[2 * ack.Length]; }
            ack.CopyTo(_ack);
            (_length, _sequence, _since) = (ack.Length, slot.Sequence, now);
        }

        inbox.Settle(at, isDone: true);
    }

    /// <summary>Tells the server of what is held back.</summary>
    internal void Tell()
    {
        if (_length > 0) { answers.Answer(_ack.AsSpan(0, _length), "+ACK"u8); }
        _length = 0;
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
    internal void Forget() => _length = 0;
}

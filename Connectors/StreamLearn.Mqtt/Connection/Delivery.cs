namespace StreamLearn.Mqtt;

internal sealed class Delivery : ISettlementHearer
{
    private const int MaxUnsentBytes = 4096;
    private readonly Link _link;
    private readonly Inbox _inbox;
    private readonly Settlements _settlements;
    private readonly int _maxUnsent;

    internal Delivery(Link link, int capacity, TimeProvider time)
    {
        (_link, _inbox) = (link, link.Session.Inbox);
        _settlements = new(link.Gate, capacity, time, this);
        _maxUnsent = Math.Min(capacity, MaxUnsentBytes);              // an acknowledgment has four bytes
    }

    internal void End() => _settlements.End();

    internal int Take(Span<ReceivedMessage> into)
    {
        var count = 0;
        SettledNext next;
        lock (_link.Gate)
        {
            ApplySettlements();
            while (count < into.Length && _inbox.TryTake(out into[count])) { count++; }
            _settlements.IsIdle = count == 0;
            next = Heard();
        }

        if (next.HasFlag(SettledNext.Write) && _link.ToWrite.TryRaise()) { _link.ToWrite.Execute(); }   // here: the caller waits anyway
        Raise(next & ~SettledNext.Write);
        return count;
    }

    internal void Settle(long id, Outcome outcome) => _settlements.Settle(id, outcome);

    /// <summary>Call it while holding the lock.</summary>
    internal void ApplySettlements()
    {
        _settlements.Hear();
        LeaveIfDone();
    }

    public void Hear(long id, Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.Acknowledge: _inbox.Acknowledge(id, _link.Output); break;
            case Outcome.Refuse: _inbox.Refuse(id, _link.Output); break;
            default: _inbox.Release(id); break;
        }
    }

    public SettledNext Heard()
    {
        LeaveIfDone();
        var unsent = _link.Output.Count;
        var writes = unsent > 0 && (_settlements.IsIdle || unsent >= _maxUnsent || _link.Session.State != SessionState.Connected);
        if (unsent > 0 && !writes) { _settlements.Linger(); }
        return (writes ? SettledNext.Write : 0) | (_link.CanContinue ? SettledNext.Read : 0);
    }

    public void Raise(SettledNext next) => _link.Raise(next.HasFlag(SettledNext.Write), next.HasFlag(SettledNext.Read));

    private void LeaveIfDone()
    {
        if (_inbox is { IsEnding: true, Held: 0 }) { _link.Leave(); }
    }
}

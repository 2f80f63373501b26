namespace StreamLearn.Connections;

/// <summary>What an application says about messages, on its way to their connection: saying something never waits for the connection. What
/// a busy application says goes together: until it waits, or enough has come together, or a moment has passed. <paramref name="capacity"/>:
/// messages that the application has at most.</summary>
internal sealed class Settlements(Lock gate, int capacity, TimeProvider time, ISettlementHearer hearer)
{
    private const int MaxUnapplied = 64;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly Outcomes _outcomes = new();
    private readonly int _maxUnapplied = Math.Clamp(capacity / 2, 1, MaxUnapplied);        // two for each message
    private readonly Lock _lock = new();
    private ITimer? _linger;
    private bool _hasEnded;
    private volatile bool _isIdle = true;
    private int _isLingering;

    /// <summary>True while the application waits for messages: what it says is heard at once.</summary>
    internal bool IsIdle
    {
        get => _isIdle;
        set => _isIdle = value;
    }

    /// <summary>The application says something about a message.</summary>
    internal void Settle(long id, Outcome outcome)
    {
        var unapplied = _outcomes.Add(id, outcome);
        if (_isIdle || _maxUnapplied == 1) { Apply(); }
        else if (unapplied >= _maxUnapplied) { TryApply(); }
        else if (unapplied == 1) { Linger(); }
    }

    /// <summary>Lets the connection hear what was said. Locked.</summary>
    internal void Hear()
    {
        foreach (var (id, outcome) in _outcomes.Take()) { hearer.Hear(id, outcome); }
    }

    /// <summary>Lets it hear, a moment from now, what is said until then, and write what is left to write.</summary>
    internal void Linger()
    {
        if (Interlocked.Exchange(ref _isLingering, 1) != 0) { return; }
        lock (_lock)
        {
            if (_hasEnded) { return; }
            _linger ??= time.CreateTimer(static s => ((Settlements)s!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _linger.Change(Moment, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>No moment is waited for any more: what is said is heard at once.</summary>
    internal void End()
    {
        _isIdle = true;
        lock (_lock)
        {
            _hasEnded = true;
            _linger?.Dispose();
        }
    }

    private void Apply()
    {
        SettledNext next;
        lock (gate)
        {
            Hear();
            next = hearer.Heard();
        }

        hearer.Raise(next);
    }

    /// <summary>If somebody else has the lock, he hears it, or the next who takes messages, or the timer that the first started.</summary>
    private void TryApply()
    {
        if (!gate.TryEnter()) { return; }
        SettledNext next;
        try
        {
            Hear();
            next = hearer.Heard();
        }
        finally
        {
            gate.Exit();
        }

        hearer.Raise(next);
    }

    private void Flush()
    {
        Volatile.Write(ref _isLingering, 0);
        Apply();
        hearer.Raise(SettledNext.Write);
    }
}

/// <summary>What follows when a connection has heard what was said about messages.</summary>
[Flags]
internal enum SettledNext
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There is something worth writing.</summary>
    Write = 1,

    /// <summary>Reading may go on.</summary>
    Read = 2,
}

/// <summary>A connection, as <see cref="Settlements"/> knows it.</summary>
internal interface ISettlementHearer
{
    /// <summary>Hears what was said about a message. Locked.</summary>
    void Hear(long id, Outcome outcome);

    /// <summary>All was heard. Locked.</summary>
    SettledNext Heard();

    /// <summary>Lets it follow. Not locked.</summary>
    void Raise(SettledNext next);
}

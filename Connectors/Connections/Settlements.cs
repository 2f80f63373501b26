namespace StreamLearn.Connections;

/// <summary>Passes outcomes to the connection without waiting. Outcomes of a busy application are batched until it waits, enough outcomes
/// are pending, or a short time has passed. <paramref name="capacity"/>: the application's maximum number of messages.</summary>
internal sealed class Settlements(Lock gate, int capacity, TimeProvider time, ISettlementHearer hearer)
{
    private const int MaxUnapplied = 64;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly Outcomes _outcomes = new();
    private readonly int _maxUnapplied = Math.Clamp(capacity / 2, 1, MaxUnapplied);        // two per message
    private readonly Lock _lock = new();
    private ITimer? _linger;
    private bool _hasEnded;
    private volatile bool _isIdle = true;
    private int _isLingering;

    /// <summary>True while the application waits for messages: outcomes are applied at once.</summary>
    internal bool IsIdle { get => _isIdle; set => _isIdle = value; }

    internal void Settle(long id, Outcome outcome)
    {
        var unapplied = _outcomes.Add(id, outcome);
        if (_isIdle || _maxUnapplied == 1) { Apply(); }
        else if (unapplied >= _maxUnapplied) { TryApply(); }
        else if (unapplied == 1) { Linger(); }
    }

    /// <summary>Applies the outcomes. Call it while holding the lock.</summary>
    internal void Hear()
    {
        foreach (var (id, outcome) in _outcomes.Take()) { hearer.Hear(id, outcome); }
    }

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

    /// <summary>Stops batching: outcomes are applied at once.</summary>
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

    /// <summary>Applies the outcomes if the lock is free; otherwise the holder of the lock, the next reader or the timer does it.</summary>
    private void TryApply()
    {
        if (!gate.TryEnter()) { return; }
        SettledNext next;
        try
        {
            Hear();
            next = hearer.Heard();
        }
        finally { gate.Exit(); }

        hearer.Raise(next);
    }

    private void Flush()
    {
        Volatile.Write(ref _isLingering, 0);
        Apply();
        hearer.Raise(SettledNext.Write);
    }
}

[Flags]
internal enum SettledNext
{
    None = 0,

    Write = 1,

    /// <summary>Reading may resume.</summary>
    Read = 2,
}

internal interface ISettlementHearer
{
    /// <summary>Applies an outcome. Call it while holding the lock.</summary>
    void Hear(long id, Outcome outcome);

    /// <summary>Called when all outcomes were applied. Requires holding the lock.</summary>
    SettledNext Heard();

    /// <summary>Called without holding the lock.</summary>
    void Raise(SettledNext next);
}

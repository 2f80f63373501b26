namespace StreamLearn.Testing;

/// <summary>A manual clock for runs of the dataflow host (<c>RunOptions.TimeProvider</c>). Timers fire on the thread that advances it.
/// Unlike <c>FakeTimeProvider</c>, it counts pending timers, so tests can advance only while the run waits.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = OperatorProbe.Start;

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are set but have not fired.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_lock) { return _timers.Count; }
        }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) { return _now; }
    }

    /// <inheritdoc />
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Advances the clock, stopping at each due timer.</summary>
    /// <param name="time">The time, 0 or more.</param>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = GetUtcNow() + time;
        while (true)
        {
            ManualTimer? due;
            lock (_lock)
            {
                due = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = due is null ? end : due.Due > _now ? due.Due : _now;
                if (due is not null) { Next(due); }
            }

            if (due is null) { return; }
            due.Ring();
        }
    }

    private void Next(ManualTimer due)
    {
        _timers.Remove(due);
        if (due.Period <= TimeSpan.Zero) { return; }
        due.Due += due.Period;
        _timers.Add(due);
    }

    private sealed class ManualTimer(ManualTimeProvider provider, Action ring) : ITimer
    {
        internal DateTimeOffset Due { get; set; }

        /// <summary>With zero or less, the timer fires once.</summary>
        internal TimeSpan Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime, TimeSpan.FromDays(49));     // the system timer's limit
            lock (provider._lock)
            {
                Period = period;
                provider._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) { return true; }
                Due = provider._now + dueTime;
                provider._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (provider._lock) { provider._timers.Remove(this); }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Ring() => ring();
    }
}

namespace StreamLearn.Mqtt;

/// <summary>A session and its connection, which it restores. Call it while holding its lock.</summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly MqttOptions _options;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly long _start;
    private readonly bool _forgets;
    private readonly LinkNews _news;
    private readonly LinkSearch _search;
    private Task _running = Task.CompletedTask;
    private TransportException? _failure;
    private bool _hasBegun;

    internal Link(MqttOptions options, SessionOptions session, FilterRequest? request, bool forgets, LinkNews news, TimeProvider time,
        Random random)
    {
        (_options, _time, _forgets, _news) = (options, time, forgets, news);
        _start = time.GetTimestamp();
        Session = new(session);
        Delivery = new(this, session.Capacity, time);
        Publisher = new(this);
        (Faults, _search) = (new(this, options), new(this, options, time, random));
        if (request is not { } asked) { return; }
        Filter = asked.Filter;
        Session.Subscribe(asked, Output, 0);
    }

    internal Lock Gate { get; } = new();

    internal Session Session { get; }

    internal OutputBuffer Output { get; } = new();

    internal Delivery Delivery { get; }

    internal Publisher Publisher { get; }

    internal LinkFaults Faults { get; }

    internal string? Filter { get; }

    internal CancellationToken Leaving => _stop.Token;

    internal bool IsUnsubscribed => Filter is not null && !_answered.Task.IsCompleted;

    internal Signal ToWrite { get; } = new();

    internal Signal ToDeliver { get; } = new();

    internal Signal ToRead { get; } = new();

    /// <summary>Milliseconds since creation.</summary>
    internal long Now => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Completes when publications need not wait for the subscription: it was answered, has no credit, is late, or
    /// failed.</summary>
    internal Task Awaited => _awaited.Task;

    /// <summary>True if the reason for pausing reads is gone. Call it while holding the lock.</summary>
    internal bool CanContinue => _search.Loop is { Receiver.CanContinue: true };

    internal TransportException? Failure => Volatile.Read(ref _failure);

    internal void Begin(Link? before = null)
    {
        lock (Gate)
        {
            if (_hasBegun) { return; }
            _hasBegun = true;
            _running = Running(before);
        }
    }

    /// <summary>A separate method, because the captures of a lambda are allocated at the start of the method.</summary>
    private Task Running(Link? before) => Task.Run(() => before is null ? RunAsync() : RunAfterAsync(before));

    internal bool HasEnded(string filter)
    {
        lock (Gate) { return Filter == filter && Session.Inbox.IsEnding; }
    }

    internal MqttSessionStatus Status()
    {
        lock (Gate)
        {
            Delivery.ApplySettlements();
            return SessionStatus.Of(Session, Filter, Faults.Last);
        }
    }

    /// <summary>Stops delivering new messages; disconnects once delivered messages are settled.</summary>
    internal void End()
    {
        lock (Gate)
        {
            Session.Inbox.IsEnding = true;
            Delivery.ApplySettlements();
        }

        Raise(writes: true, reads: true);
        ToDeliver.Raise();
    }

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (Gate)
        {
            _failure ??= new("the transport has been disposed", isTransient: false);
            running = _running;
            Delivery.ApplySettlements();
            Leave();
        }

        Raise(writes: true, reads: true);
        await running.ConfigureAwait(false);
        lock (Gate) { Session.Outbox.Fail(_failure); }
        Answered();
        ToDeliver.Raise();
        Delivery.End();
    }

    /// <summary>Checks for the answer to the subscription. Call it while holding the lock.</summary>
    internal void Answer()
    {
        if (Filter is null || (_answered.Task.IsCompleted && !Session.Filters.IsRefused)) { return; }
        if (Session.Filters.Answer(Filter) is not { } answer) { return; }
        if (answer >= MqttReason.UnspecifiedError)
        {
            var fault = Faults.Unsubscribed(answer);
            if (_answered.Task.IsCompleted) { Faults.Record(fault); }     // the server had granted it before and may do so again
            else { Fail(new(fault, isTransient: answer == MqttReason.QuotaExceeded)); }
            _search.Loop?.Close(MqttReason.Success);
        }

        Answered();
    }

    /// <summary>Call it while holding the lock.</summary>
    internal void Connected()
    {
        Faults.Outlive();
        _news.Connected(Session.IsKept);
    }

    internal void StopAwaiting() => _awaited.TrySetResult();

    private void Answered()
    {
        _answered.TrySetResult();
        _awaited.TrySetResult();
    }

    internal void Raise(bool writes, bool reads)
    {
        if (writes) { ToWrite.Raise(); }
        if (reads) { ToRead.Raise(); }
    }

    /// <summary>Call it while holding the lock.</summary>
    internal void Leave()
    {
        if (_stop.IsCancellationRequested) { return; }
        _ = _stop.CancelAsync();            // this runs callbacks of user code, which must not hold the lock
        Answered();
        Goodbye();
    }

    /// <summary>The earlier link leaves first, even with unsettled messages, because two links must not share a session.</summary>
    private async Task RunAfterAsync(Link before)
    {
        await before._running.WaitAsync(_options.ReplyDeadline, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await before.DisposeAsync().ConfigureAwait(false);
        await RunAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await _search.RunAsync().ConfigureAwait(false);
        if (_stop.IsCancellationRequested) { _news.Left(); }
    }

    /// <summary>Reports a loss, unless the connection is no longer needed. Call it while holding the lock.</summary>
    internal void Lost()
    {
        if (_stop.IsCancellationRequested) { return; }
        if (_news.Lost(Faults.IsNew ? Faults.Last : "the connection was lost")) { Session.Counters.Losses++; }
    }

    internal void Fail(TransportException failure)
    {
        lock (Gate)
        {
            _failure ??= failure;
            Faults.Record(failure.Message);
            Lost();             // before its readers are notified, because the link closes with the last of them
            Session.Outbox.Fail(failure);
        }

        Answered();
        ToDeliver.Raise();
    }

    /// <summary>Ends an abandoned session; with 3.1.1, it can only unsubscribe.</summary>
    internal void Goodbye()
    {
        if (_forgets && _options.Version == MqttVersion.V311 && !Session.Options.CleanStart) { Session.UnsubscribeAll(Output); }

        _search.Loop?.Close(MqttReason.Success, _forgets ? 0 : null);
    }
}

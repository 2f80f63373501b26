using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>Reads a stream by pulling messages up to the free space. After a reconnect, silence of the server or loss of the consumer, its
/// task restores the consumer and the position.</summary>
/// <remarks>The client's own consumer pulls by delivered messages, not by acknowledged ones.</remarks>
internal sealed partial class JetReader : NatsSource
{
    private const int Heartbeat = 100, NoSuchSubjects = 10093;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50), MaxWait = TimeSpan.FromSeconds(1);
    private readonly JetConsumer _consumer;
    private readonly JetPulls _pulls;
    private readonly JetAnswers _answers;
    private readonly JetArrivals _arrivals;
    private readonly string _inboxes;       // prefix of its inboxes on all connections
    private readonly ITimer _timer;
    private readonly Signal _toSet = new();     // work for the setup loop
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<long> _refused = [];  // messages refused while closing
    private NatsTap? _tap;                  // subscription on the current connection
    private long _tapped;                   // number of that connection
    private long _setUps;
    private long _silences;
    private long _answeredAt;
    private long _refusedSince;             // clock milliseconds of the first refusal; 0: none
    private bool _isEnding;
    private bool _isSetUpNoMore;

    internal JetReader(NatsLink link, NatsApi api, JetReading reading, Func<CancellationToken, Task> ensure, Signal toDeliver)
        : base(link, reading.Capacity, $"stream/{reading.Stream}", toDeliver)
    {
        Reading = reading;
        _consumer = new(link, api, reading, Inbox, ensure);
        (_pulls, _answers) = (new(link, reading, Inbox), new(link, reading, Inbox));
        _arrivals = new(link, reading, _consumer, Inbox, _answers);
        _inboxes = FormattableString.Invariant($"{link.Inbox}.r{link.NextNumber():x}.");
        var period = TimeSpan.FromTicks(Math.Min(reading.Heartbeat.Ticks / 2, reading.Consumer.AckWait.Ticks / 8));
        _timer = link.Time.CreateTimer(static r => ((JetReader)r!).Tick(), this, period, period);
        Running = Task.Run(RunAsync);
        link.Add(this);
        _toSet.Raise();
    }

    internal JetReading Reading { get; }

    internal override Task Begun => _begun.Task;

    internal override Task Running { get; }

    internal override long Silences => _silences;

    internal Task Left => _left.Task;

    public override void Connected()
    {
        _answeredAt = Link.Now;
        _toSet.Raise();
    }

    public override void Lost()
    {
        _pulls.End();
        _answers.Forget();
        if (_isEnding) { GiveBackWhatWaits(); }
        NatsLink.Drop(_tap);        // late answers to earlier pulls must not arrive over the next connection
        _tap = null;
    }

    public override void Leaves()
    {
        Hear();
        _answers.HoldNothing();
        if (_isEnding) { GiveBackWhatWaits(); }
        base.Leaves();
        _begun.TrySetResult();
        _toSet.Raise();
    }

    public override void Denied(in NatsViolation violation, TransportException error)
    {
        var isMine = violation.IsSubscription ? violation.Subject.StartsWith(_inboxes, StringComparison.Ordinal)
            : violation.IsToPublish(_pulls.Next);
        if (isMine) { Fail(error); }
    }

    public override void Hear(long id, Outcome outcome)
    {
        if (!Inbox.TryFind(id, out var at)) { return; }
        if (outcome == Outcome.Release)
        {
            if (!Reading.Acknowledges) { Inbox.Settle(at, isDone: true); }
            Inbox.Release(at);
        }
        else if (!Reading.Acknowledges || !Inbox[at].IsOpen) { return; }
        else if (outcome == Outcome.Acknowledge) { _answers.Acknowledge(at); }
        else if (_isEnding && !_left.Task.IsCompleted) { _refused.Add(id); }
        else { _answers.Refuse(at); }
    }

    public override SettledNext Heard()
    {
        _pulls.Pull();
        return base.Heard();
    }

    internal override void Discard(long id)
    {
        lock (Link.Gate)
        {
            if (Inbox.TryFind(id, out var at) && Reading.Acknowledges && Inbox[at].IsOpen)
            {
                _answers.Tell(at, JetAnswers.Term, isDone: Link.IsOpen);
            }
        }

        base.Discard(id);
    }

    /// <summary>Stops reading, and returns queued messages once the server is informed; delivered ones can still be acknowledged.</summary>
    internal override void End()
    {
        bool isAtOnce;
        lock (Link.Gate)
        {
            if (_isEnding) { return; }
            Hear();
            _isEnding = true;
            _pulls.End();
            _answers.HoldNothing();
            isAtOnce = !Reading.Acknowledges || _isSetUpNoMore || !Link.IsOpen || Link.Failure is not null;
        }

        base.End();
        _timer.Dispose();
        if (isAtOnce) { GiveBack(); }
        _toSet.Raise();
    }

    internal override void Fail(Exception failure)
    {
        base.Fail(failure);
        _begun.TrySetResult();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _toSet.WaitAsync().ConfigureAwait(false);
            if (!await TrySetUpAsync().ConfigureAwait(false))
            {
                GiveBack();
                return;
            }

            bool isOver;
            lock (Link.Gate) { isOver = _isEnding || Link.Failure is not null; }
            if (!isOver) { continue; }
            _begun.TrySetResult();
            if (!_left.Task.IsCompleted)
            {
                // Pulls end with their subscription. Server 2.9 counts messages returned to an open pull as delivered and holds them until
                // AckWait; it drops pulls when the consumer is queried.
                try
                {
                    await DrainAsync().ConfigureAwait(false);
                    await _consumer.ForgetPullsAsync().ConfigureAwait(false);
                }
                catch (Exception e) { Link.Note(e.Message); }       // held messages are returned in any case
                finally { GiveBack(); }
            }

            await _consumer.LeaveAsync().ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Retries until it succeeds or is no longer needed.</summary>
    private async Task<bool> TrySetUpAsync()
    {
        var wait = FirstWait;
        while (NeedsConsumer(out var connects, out var lowestOpen))
        {
            try
            {
                await ListenAsync(connects).ConfigureAwait(false);
                var info = await _consumer.SetAsync(connects, lowestOpen, Link.Leaving).ConfigureAwait(false);
                if (!Begin(info, connects)) { continue; }
                _refusedSince = 0;
                _begun.TrySetResult();
                return true;
            }
            catch (NatsJSApiException e) when (Reading.IsOptional && e.Error.ErrCode == NoSuchSubjects)
            {
                _begun.TrySetResult();
                return false;
            }
            catch (Exception e)     // any error, because otherwise the reader would wait forever
            {
                Link.Note(e is NatsJSApiException refused ? NatsApi.Text("the consumer", refused.Error) : e.Message);
                if (IsFinal(e))
                {
                    Fail(e);
                    return false;
                }
            }

            if (Link.Leaving.IsCancellationRequested) { return true; }
            await Task.Delay(wait, Link.Time, Link.Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (wait < MaxWait) { wait *= 2; }
        }

        return true;
    }

    /// <summary>Returns true if retrying is useless. After a success, refusals are retried, because a restarted server answers before it
    /// knows the state of its cluster.</summary>
    private bool IsFinal(Exception failure)
    {
        if (NatsApi.IsTransient(failure)) { return false; }
        if (_setUps == 0) { return true; }
        if (_refusedSince == 0) { _refusedSince = Link.Time.GetTimestamp(); }
        return Link.Time.GetElapsedTime(_refusedSince) > Link.ReplyDeadline;
    }

    private bool NeedsConsumer(out long connects, out ulong lowestOpen)
    {
        lock (Link.Gate)
        {
            (connects, lowestOpen) = (Link.Counters.Connects, Inbox.LowestOpen());
            return !_isEnding && Failure is null && Link.Failure is null && !_pulls.IsReady && Link.Server is not null;
        }
    }

    /// <summary>Subscribes to replies of pulls, with a new subject per connection.</summary>
    private async Task ListenAsync(long connects)
    {
        NatsTap tap;
        lock (Link.Gate)
        {
            if (_tap is not null && _tapped == connects) { return; }
            NatsLink.Drop(_tap);
            (_tap, _tapped) = (new(Link.Connection, FormattableString.Invariant($"{_inboxes}{connects:x}.*"), group: null,
                (in frame) => Take(frame, connects)), connects);
            tap = _tap;
        }

        await Link.AddAsync(tap).ConfigureAwait(false);
    }

    private bool Begin(ConsumerInfo info, long connects)
    {
        lock (Link.Gate)
        {
            if (_isEnding || Link.Counters.Connects != connects || _tap is null || !Link.IsOpen) { return false; }
            _arrivals.Begin(info);
            _answeredAt = Link.Now;
            _pulls.Begin(info, FormattableString.Invariant($"{_inboxes}{connects:x}.{++_setUps:x}"));
            _pulls.Pull();
            ToDeliver.Raise();
            return true;
        }
    }

    /// <summary>Unsubscribes, and processes messages that the server sent before that.</summary>
    private async Task DrainAsync()
    {
        NatsTap? tap;
        lock (Link.Gate) { tap = _tap; }
        if (tap is not null) { await tap.DrainAsync(Link.Leaving).ConfigureAwait(false); }
    }

    private void TakeStatus(HeaderBlock headers)
    {
        if (headers.Status == Heartbeat)
        {
            // nothing is left: earlier messages may have been removed in the meantime
            if (_arrivals.IsThereOver) { return; }
            _arrivals.IsThereOver = true;
            ToDeliver.Raise();
            return;
        }

        if (headers.TryFind("Nats-Pending-Messages"u8, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pending))
        {
            _pulls.Less(pending);
            _pulls.Pull();
            return;
        }

        if (headers.Status is 404 or 408) { _pulls.Less(_pulls.Outstanding); _pulls.Pull(); return; }
        Link.Counters.LastFault = Encoding.UTF8.GetString(headers.Description);
        SetUpAgain();
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

/// <summary>
/// Reads a stream by pulling: it asks for as many messages as there is space for, so that the server holds back what is not wanted yet.
/// Over a new connection, and when the server was silent for too long or has lost the consumer, it goes on where it was.
/// </summary>
/// <remarks>The client's own consumer pulls by how many messages it has handed out, not by how many are acknowledged. Its state is locked
/// by its link, except for what its own task does.</remarks>
internal sealed class JetReader : ILinkPart
{
    private const int Heartbeat = 100;
    private readonly NatsLink _link;
    private readonly JetReading _reading;
    private readonly JetConsumer _consumer;
    private readonly JetSettling _settling;
    private readonly JetPulls _pulls;
    private readonly JetAnswers _answers;
    private readonly JetArrivals _arrivals;
    private readonly Signal _toDeliver;
    private readonly JetSetUp _setUp;
    private readonly string _inboxes;       // what those of all connections begin with
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NatsTap? _tap;                  // of this connection
    private long _tapped;                   // which that is
    private long _setUps;
    private long _heardAt;
    private bool _isEnding;
    private bool _isSetUpNoMore;

    /// <param name="link">The connection.</param>
    /// <param name="api">The server's streams.</param>
    /// <param name="reading">What is read.</param>
    /// <param name="ensure">Makes sure that there is a stream.</param>
    /// <param name="toDeliver">Raised when messages wait.</param>
    internal JetReader(NatsLink link, NatsApi api, JetReading reading, Func<CancellationToken, Task> ensure, Signal toDeliver)
    {
        (_link, _reading, _toDeliver) = (link, reading, toDeliver);
        _consumer = new(link, api, reading, Inbox, ensure);
        _setUp = new(link, this, _consumer);
        (_pulls, _answers) = (new(link, reading, Inbox), new(link, reading, Inbox));
        _settling = new(link, reading, Inbox, _pulls, _answers);
        _arrivals = new(link, reading, _consumer, Inbox, _answers);
        _inboxes = FormattableString.Invariant($"{link.Inbox}.r{link.NextNumber():x}.");
        var period = TimeSpan.FromTicks(Math.Min(reading.Heartbeat.Ticks / 2, reading.AckWait.Ticks / 8));
        _timer = link.Time.CreateTimer(static r => ((JetReader)r!).Tick(), this, period, period);
        Running = Task.Run(_setUp.RunAsync);
        link.Add(this);
        _setUp.Ask();
    }

    /// <summary>Messages that have come. Locked.</summary>
    internal JetInbox Inbox { get; } = new();

    internal JetReading Reading => _reading;

    /// <summary>Done when it has begun to read, for the first time, or never will.</summary>
    internal Task Begun => _setUp.Begun;

    internal Task Running { get; }

    /// <summary>Why it reads no more; null: it reads, or waits for the connection. Locked.</summary>
    internal Exception? Failure { get; private set; }

    /// <summary>Messages that have come. Locked.</summary>
    internal long Received => _arrivals.Received;

    /// <summary>Those that came again. Locked.</summary>
    internal long Again => _arrivals.Again;

    /// <summary>Times that the server was silent for too long. Locked.</summary>
    internal long Silences { get; private set; }

    /// <summary>Done when what waited at its end has gone back to the server.</summary>
    internal Task Left => _left.Task;

    /// <summary>True if it has had a consumer.</summary>
    internal bool HasBegun => _setUps > 0;

    /// <summary>True if it has ended, or will never have a connection.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_link.Gate) { return _isEnding || _link.Failure is not null; }
        }
    }

    /// <inheritdoc />
    public void Connected()
    {
        _heardAt = _link.Now;
        _answers.TellWhatIsAcknowledged();
        _setUp.Ask();
    }

    /// <inheritdoc />
    public void Lost()
    {
        _pulls.End();
        _settling.Lost();
        if (_isEnding) { _left.TrySetResult(); }
        NatsLink.Drop(_tap);        // nothing that the server still has for pulls of before comes over the next one
        _tap = null;
    }

    /// <inheritdoc />
    public void Leaves()
    {
        _settling.HoldNothing();
        _toDeliver.Raise();
        if (_isEnding)
        {
            _settling.GiveBack();
            _left.TrySetResult();
        }

        _setUp.GiveUp();
        _setUp.Ask();
    }

    /// <inheritdoc />
    public void Denied(in NatsViolation violation, TransportException error)
    {
        var isMine = violation.IsSubscription ? violation.Subject.StartsWith(_inboxes, StringComparison.Ordinal)
            : violation.IsToPublish(_pulls.Next);
        if (isMine) { Fail(error); }
    }

    /// <summary>Takes messages that wait.</summary>
    internal int Take(Span<JetMessage> into)
    {
        var count = 0;
        lock (_link.Gate)
        {
            _settling.Hear();
            while (count < into.Length && Inbox.TryTake(out var at)) { into[count++] = Inbox.Message(at); }
            _settling.Took(count);
        }

        return count;
    }

    /// <summary>The payload of a message that was not released; empty otherwise.</summary>
    internal ReadOnlyMemory<byte> Payload(long id)
    {
        lock (_link.Gate)
        {
            _settling.Hear();
            return Inbox.TryFind(id, out var at) && !Inbox[at].IsReleased ? Inbox.Message(at).Payload : default;
        }
    }

    /// <summary>The application says something about a message.</summary>
    internal void Settle(long id, Outcome outcome) => _settling.Settle(id, outcome);

    /// <summary>A message that is none for the application does not come again.</summary>
    internal void Discard(long id) => _settling.Discard(id);

    /// <summary>Reads no more. What waits goes back to the server once that knows that it ends; what the application has can still be
    /// acknowledged.</summary>
    internal void End()
    {
        bool isAtOnce;
        lock (_link.Gate)
        {
            if (_isEnding) { return; }
            _isEnding = true;
            _pulls.Stop();
            _settling.Leave();
            isAtOnce = !_reading.Acknowledges || _isSetUpNoMore || !_link.IsOpen || _link.Failure is not null;
        }

        _settling.End();
        _timer.Dispose();
        if (isAtOnce) { GiveBack(); }
        _setUp.Ask();
    }

    /// <summary>Unsubscribes, and takes what the server has sent by then.</summary>
    internal async Task DrainAsync()
    {
        NatsTap? tap;
        lock (_link.Gate) { tap = _tap; }
        if (tap is not null) { await tap.DrainAsync(_link.Leaving).ConfigureAwait(false); }
    }

    /// <summary>The server knows of the end, if there is one, or it is not asked any more: what waits goes back to it.</summary>
    internal void GiveBack()
    {
        lock (_link.Gate)
        {
            _isSetUpNoMore = true;
            if (!_isEnding) { return; }
            _settling.GiveBack();
            NatsLink.Drop(_tap);
            _tap = null;
        }

        _link.Remove(this);
        _left.TrySetResult();
    }

    /// <summary>It reads no more.</summary>
    internal void Fail(Exception failure)
    {
        lock (_link.Gate) { Failure ??= failure; }
        _setUp.GiveUp();
        _toDeliver.Raise();
    }

    /// <summary>True if there is a connection, and no consumer to ask.</summary>
    /// <param name="connects">Which connection it is.</param>
    /// <param name="lowestOpen">The lowest number of a message that came and is not acknowledged.</param>
    internal bool NeedsConsumer(out long connects, out ulong lowestOpen)
    {
        lock (_link.Gate)
        {
            (connects, lowestOpen) = (_link.Counters.Connects, Inbox.LowestOpen());
            return !_isEnding && Failure is null && _link.Failure is null && !_pulls.IsReady && _link.Server is not null;
        }
    }

    /// <summary>Subscribes to where pulls are answered; over each connection elsewhere.</summary>
    internal async Task ListenAsync(long connects)
    {
        NatsTap tap;
        lock (_link.Gate)
        {
            if (_tap is not null && _tapped == connects) { return; }
            NatsLink.Drop(_tap);
            (_tap, _tapped) = (new(_link.Connection, FormattableString.Invariant($"{_inboxes}{connects:x}.*"), group: null,
                (in frame) => Take(frame, connects)), connects);
            tap = _tap;
        }

        await _link.AddAsync(tap).ConfigureAwait(false);
    }

    /// <summary>There is a consumer: it reads.</summary>
    /// <returns>False: the connection is another one by now.</returns>
    internal bool Ready(ConsumerInfo info, long connects)
    {
        lock (_link.Gate)
        {
            if (_link.Counters.Connects != connects || _tap is null || !_link.IsOpen) { return false; }
            _arrivals.Begin(info);
            _heardAt = _link.Now;
            _pulls.Begin(info, FormattableString.Invariant($"{_inboxes}{connects:x}.{++_setUps:x}"));
            _pulls.Pull();
            _toDeliver.Raise();
            return true;
        }
    }

    /// <summary>Takes what came.</summary>
    private void Take(in NatsFrame message, long connects)
    {
        lock (_link.Gate)
        {
            _link.Came(message);
            if (message.Subject.StartsWith(_inboxes, StringComparison.Ordinal) && message.ReplyTo.Length == 0)
            {
                _heardAt = _link.Now;
                if (_pulls.AreAnsweredAt(message.Subject)) { TakeStatus(new(message.Headers.ToArray())); }
                return;
            }

            if (!NatsDelivery.TryParse(message.ReplyTo, out var delivery))
            {
                _link.Counters.Malformed++;
                return;
            }

            // of a pull of a connection that is lost: there is no space for it
            if (connects != _link.Counters.Connects)
            {
                if (_reading.Acknowledges) { _answers.Answer(message.ReplyTo, JetAnswers.Nak); }
                return;
            }

            _heardAt = _link.Now;
            _pulls.Less(1);
            if (_isEnding)
            {
                if (_reading.Acknowledges) { _arrivals.Take(message, delivery); }      // it goes back with all that waits
            }
            else if (_arrivals.Take(message, delivery))
            {
                _pulls.Pull();
                _toDeliver.RaiseWithoutSpin();
            }
            else if (_pulls.IsReady) { SetUpAgain(); }
        }
    }

    /// <summary>Takes what the server says of a pull.</summary>
    private void TakeStatus(HeaderBlock headers)
    {
        if (headers.Status == Heartbeat)
        {
            // there is nothing more: what was there may have been removed meanwhile
            if (_arrivals.IsThereOver) { return; }
            _arrivals.IsThereOver = true;
            _toDeliver.Raise();
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
        _link.Counters.LastFault = Encoding.UTF8.GetString(headers.Description);
        SetUpAgain();
    }

    private void SetUpAgain()
    {
        _pulls.End();
        _setUp.Ask();
    }

    /// <summary>Looks what is due: a server that is silent, messages that are worked on for long.</summary>
    private void Tick()
    {
        lock (_link.Gate)
        {
            if (!_link.IsOpen || _isEnding) { return; }
            var now = _link.Now;
            if (_pulls.IsReady && _pulls.Outstanding > 0 && now - _heardAt > 2 * (long)_reading.Heartbeat.TotalMilliseconds)
            {
                Silences++;
                _link.Counters.LastFault = $"the consumer of stream '{_reading.Stream}' was silent";
                SetUpAgain();
            }

            _settling.Tick(now);
            _pulls.Pull();
            if (_reading.Acknowledges) { _answers.SayInProgress(now); }
        }
    }
}

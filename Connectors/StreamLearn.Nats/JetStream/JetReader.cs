using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>
/// Reads a stream by pulling: it asks for as many messages as there is space for, so that the server holds back what is not wanted yet.
/// Over a new connection, and when the server was silent for too long or has lost the consumer, it goes on where it was.
/// </summary>
/// <remarks>Its state is locked by its connection, except for what its own task does.</remarks>
internal sealed class JetReader
{
    private const int Heartbeat = 100;
    private readonly NatsConnection _connection;
    private readonly JetReading _reading;
    private readonly JetConsumer _consumer;
    private readonly JetSettling _settling;
    private readonly JetPulls _pulls;
    private readonly JetAnswers _answers;
    private readonly JetArrivals _arrivals;
    private readonly Signal _toDeliver;
    private readonly JetSetUp _setUp;
    private readonly byte[] _inboxes;       // what those of all connections begin with
    private readonly ITimer _timer;
    private readonly NatsSubscription _subscription;
    private byte[] _inboxPrefix;            // of this connection
    private long _setUps;
    private long _changes;
    private long _heardAt;
    private bool _isEnding;
    private bool _isLooking;                // whether there is a consumer
    private bool _isSetUpNoMore;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="jetStream">The server.</param>
    /// <param name="reading">What is read.</param>
    /// <param name="ensure">Makes sure that there is a stream.</param>
    /// <param name="toDeliver">Raised when messages wait.</param>
    internal JetReader(NatsJetStream jetStream, JetReading reading, Func<CancellationToken, Task> ensure, Signal toDeliver)
    {
        (_connection, _reading, _toDeliver) = (jetStream.Connection, reading, toDeliver);
        _consumer = new(jetStream, reading, Inbox, ensure);
        _setUp = new(_connection, this, _consumer);
        (_pulls, _answers) = (new(_connection, reading, Inbox), new(_connection, reading, Inbox));
        _settling = new(_connection, reading, Inbox, _pulls, _answers);
        _arrivals = new(_connection, reading, _consumer, Inbox, _answers);
        var number = _connection.NextReader();
        _inboxes = [.. _connection.InboxPrefix, .. Encoding.ASCII.GetBytes(FormattableString.Invariant($"r{number:x}."))];
        _inboxPrefix = InboxPrefix();
        _subscription = _connection.Subscribe([.. _inboxPrefix, (byte)'*'], [], new(1, 1, NatsOverflow.DropNewest), toDeliver, this);
        var period = TimeSpan.FromTicks(Math.Min(reading.Heartbeat.Ticks / 2, reading.AckWait.Ticks / 8));
        _timer = _connection.Time.CreateTimer(static r => ((JetReader)r!).Tick(), this, period, period);
        Running = Task.Run(_setUp.RunAsync);
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

    /// <summary>Why nothing more comes; null: something may.</summary>
    internal Exception? FailureNow
    {
        get
        {
            lock (_connection.Gate) { return _connection.Failure ?? Failure; }
        }
    }

    /// <summary>Messages that have come. Locked.</summary>
    internal long Received => _arrivals.Received;

    /// <summary>Those that came again. Locked.</summary>
    internal long Again => _arrivals.Again;

    /// <summary>Times that the server was silent for too long. Locked.</summary>
    internal long Silences { get; private set; }

    /// <summary>True if all has come that was there before it began, and was taken.</summary>
    internal bool IsThereOver
    {
        get
        {
            lock (_connection.Gate) { return _arrivals.IsThereOver && Inbox.Waiting == 0; }
        }
    }

    /// <summary>Takes what came to its subscription. Locked.</summary>
    internal void Take(in NatsFrame message)
    {
        _heardAt = _connection.Now;
        if (!message.HeaderBlock.IsEmpty && message.Subject.StartsWith(_inboxPrefix))
        {
            if (_pulls.AreAnsweredAt(message.Subject)) { TakeStatus(new(message.HeaderBlock)); }
            return;
        }

        if (!NatsDelivery.TryParse(message.ReplyTo, out var delivery))
        {
            _connection.Counters.Malformed++;
            return;
        }

        _pulls.Less(1);
        if (_isEnding)
        {
            if (_reading.Acknowledges) { _arrivals.Take(message, delivery); }      // it goes back with all that waits
        }
        else if (_arrivals.Take(message, delivery)) { _pulls.Pull(); }
        else if (_pulls.IsReady) { SetUpAgain(); }
    }

    /// <summary>Passes over a message that cannot be read: it does not come again. Locked.</summary>
    internal void PassOver(ReadOnlySpan<byte> ack)
    {
        _heardAt = _connection.Now;
        if (!NatsDelivery.TryParse(ack, out var delivery)) { return; }
        _pulls.Less(1);
        _arrivals.PassOver(ack, delivery);
        _pulls.Pull();
    }

    /// <summary>True if it asks there for messages. Locked.</summary>
    internal bool Pulls(ReadOnlySpan<byte> subject) => _pulls.AreTo(subject);

    /// <summary>A connection was made. Locked.</summary>
    internal void Connected()
    {
        _changes++;
        _heardAt = _connection.Now;
        _answers.TellWhatIsAcknowledged();
        _setUp.Ask();
    }

    /// <summary>The connection was lost. Locked.</summary>
    /// <returns>What it subscribes to over the next one: nothing that the server still has for pulls of before comes there.</returns>
    internal byte[] Lost()
    {
        _changes++;
        _pulls.End();
        _settling.Lost();
        if (_isEnding) { _left.TrySetResult(); }
        _inboxPrefix = InboxPrefix();
        return [.. _inboxPrefix, (byte)'*'];
    }

    /// <summary>There will be no other connection: what was acknowledged is told over this one. Locked.</summary>
    internal void Leaves()
    {
        _settling.HoldNothing();
        if (!_isEnding) { return; }
        _settling.GiveBack();
        _left.TrySetResult();
    }

    /// <summary>Takes messages that wait.</summary>
    internal int Take(Span<JetMessage> into)
    {
        var count = 0;
        SettledNext next;
        lock (_connection.Gate)
        {
            _settling.Hear();
            while (count < into.Length && Inbox.TryTake(out var at)) { into[count++] = Inbox.Message(at); }
            next = _settling.Took(count);
        }

        // here and now: the caller waits anyway
        if (next == SettledNext.Write && _connection.ToWrite.TryRaise()) { _connection.ToWrite.Execute(); }
        return count;
    }

    /// <summary>The payload of a message that was not released; empty otherwise.</summary>
    internal ReadOnlyMemory<byte> Payload(long id)
    {
        lock (_connection.Gate)
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
        lock (_connection.Gate)
        {
            if (_isEnding) { return; }
            _isEnding = true;
            _pulls.Stop();
            _settling.Leave();
            isAtOnce = !_reading.Acknowledges || _isSetUpNoMore || _connection.Server is null || _connection.Failure is not null;
        }

        _connection.Unsubscribe(_subscription);
        _settling.End();
        _timer.Dispose();
        if (isAtOnce) { GiveBack(); }
        _setUp.Ask();
    }

    /// <summary>Done when what waited at its end has gone back to the server.</summary>
    internal Task Left => _left.Task;

    /// <summary>The server knows of the end, if there is one, or it is not asked any more: what waits goes back to it.</summary>
    internal void GiveBack()
    {
        lock (_connection.Gate)
        {
            _isSetUpNoMore = true;
            if (!_isEnding) { return; }
            _settling.GiveBack();
        }

        _connection.Forget(_subscription);
        _connection.ToWrite.Raise();
        _left.TrySetResult();
    }

    /// <summary>It reads no more.</summary>
    internal void Fail(Exception failure)
    {
        lock (_connection.Gate) { Failure ??= failure; }
        _setUp.GiveUp();
        _toDeliver.Raise();
    }

    /// <summary>Takes what the server says of a pull.</summary>
    private void TakeStatus(NatsHeaders headers)
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
        _connection.Counters.LastFault = Encoding.UTF8.GetString(headers.Description);
        SetUpAgain();
    }

    private byte[] InboxPrefix() => [.. _inboxes, .. Encoding.ASCII.GetBytes(FormattableString.Invariant($"{_changes:x}."))];

    private void SetUpAgain()
    {
        _pulls.End();
        _setUp.Ask();
    }

    /// <summary>Looks what is due: a server that is silent, messages that are worked on for long.</summary>
    private void Tick()
    {
        lock (_connection.Gate)
        {
            if (_connection.Server is null || _isEnding) { return; }
            var now = _connection.Now;
            if (_pulls.IsReady && _pulls.Outstanding > 0 && now - _heardAt > 2 * (long)_reading.Heartbeat.TotalMilliseconds)
            {
                Silences++;
                _connection.Counters.LastFault = $"the consumer of stream '{_reading.Stream}' was silent";
                SetUpAgain();
            }
            else if (_reading.IsOfOthers && _pulls is { IsReady: true, Outstanding: 0 } && !_isLooking
                && now - _heardAt > 2 * (long)_reading.Heartbeat.TotalMilliseconds)
            {
                _isLooking = true;
                _ = Task.Run(LookAsync);
            }

            _settling.Tick(now);
            _pulls.Pull();
            if (_reading.Acknowledges) { _answers.SayInProgress(now); }
        }

        _connection.ToWrite.Raise();
    }

    /// <summary>Without space nothing is asked for, and so nothing is said when the consumer is deleted: it is looked for.</summary>
    private async Task LookAsync()
    {
        var isThere = await _consumer.IsThereAsync().ConfigureAwait(false);
        lock (_connection.Gate)
        {
            (_isLooking, _heardAt) = (false, _connection.Now);
            if (!isThere && !_isEnding && _pulls.IsReady) { SetUpAgain(); }
        }
    }

    /// <summary>True if it has ended, or will never have a connection.</summary>
    internal bool IsOver
    {
        get
        {
            lock (_connection.Gate) { return _isEnding || _connection.Failure is not null; }
        }
    }

    /// <summary>True if it has had a consumer.</summary>
    internal bool HasBegun => _setUps > 0;

    /// <summary>True if there is a connection, and no consumer to ask.</summary>
    /// <param name="changes">Which connection it is.</param>
    /// <param name="lowestOpen">The lowest number of a message that came and is not acknowledged.</param>
    internal bool NeedsConsumer(out long changes, out ulong lowestOpen)
    {
        lock (_connection.Gate)
        {
            (changes, lowestOpen) = (_changes, Inbox.LowestOpen());
            return !_isEnding && _connection.Failure is null && !_pulls.IsReady && _connection.Server is not null;
        }
    }

    /// <summary>There is a consumer: it reads.</summary>
    /// <returns>False: the connection is another one by now.</returns>
    internal bool Ready(NatsConsumerStatus info, long changes)
    {
        lock (_connection.Gate)
        {
            if (_changes != changes || _connection.Server is null) { return false; }
            _arrivals.Begin(info);
            _heardAt = _connection.Now;
            _pulls.Begin(info, [.. _inboxPrefix, .. Encoding.ASCII.GetBytes((++_setUps).ToString("x", CultureInfo.InvariantCulture))]);
            _pulls.Pull();
            _toDeliver.Raise();
            _connection.ToWrite.Raise();
            return true;
        }
    }
}

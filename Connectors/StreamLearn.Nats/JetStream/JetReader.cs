using System.Globalization;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>
/// Reads a stream by pulling: it asks for as many messages as there is space for, so that the server holds back what is not wanted yet.
/// Over a new connection, and when the server was silent for too long or has lost the consumer, it goes on where it was.
/// </summary>
/// <remarks>Its state is locked by its connection, except for what its own task does.</remarks>
internal sealed class JetReader : ISettlementHearer
{
    private const int Heartbeat = 100, MaxUnsentBytes = 8 << 10;
    private readonly NatsConnection _connection;
    private readonly JetReading _reading;
    private readonly JetConsumer _consumer;
    private readonly Settlements _settlements;
    private readonly JetPulls _pulls;
    private readonly JetAnswers _answers;
    private readonly RecentIds _ids = new();
    private readonly Signal _toDeliver;
    private readonly JetSetUp _setUp;
    private readonly TopicNames _topics;
    private readonly byte[] _inboxes;       // what those of all connections begin with
    private readonly ITimer _timer;
    private readonly NatsSubscription _subscription;
    private byte[] _inboxPrefix;            // of this connection
    private long _setUps;
    private long _changes;
    private long _heardAt;
    private ulong _lastConsumer;            // of messages that come in order
    private bool _isThereOver;              // all has come that was there before it began
    private bool _isEnding;

    /// <param name="jetStream">The server.</param>
    /// <param name="reading">What is read.</param>
    /// <param name="ensure">Makes sure that there is a stream.</param>
    /// <param name="toDeliver">Raised when messages wait.</param>
    internal JetReader(NatsJetStream jetStream, JetReading reading, Func<CancellationToken, Task> ensure, Signal toDeliver)
    {
        (_connection, _reading, _toDeliver) = (jetStream.Connection, reading, toDeliver);
        _consumer = new(jetStream, reading, ensure);
        _setUp = new(_connection, this, _consumer);
        (_pulls, _answers) = (new(_connection, reading, Inbox), new(_connection, reading, Inbox));
        _settlements = new(_connection.Gate, reading.Capacity, _connection.Time, this);
        _topics = new(
            bytes => NatsTopic.TryToTopic(bytes[Math.Min(bytes.Length, reading.SubjectPrefix)..], out var topic) ? topic : default);
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
    internal long Received { get; private set; }

    /// <summary>Those that came again. Locked.</summary>
    internal long Again { get; private set; }

    /// <summary>Times that the server was silent for too long. Locked.</summary>
    internal long Silences { get; private set; }

    /// <summary>True if all has come that was there before it began, and was taken.</summary>
    internal bool IsThereOver
    {
        get
        {
            lock (_connection.Gate) { return _isThereOver && Inbox.Waiting == 0; }
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
        if (_isEnding) { return; }
        Received++;
        if (!_reading.Acknowledges) { TakeInOrder(message, delivery); }
        else { TakeTracked(message, delivery); }
        Pull();
    }

    /// <summary>Passes over a message that cannot be read: it does not come again. Locked.</summary>
    internal void PassOver(ReadOnlySpan<byte> ack)
    {
        _heardAt = _connection.Now;
        if (!NatsDelivery.TryParse(ack, out var delivery)) { return; }
        _pulls.Less(1);
        if (_reading.Acknowledges) { _answers.Answer(ack, "+TERM"u8); }
        else if (delivery.ConsumerSequence == _lastConsumer + 1)
        {
            _lastConsumer++;
            _consumer.Came(delivery.StreamSequence);
        }

        Pull();
    }

    /// <summary>True if it asks there for messages. Locked.</summary>
    internal bool Pulls(ReadOnlySpan<byte> subject) => _pulls.AreTo(subject);

    /// <summary>A connection was made. Locked.</summary>
    internal void Connected()
    {
        _changes++;
        _heardAt = _connection.Now;
        for (var at = 0; at < Inbox.Used; at++)
        {
            if (Inbox[at].Fate == JetFate.Acknowledged) { _answers.Tell(at, "+ACK"u8, isDone: true); }
        }

        _setUp.Ask();
    }

    /// <summary>The connection was lost. Locked.</summary>
    /// <returns>What it subscribes to over the next one: nothing that the server still has for pulls of before comes there.</returns>
    internal byte[] Lost()
    {
        _changes++;
        _pulls.End();
        _inboxPrefix = InboxPrefix();
        return [.. _inboxPrefix, (byte)'*'];
    }

    /// <summary>Takes messages that wait.</summary>
    internal int Take(Span<JetMessage> into)
    {
        var count = 0;
        SettledNext next;
        lock (_connection.Gate)
        {
            _settlements.Hear();
            while (count < into.Length && Inbox.TryTake(out var at)) { into[count++] = Inbox.Message(at); }
            _settlements.IsIdle = count == 0;
            next = Heard();
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
            _settlements.Hear();
            return Inbox.TryFind(id, out var at) && !Inbox[at].IsReleased ? Inbox.Message(at).Payload : default;
        }
    }

    /// <summary>The application says something about a message.</summary>
    internal void Settle(long id, Outcome outcome) => _settlements.Settle(id, outcome);

    /// <summary>A message that is none for the application does not come again.</summary>
    internal void Discard(long id)
    {
        lock (_connection.Gate)
        {
            if (Inbox.TryFind(id, out var at) && _reading.Acknowledges && Inbox[at].Fate == JetFate.Open)
            {
                _answers.Refuse(at, isForGood: true);
            }
        }

        Settle(id, Outcome.Release);
    }

    /// <inheritdoc />
    public void Hear(long id, Outcome outcome)
    {
        if (!Inbox.TryFind(id, out var at)) { return; }
        if (outcome == Outcome.Release)
        {
            if (!_reading.Acknowledges) { Inbox.Settle(at, isDone: true); }
            Inbox.Release(at);
        }
        else if (!_reading.Acknowledges || Inbox[at].Fate != JetFate.Open) { return; }
        else if (outcome == Outcome.Refuse) { _answers.Refuse(at, isForGood: false); }
        else if (_connection.Server is null) { Inbox[at].Fate = JetFate.Acknowledged; }
        else { _answers.Tell(at, "+ACK"u8, isDone: true); }
    }

    /// <summary>What was said goes out when the application waits, when nothing is left to say, with a pull, or when it is much.</summary>
    public SettledNext Heard()
    {
        var pulls = Pull();
        var unsent = _connection.Output.Count;
        if (unsent == 0) { return SettledNext.None; }
        if (pulls || _settlements.IsIdle || Inbox.Open == 0 || unsent >= MaxUnsentBytes) { return SettledNext.Write; }
        _settlements.Linger();
        return SettledNext.None;
    }

    /// <inheritdoc />
    public void Raise(SettledNext next)
    {
        if (next == SettledNext.Write) { _connection.ToWrite.Raise(); }
    }

    /// <summary>Asks for more, if there is space for some. Locked.</summary>
    /// <returns>True: something is to be written.</returns>
    private bool Pull() => !_isEnding && _pulls.Pull();

    /// <summary>Reads no more. What waits goes back to the server; what the application has can still be acknowledged.</summary>
    internal void End()
    {
        lock (_connection.Gate)
        {
            if (_isEnding) { return; }
            _isEnding = true;
            _settlements.Hear();
            while (Inbox.TryTake(out var at))
            {
                if (_reading.Acknowledges) { _answers.Refuse(at, isForGood: false); }
                else { Inbox.Settle(at, isDone: false); }
                Inbox.Release(at);
            }
        }

        _connection.Unsubscribe(_subscription);
        _settlements.End();
        _timer.Dispose();
        _setUp.Ask();
    }

    /// <summary>It reads no more.</summary>
    internal void Fail(Exception failure)
    {
        lock (_connection.Gate) { Failure ??= failure; }
        _setUp.GiveUp();
        _toDeliver.Raise();
    }

    private void TakeTracked(in NatsFrame message, in NatsDelivery delivery)
    {
        var now = _connection.Now;
        if (Inbox.TryKnown(delivery.StreamSequence, delivery.Nanoseconds, out var at))
        {
            Again++;
            Inbox.Again(at, message.ReplyTo, now);
            if (Inbox[at].Fate == JetFate.Acknowledged) { _answers.Tell(at, "+ACK"u8, isDone: true); }
            return;
        }

        if (Inbox.WasSettled(delivery.StreamSequence, delivery.Nanoseconds))
        {
            Again++;
            _answers.Answer(message.ReplyTo, "+ACK"u8);
            return;
        }

        _consumer.Came(delivery.StreamSequence);
        if (!message.HeaderBlock.IsEmpty && message.Headers.TryFind("Nats-Msg-Id"u8, out var id)
            && _ids.IsCopy(id, delivery.Nanoseconds, _consumer.DuplicateWindow))
        {
            Again++;
            _answers.Answer(message.ReplyTo, "+ACK"u8);
            return;
        }

        at = Inbox.Add(_topics.Of(message.Subject), message, delivery, now, isTracked: true);
        Inbox[at].IsRedelivered = delivery.Delivered > 1;
        Inbox[at].Deliveries = (int)Math.Min(int.MaxValue, delivery.Delivered);
    }

    private void TakeInOrder(in NatsFrame message, in NatsDelivery delivery)
    {
        if (delivery.ConsumerSequence != _lastConsumer + 1 || delivery.StreamSequence <= _consumer.Last)
        {
            if (_pulls.IsReady) { SetUpAgain(); }
            return;
        }

        _lastConsumer++;
        _consumer.Came(delivery.StreamSequence);
        var at = Inbox.Add(_topics.Of(message.Subject), message, delivery, _connection.Now, isTracked: false);
        Inbox[at].IsRetained = !_isThereOver;
        _isThereOver |= delivery.Pending == 0;
    }

    /// <summary>Takes what the server says of a pull.</summary>
    private void TakeStatus(NatsHeaders headers)
    {
        if (headers.Status == Heartbeat)
        {
            // there is nothing more: what was there may have been removed meanwhile
            if (_isThereOver) { return; }
            _isThereOver = true;
            _toDeliver.Raise();
            return;
        }

        if (headers.TryFind("Nats-Pending-Messages"u8, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pending))
        {
            _pulls.Less(pending);
            Pull();
            return;
        }

        if (headers.Status is 404 or 408) { _pulls.Less(_pulls.Outstanding); Pull(); return; }
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

            _settlements.Hear();
            Pull();
            if (_reading.Acknowledges) { _answers.SayInProgress(now); }
        }

        _connection.ToWrite.Raise();
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
            if (_consumer.IsNew)
            {
                _lastConsumer = 0;
                _isThereOver |= info.Pending == 0;
            }

            _heardAt = _connection.Now;
            _pulls.Begin(info, [.. _inboxPrefix, .. Encoding.ASCII.GetBytes((++_setUps).ToString("x", CultureInfo.InvariantCulture))]);
            Pull();
            _toDeliver.Raise();
            _connection.ToWrite.Raise();
            return true;
        }
    }
}

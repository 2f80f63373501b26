using System.Runtime.CompilerServices;

namespace StreamLearn.Nats;

/// <summary>Reads a consumer that somebody else has made: it is never made, changed or deleted here.</summary>
internal sealed class ConsumerReading
{
    private const int Batch = 32;
    private static readonly TimeSpan Expires = TimeSpan.FromSeconds(30);         // of a pull
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);          // also for what goes back at the end
    private readonly NatsJetStream _jetStream;
    private readonly NatsConnection _connection;
    private readonly string _stream;
    private readonly string _consumer;
    private readonly Signal _signal = new();
    private readonly JetReader _reader;
    private readonly JetAnswers _answers;
    private Topic _topic;               // of the last message
    private string _subject = "";
    private long _received;             // when the consumer was looked for last
    private TimeSpan _wait;

    private ConsumerReading(NatsJetStream jetStream, JetReading reading)
    {
        (_jetStream, _connection, _stream, _consumer) = (jetStream, jetStream.Connection, reading.Stream, reading.Durable!);
        _reader = new(jetStream, reading, RequireAsync, _signal);
        _answers = new(_connection, reading, _reader.Inbox);
    }

    /// <summary>Messages until it is canceled, which ends the sequence without an exception.</summary>
    internal static async IAsyncEnumerable<NatsStreamMessage> ReadAsync(NatsJetStream jetStream, string stream, string consumer,
        NatsReadOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await FindAsync(jetStream, stream, consumer, cancellationToken).ConfigureAwait(false) is not { } there) { yield break; }
        Check(there, options);
        var reading = new ConsumerReading(jetStream, new()
        {
            Stream = stream,
            Durable = consumer,
            IsOfOthers = true,
            Filter = there.Config.FilterSubject,
            AckWait = there.Config.AckWait,
            Capacity = there.Config.MaxBatch is > 0 and var most ? Math.Min(most, options.Capacity) : options.Capacity,
            MaxBytes = options.MaxBytes,
            Heartbeat = options.Heartbeat,
        });
        await foreach (var message in reading.ReadAsync(cancellationToken).ConfigureAwait(false)) { yield return message; }
    }

    /// <summary>Says what became of a message.</summary>
    internal void Settle(long id, Outcome outcome) => _reader.Settle(id, outcome);

    /// <summary>Says it in the words of the server.</summary>
    /// <param name="id">The message.</param>
    /// <param name="what">The words.</param>
    /// <param name="isDone">True: it is not delivered if it comes again.</param>
    internal void Answer(long id, ReadOnlySpan<byte> what, bool isDone)
    {
        lock (_connection.Gate)
        {
            if (!TryFind(id, out var at)) { return; }
            if (_connection.Server is null) { _reader.Inbox.Settle(at, isDone: false); }        // it comes again without a word
            else { _answers.Tell(at, what, isDone); }
        }

        _reader.Settle(id, Outcome.Release);        // there is space for another one
    }

    /// <summary>Says that a message is worked on.</summary>
    internal void ReportProgress(long id)
    {
        lock (_connection.Gate)
        {
            if (!TryFind(id, out var at)) { return; }
            _reader.Inbox[at].Since = _connection.Now;
            _answers.Answer(_reader.Inbox[at].Ack.AsSpan(0, _reader.Inbox[at].AckLength), "+WPI"u8);
        }

        _connection.ToWrite.Raise();
    }

    private bool TryFind(long id, out int at) => _reader.Inbox.TryFind(id, out at) && _reader.Inbox[at].Fate == JetFate.Open;

    private static async Task<NatsConsumerStatus?> FindAsync(
        NatsJetStream jetStream, string stream, string consumer, CancellationToken cancellationToken)
    {
        try
        {
            return await jetStream.ConsumerAsync(stream, consumer, cancellationToken).ConfigureAwait(false)
                ?? throw Missing(jetStream, stream, consumer);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static TransportException Missing(NatsJetStream jetStream, string stream, string consumer) => new(
        $"{jetStream.Connection.Name}: expected a consumer '{consumer}' of a stream '{stream}', there is none: make it by "
        + "CreateConsumerAsync", isTransient: false);

    /// <summary>What a pull would be refused for again and again is said at once.</summary>
    private static void Check(NatsConsumerStatus there, NatsReadOptions options)
    {
        var config = there.Config;
        var expected = config.DeliverSubject is not null ? $"one that is pulled from, it sends to '{NatsText.Plain(config.DeliverSubject)}'"
            : config.AckPolicy != NatsAckPolicy.Explicit ? $"one with NatsAckPolicy.Explicit, it has NatsAckPolicy.{config.AckPolicy}"
            : config.MaxExpires > TimeSpan.Zero && config.MaxExpires < Expires
                ? FormattableString.Invariant($"one that takes pulls of {Expires}, it takes them for {config.MaxExpires}")
            : config.MaxPullBytes > 0 ? "one without a bound of the bytes of a pull"
            : null;
        if (expected is null) { return; }
        throw new TransportException($"consumer '{there.Name}' of stream '{there.Stream}': expected {expected}", isTransient: false);
    }

    private async IAsyncEnumerable<NatsStreamMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static s => ((Signal)s!).Raise(), _signal);
        var taken = new JetMessage[Batch];
        int count = 0, next = 0;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                (count, next) = (_reader.Take(taken), 0);
                while (next < count && !cancellationToken.IsCancellationRequested)
                {
                    if (await SubjectAsync(taken[next], cancellationToken).ConfigureAwait(false) is not { } subject) { break; }
                    var message = new NatsStreamMessage(this, subject, taken[next]);
                    Settle(taken[next++].Id, Outcome.Release);
                    yield return message;
                }

                if (count > 0) { continue; }
                if (_reader.FailureNow is { } failure) { throw failure; }
                await _signal.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _reader.End();
            for (; next < count; next++)
            {
                Settle(taken[next].Id, Outcome.Refuse);
                Settle(taken[next].Id, Outcome.Release);
            }

            await Task.WhenAny(_reader.Left, Task.Delay(MaxWait, _connection.Time, _connection.Leaving)).ConfigureAwait(false);
        }
    }

    /// <summary>The subject of a message. One that belongs to no topic is known by the stream alone; empty: that has the message no
    /// more. Null: it was canceled.</summary>
    private async ValueTask<string?> SubjectAsync(JetMessage message, CancellationToken cancellationToken)
    {
        if (message.Topic.Value is null)
        {
            try
            {
                var asked = new MessageRequest((ulong)message.Sequence, LastBySubj: null);
                var stored = await _jetStream.MessageAsync(_stream, asked, cancellationToken).ConfigureAwait(false);
                return stored?.Subject ?? "";
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }

        if (message.Topic != _topic) { (_topic, _subject) = (message.Topic, NatsTopic.ToSubject(message.Topic)); }
        return _subject;
    }

    /// <summary>There must be a consumer before it is read: none is made. After pulls that the server refused it is not asked for without
    /// a pause.</summary>
    private async Task RequireAsync(CancellationToken cancellationToken)
    {
        var received = Volatile.Read(in _reader) is { HasBegun: true } reader ? reader.Received : -1;     // null: it is being made
        var isAgain = received >= 0 && received == _received;
        _received = received;
        _wait = !isAgain ? TimeSpan.Zero : _wait == TimeSpan.Zero ? FirstWait : _wait < MaxWait ? 2 * _wait : _wait;
        await Task.Delay(_wait, _connection.Time, cancellationToken).ConfigureAwait(false);
        if (await _jetStream.ConsumerAsync(_stream, _consumer, cancellationToken).ConfigureAwait(false) is not null) { return; }
        throw Missing(_jetStream, _stream, _consumer);
    }
}

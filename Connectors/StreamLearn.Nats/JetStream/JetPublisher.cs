using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace StreamLearn.Nats;

/// <summary>
/// Messages on their way into streams: sent in order, any number under way, each until its stream has said that it has it or refuses it.
/// Over a new connection all that have no answer are sent again, in their order, with the same headers. While a stream is full or has no
/// leader they are repeated, one at a time; those that would not wait for space fail, and so do those to a subject of which the server says
/// that no stream takes it, or that it has no JetStream. Locked by its connection.
/// </summary>
internal sealed class JetPublisher : IDisposable
{
    private const long AsksAfter = 2000;    // milliseconds without anybody to answer
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly NatsConnection _connection;
    private readonly long _deadline;        // milliseconds
    private readonly long _repeatAfter;     // milliseconds without an answer, of a message that a stream knows when it comes again
    private readonly byte[] _replyPrefix;
    private readonly List<JetPublication> _slots = [];
    private readonly Stack<JetPublication> _free = [];
    private readonly ITimer _timer;
    private readonly TakenSubjects _taken = new();
    private JetPublication? _first;         // in the order of the calls
    private JetPublication? _last;
    private JetPublication? _next;          // none before it is to be sent; null: none at all
    private byte[] _streamBytes = [];
    private string _stream = "";
    private long _askedAt = -AsksAfter;     // which streams take a subject
    private bool _isPaused;                 // until the timer
    private bool _isTimed;                  // the timer runs
    private bool _isCautious;               // a stream refused: one at a time

    internal JetPublisher(NatsConnection connection, TimeSpan deadline)
    {
        (_connection, _deadline, _repeatAfter) =
            (connection, (long)deadline.TotalMilliseconds, (long)connection.AnswerWithin.TotalMilliseconds);
        _replyPrefix = [.. connection.InboxPrefix, Mark];
        _timer = connection.Time.CreateTimer(
            static p => ((JetPublisher)p!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the last level of the subject of an answer begins with.</summary>
    internal static byte Mark => (byte)'p';

    /// <summary>Messages without an answer.</summary>
    internal int Open { get; private set; }

    /// <summary>Messages that were sent again.</summary>
    internal long Repeated { get; private set; }

    /// <summary>Publishes; done when a stream has it.</summary>
    internal ValueTask<NatsPublished> PublishAsync(ReadOnlyMemory<byte> subject, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> before,
        in ReadOnlySequence<byte> payload, bool failsWhenFull, CancellationToken cancellationToken)
    {
        var publication = Begin(subject, headers, before, payload, failsWhenFull, cancellationToken);
        return new(publication, publication.Version);
    }

    /// <inheritdoc cref="PublishAsync" />
    internal ValueTask PublishOnlyAsync(ReadOnlyMemory<byte> subject, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> before,
        in ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        var publication = Begin(subject, headers, before, payload, failsWhenFull: false, cancellationToken);
        return new(publication, publication.Version);
    }

    private JetPublication Begin(ReadOnlyMemory<byte> subject, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> before,
        in ReadOnlySequence<byte> payload, bool failsWhenFull, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _connection.Begin();
        JetPublication publication;
        lock (_connection.Gate)
        {
            if ((_connection.Failure ?? _connection.NoReplies) is { } failure) { throw failure; }
            if (!_free.TryPop(out publication!))
            {
                publication = new(this, _slots.Count);
                _slots.Add(publication);
            }

            publication.Begin(subject, headers, before, payload, _replyPrefix);
            publication.FailsWhenFull = failsWhenFull;
            Append(publication);
            Pump();
        }

        if (cancellationToken.CanBeCanceled) { publication.EndsWith(cancellationToken); }
        _connection.ToWrite.Raise();
        return publication;
    }

    /// <summary>Sends what is to be sent, as far as there is a connection and space. Locked.</summary>
    internal void Pump()
    {
        while (_next is { } publication && !_isPaused && _connection.IsOpen && !(_isCautious && IsUnderWay))
        {
            _next = publication.After;
            if (publication.SentAt >= 0) { continue; }
            var most = _connection.Server!.MaxPayload;
            if (publication.Length > most)
            {
                Remove(publication);
                publication.Fail(new TransportException(
                    FormattableString.Invariant($"expected at most {most} bytes, as the server takes, got {publication.Length}"),
                    isTransient: false));
                continue;
            }

            if (!_isTimed) { Time(_repeatAfter); }
            try
            {
                publication.Write(_connection.Output, most, _connection.Now);
                _connection.Counters.Published++;
            }
            catch (ArgumentException e)
            {
                Remove(publication);
                publication.Fail(e);
            }
        }
    }

    /// <summary>An answer has come. Locked.</summary>
    /// <param name="token">The last level of its subject, without the mark.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="payload">Its payload.</param>
    internal void Answer(ReadOnlySpan<byte> token, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        if (!Utf8Parser.TryParse(token, out long id, out var read, 'x') || read != token.Length) { return; }
        var at = JetPublication.SlotOf(id);
        if (at >= _slots.Count || !_slots[at].IsOf(id)) { return; }
        var publication = _slots[at];
        if (!headers.IsEmpty && new NatsHeaders(headers).Status == JetStreamException.NotNow)
        {
            Unanswered(publication);
            return;
        }

        if (TryRead(payload, out var published))
        {
            _isCautious = false;
            _taken.Add(publication.SubjectBytes);
            Remove(publication);
            publication.Done(published);
            Pump();
            return;
        }

        Refused(publication, payload);
    }

    /// <summary>The connection was lost: what has no answer is to be sent again. Locked.</summary>
    internal void Lost()
    {
        for (var publication = _first; publication is not null; publication = publication.After)
        {
            if (publication.SentAt >= 0) { Repeated++; }
            publication.AgainElsewhere();
        }

        (_isPaused, _isCautious) = (false, false);
        _next = _first;
    }

    /// <summary>There will never be a connection. Locked.</summary>
    internal void Fail(Exception failure)
    {
        while (_first is { } publication)
        {
            Remove(publication);
            publication.Fail(failure);
        }
    }

    /// <summary>The server does not permit to publish to a subject. Locked.</summary>
    internal void Fail(Exception failure, ReadOnlySpan<byte> subject)
    {
        for (var publication = _first; publication is not null;)
        {
            var after = publication.After;
            if (publication.SentAt >= 0 && publication.IsTo(subject))
            {
                Remove(publication);
                publication.Fail(failure);
            }

            publication = after;
        }

        Pump();
    }

    internal void Cancel(JetPublication publication, CancellationToken token)
    {
        lock (_connection.Gate)
        {
            if (!publication.IsOpen) { return; }
            Remove(publication);
            publication.Fail(new OperationCanceledException(token));
        }
    }

    internal void Return(JetPublication publication)
    {
        lock (_connection.Gate) { _free.Push(publication); }
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    /// <summary>Why an answer refuses; null: it cannot be read.</summary>
    private static ApiError? ErrorIn(ReadOnlySpan<byte> answer)
    {
        try { return JsonSerializer.Deserialize(answer, ApiJson.Default.ApiAnswer)?.Error; }
        catch (JsonException) { return null; }
    }

    /// <summary>No stream is there: it may get a leader in a moment. Where that takes long, the server is asked whether there is any; of a
    /// subject that one has taken before, that is not doubted.</summary>
    private void Unanswered(JetPublication publication)
    {
        var (now, subject) = (_connection.Now, publication.SubjectBytes);
        if (!_connection.HasJetStream && !_taken.Has(subject.Span))
        {
            var without = NatsJetStream.None(_connection, null);
            _connection.Counters.LastFault = without.Message;
            Remove(publication);
            publication.Fail(without);
            Pump();
            return;
        }

        var reason = $"no stream takes '{publication.Subject}', or it has no leader";
        var unanswered = publication.Unanswered(now);
        if (unanswered >= _deadline)
        {
            _connection.Counters.Untaken++;
            Remove(publication);
            publication.Fail(new TransportException($"{_connection.Name}: {reason}", isTransient: true));
        }
        else if (unanswered >= AsksAfter && now - _askedAt >= AsksAfter && !_taken.Has(subject.Span))
        {
            _askedAt = now;
            _ = Task.Run(() => AskAsync(subject.ToArray()));
        }

        Postpone(publication, reason);
    }

    /// <summary>Asks whether any stream takes a subject. Where none does, those who publish to it hear it.</summary>
    private async Task AskAsync(byte[] subject)
    {
        var text = System.Text.Encoding.UTF8.GetString(subject);
        if (!await new NatsJetStream(_connection).IsUntakenAsync(text, _connection.Leaving).ConfigureAwait(false)) { return; }
        var spelling = text.Contains('/', StringComparison.Ordinal) ? ", whose levels are parted by '.', not '/'" : "";
        var reason = $"no stream takes '{NatsText.Plain(text)}': correct the subject{spelling}, or make a stream that has it in its "
            + "Subjects (JetStream.CreateStreamAsync)";
        lock (_connection.Gate)
        {
            _connection.Counters.LastFault = reason;
            for (var publication = _first; publication is not null;)
            {
                var after = publication.After;
                if (publication.IsUnanswered && publication.IsTo(subject))
                {
                    _connection.Counters.Untaken++;
                    Remove(publication);
                    publication.Fail(new TransportException($"{_connection.Name}: {reason}", isTransient: true));
                }

                publication = after;
            }

            _askedAt = -AsksAfter;
            Pump();
        }

        _connection.ToWrite.Raise();
    }

    private bool IsUnderWay => _first is not null && _first.SentAt >= 0;

    private void Refused(JetPublication publication, ReadOnlySpan<byte> payload)
    {
        var error = ErrorIn(payload);
        if (error is { Code: JetStreamException.NotNow } && !(publication.FailsWhenFull && JetStreamException.IsFull(error)))
        {
            Postpone(publication, $"'{publication.Subject}' waits: {error.Description ?? "its stream refuses it"}");
            return;
        }

        Remove(publication);
        publication.Fail(error is null
            ? new TransportException($"'{publication.Subject}': the answer of the stream cannot be read", isTransient: false)
            : JetStreamException.Of(publication.Subject, error));
        Pump();
    }

    /// <summary>It is tried again in a moment, and until it succeeds nothing goes before it.</summary>
    private void Postpone(JetPublication publication, string reason)
    {
        _connection.Counters.LastFault = reason;
        if (publication.IsOpen) { Again(publication); }
        _next = _first;
        (_isPaused, _isCautious) = (true, true);
        Time((long)Pause.TotalMilliseconds);
    }

    private void Again(JetPublication publication)
    {
        publication.Again();
        Repeated++;
    }

    /// <summary>A pause is over, or an answer is late.</summary>
    private void Tick()
    {
        lock (_connection.Gate)
        {
            (_isPaused, _isTimed) = (false, false);
            var now = _connection.Now;
            for (var publication = _first; publication is not null; publication = publication.After)
            {
                if (publication.SentAt < 0 || now - publication.SentAt < (publication.HasId ? _repeatAfter : _deadline)) { continue; }
                _connection.Counters.LastFault = "a stream did not answer in time";
                Again(publication);
                _next = _first;
            }

            if (_first is null) { return; }
            Time(Math.Max(1, _repeatAfter / 2));
            Pump();
        }

        _connection.ToWrite.Raise();
    }

    private void Time(long milliseconds)
    {
        _isTimed = true;
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private void Append(JetPublication publication)
    {
        (publication.Before, publication.After) = (_last, null);
        if (_last is null) { _first = publication; }
        else { _last.After = publication; }
        _last = publication;
        _next ??= publication;
        Open++;
    }

    private void Remove(JetPublication publication)
    {
        if (publication.Before is null) { _first = publication.After; }
        else { publication.Before.After = publication.After; }
        if (publication.After is null) { _last = publication.Before; }
        else { publication.After.Before = publication.Before; }
        if (_next == publication) { _next = publication.After; }
        (publication.Before, publication.After) = (null, null);
        Open--;
    }

    /// <summary>Reads {"stream":"S","seq":1,"duplicate":true}; false: it is an error, or none of these.</summary>
    private bool TryRead(ReadOnlySpan<byte> payload, out NatsPublished published)
    {
        published = default;
        var reader = new Utf8JsonReader(payload);
        var (stream, sequence, isDuplicate) = ("", 0L, false);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("error"u8)) { return false; }
                if (reader.ValueTextEquals("stream"u8)) { reader.Read(); stream = NameOf(ref reader); }
                else if (reader.ValueTextEquals("seq"u8)) { reader.Read(); sequence = reader.GetInt64(); }
                else if (reader.ValueTextEquals("duplicate"u8)) { reader.Read(); isDuplicate = reader.GetBoolean(); }
                else { reader.Skip(); }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        published = new(stream, sequence, isDuplicate);
        return stream.Length > 0 && (sequence > 0 || isDuplicate);     // servers of version 2.9 do not know the number of a copy
    }

    private string NameOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) { throw new FormatException(); }
        if (reader.HasValueSequence || !reader.ValueSpan.SequenceEqual(_streamBytes) || _stream.Length == 0)
        {
            _stream = reader.GetString()!;
            _streamBytes = reader.ValueSpan.ToArray();
        }

        return _stream;
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using ClientHeaders = NATS.Client.Core.NatsHeaders;

namespace StreamLearn.Nats;

/// <summary>Publishes to streams, in order per subject, until confirmed or refused. A new connection resends unconfirmed messages in order
/// with their ids. While a stream is full or leaderless, messages are retried one at a time; without a stream or JetStream they fail.
/// Requires the link's lock.</summary>
/// <remarks>After reconnecting, the client sends its buffer although earlier messages may be lost, which would change the order. Owned
/// connections filter it (<see cref="StaleFilter"/>); an application's connection has one message per subject in flight.</remarks>
internal sealed class JetPublisher : ILinkPart, IDisposable
{
    private const long AsksAfter = 2000;    // milliseconds without an answer
    private const int NotNow = 503, MaxTaken = 16384;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly NatsLink _link;
    private readonly NatsApi _api;
    private readonly string _replies;
    private readonly string _ids;           // prefix of ids for messages without identity
    private readonly Dictionary<string, JetLane> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<long, JetPublication> _open = [];
    private readonly Recent<string> _taken = new(MaxTaken);     // subjects that a stream stores
    private readonly ITimer _timer;
    private NatsTap? _tap;
    private Task _listening = Task.CompletedTask;
    private long _lastId;
    private long _connection;               // the connection in use
    private int _waiting;                   // number of messages that the client has not accepted yet; it gets no others meanwhile
    private long _askedAt = -AsksAfter;     // when it last asked which streams store a subject

    internal JetPublisher(NatsLink link, NatsApi api)
    {
        (_link, _api) = (link, api);
        (_replies, _ids) = (link.Answers, link.Inbox);
        _timer = link.Time.CreateTimer(static p => ((JetPublisher)p!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal int Open => _open.Count;

    internal long Repeated { get; private set; }

    /// <summary>Completes when a stream has the message.</summary>
    /// <exception cref="TransportException">There will never be a connection, or an answer.</exception>
    internal Task PublishAsync(string subject, ClientHeaders? headers, in NatsPayload payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        JetPublication publication;
        lock (_link.Gate)
        {
            if ((_link.Failure ?? _link.NoReplies) is { } failure) { throw failure; }
            Listen();
            headers ??= new(caseSensitive: true);
            var id = ++_lastId;
            if (!headers.ContainsKey("Nats-Msg-Id"))
            {
                headers["Nats-Msg-Id"] = string.Create(CultureInfo.InvariantCulture, $"{_ids}.{id:x}");
            }

            publication = new(id, subject, headers, payload);
            if (_open.Count == 0) { _timer.Change(Pause, Pause); }
            _open.Add(id, publication);
            if (!_lanes.TryGetValue(subject, out var lane)) { _lanes.Add(subject, lane = new()); }
            lane.Append(publication);
            Pump(lane);
        }

        publication.EndsWith(Cancel, cancellationToken);
        return publication.Task;
    }

    public void Connected()
    {
        _connection = _link.Tries;
        Pump();
    }

    public void Lost() => StartAgain();

    public void Denied(in NatsViolation violation, TransportException error)
    {
        var subject = violation.Subject;
        if (violation.IsSubscription)
        {
            if (_link.NoReplies is not null) { FailAll(error); }
        }
        else if (_lanes.TryGetValue(subject, out var lane))
        {
            foreach (var publication in lane.All().Where(static p => p.SentAt >= 0)) { End(publication, error); }
        }
    }

    public void Leaves() => FailAll(_link.Failure!);

    public void Dispose()
    {
        _timer.Dispose();
        NatsLink.Drop(_tap);
    }

    private void Listen()
    {
        if (_tap is not null) { return; }
        _tap = new(_link.Connection, $"{_replies}*", group: null, Take);
        _listening = _link.AddAsync(_tap);
        _link.Add(this);
        _ = _listening.ContinueWith(static (_, p) => ((JetPublisher)p!).Tick(), this, CancellationToken.None,
            TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Pump()
    {
        foreach (var lane in _lanes.Values) { Pump(lane); }
    }

    /// <summary>Stops after a message that the client does not accept at once, because later ones could overtake it.</summary>
    private void Pump(JetLane lane)
    {
        while (lane.Next is { } publication && _waiting == 0 && _link.IsOpen && _listening.IsCompleted)
        {
            if (publication.SentAt < 0)
            {
                var isAlone = lane.IsCautious || !_link.LeavesNothingBehind;
                if (publication.NotBefore > _link.Now || (isAlone && publication != lane.First)) { return; }
                Send(publication);
            }

            if (lane.Next == publication) { lane.Next = publication.After; }
        }
    }

    private void Send(JetPublication publication)
    {
        var payload = publication.Begin(_link.Now);
        var sending = _link.SendAsync(publication.Subject, payload, publication.Headers,
            string.Create(CultureInfo.InvariantCulture, $"{_replies}{_connection:x}-{publication.Id:x}"));
        if (sending.IsCompletedSuccessfully) { return; }
        _waiting++;
        _ = SentAsync(publication, payload.Lease!, sending.AsTask());
    }

    private async Task SentAsync(JetPublication publication, PayloadLease lease, Task sending)
    {
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_link.Gate)
        {
            _waiting--;
            switch (sending.Exception?.InnerException)
            {
                case var _ when sending.IsCompletedSuccessfully || !publication.IsOpen || publication.Lease != lease: break;
                case NatsPayloadTooLargeException: End(publication, NatsTransport.TooLarge(_link, publication.Payload.Length)); break;
                case null or NatsException: Again(publication, _link.Now + (long)Pause.TotalMilliseconds); break;  // the client refused it
                case var e:
                    var reason = e is ObjectDisposedException ? "the connection was disposed" : e.Message;
                    End(publication, new TransportException($"{_link.Name}: {reason}", isTransient: false, e));
                    break;
            }

            Pump();
        }
    }

    private void Take(in NatsFrame answer)
    {
        lock (_link.Gate)
        {
            _link.Came(answer);
            var number = answer.Subject.AsSpan(answer.Subject.LastIndexOf('-') + 1);
            if (!long.TryParse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id)
                || !_open.TryGetValue(id, out var publication)) { return; }
            if (new HeaderBlock(answer.Headers.ToArray()).Status == NotNow)
            {
                Unanswered(publication);
                return;
            }

            var said = Read(answer.Payload);
            if (said is not { Error: null, Stream.Length: > 0 } || (said.Seq == 0 && !said.Duplicate))  // 2.9: no sequence for a duplicate
            {
                Refused(publication, said?.Error);
                return;
            }

            _taken.Set(publication.Subject, _link.Now);
            _lanes[publication.Subject].IsCautious = false;
            End(publication, failure: null);
        }
    }

    private void Cancel(JetPublication publication, CancellationToken token)
    {
        lock (_link.Gate) { End(publication, new OperationCanceledException(token)); }
    }

    /// <summary>Handles a message to which no stream replied, perhaps because there is no leader. After a while the server is asked, unless
    /// the subject had a stream before.</summary>
    private void Unanswered(JetPublication publication)
    {
        var (now, subject) = (_link.Now, publication.Subject);
        if (_link.Server is { JetStreamAvailable: false } && !_taken.TryFind(subject, out _))
        {
            var without = NatsApi.None(_link, null);
            _link.Counters.LastFault = without.Message;
            End(publication, without);
            return;
        }

        var reason = $"no stream stores '{PrintableText.Of(subject)}', or it has no leader";
        var unanswered = publication.Unanswered(now);
        if (unanswered >= (long)_link.ReplyDeadline.TotalMilliseconds)
        {
            _link.Counters.Untaken++;
            End(publication, new TransportException($"{_link.Name}: {reason}", isTransient: true));
            return;
        }

        if (unanswered >= AsksAfter && now - _askedAt >= AsksAfter && !_taken.TryFind(subject, out _))
        {
            _askedAt = now;
            _ = Task.Run(() => AskAsync(subject));
        }

        Postpone(publication, reason);
    }

    /// <summary>Asks which stream stores a subject; if none does, its publications fail.</summary>
    private async Task AskAsync(string subject)
    {
        if (!await _api.IsUntakenAsync(subject, _link.Leaving).ConfigureAwait(false)) { return; }
        var spelling = subject.Contains('/', StringComparison.Ordinal) ? ", whose levels are separated by '.', not '/'" : "";
        var reason = $"no stream stores '{PrintableText.Of(subject)}': correct the subject{spelling}, or create a stream with this subject";
        lock (_link.Gate)
        {
            _link.Counters.LastFault = reason;
            _askedAt = -AsksAfter;
            if (!_lanes.TryGetValue(subject, out var lane) || !lane.First!.IsUnanswered) { return; }
            foreach (var publication in lane.All())
            {
                _link.Counters.Untaken++;
                End(publication, new TransportException($"{_link.Name}: {reason}", isTransient: true));
            }
        }
    }

    private void Refused(JetPublication publication, ApiError? error)
    {
        if (error is { Code: NotNow })
        {
            Postpone(publication, NatsApi.Text($"'{publication.Subject}' waits", error));
            return;
        }

        End(publication, new TransportException(error is null ? $"'{publication.Subject}': the answer of the stream cannot be read"
            : NatsApi.Text(publication.Subject, error), isTransient: false));
    }

    /// <summary>Retries later; meanwhile, unsent messages of the subject wait.</summary>
    private void Postpone(JetPublication publication, string reason)
    {
        _link.Counters.LastFault = reason;
        Repeated++;
        _lanes[publication.Subject].IsCautious = true;
        Again(publication, _link.Now + (long)Pause.TotalMilliseconds);
    }

    private void StartAgain()
    {
        foreach (var publication in _open.Values)
        {
            if (publication.SentAt >= 0) { Repeated++; }
            publication.AgainElsewhere();
        }

        foreach (var lane in _lanes.Values) { (lane.Next, lane.IsCautious) = (lane.First, false); }
    }

    private void Again(JetPublication publication, long notBefore)
    {
        publication.Again(notBefore);
        var lane = _lanes[publication.Subject];
        lane.Next = lane.First;
    }

    private void Tick()
    {
        lock (_link.Gate)
        {
            var late = _link.Now - (long)_link.AnswerWithin.TotalMilliseconds;
            if (_waiting == 0 && _link.IsOpen)
            {
                if (_connection != _link.Tries && _open.Values.Any(p => p.SentAt >= 0 && p.SentAt < late))
                {
                    // the client has reconnected, but its event comes later
                    StartAgain();
                    _connection = _link.Tries;
                }

                foreach (var publication in _open.Values)
                {
                    if (publication.SentAt < 0 || publication.SentAt >= late) { continue; }
                    _link.Counters.LastFault = "a stream did not answer in time";
                    Again(publication, notBefore: 0);
                    Repeated++;
                }
            }

            Pump();
        }
    }

    private void End(JetPublication publication, Exception? failure)
    {
        if (!publication.IsOpen) { return; }
        _open.Remove(publication.Id);
        if (_open.Count == 0) { _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan); }
        if (_lanes.TryGetValue(publication.Subject, out var lane))
        {
            lane.Remove(publication);
            if (lane.First is null) { _lanes.Remove(publication.Subject); }
            else { Pump(lane); }
        }

        publication.End(failure);
    }

    private void FailAll(Exception failure)
    {
        var all = _open.Values.ToArray();
        _open.Clear();
        _lanes.Clear();
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var publication in all) { publication.End(failure); }
    }

    /// <summary>Parses {"stream":"S","seq":1,"duplicate":true}; returns null if it is invalid.</summary>
    private static PubAckResponse? Read(ReadOnlySequence<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            return JsonSerializer.Deserialize(ref reader, JetJson.Default.PubAckResponse);
        }
        catch (JsonException) { return null; }
    }
}

/// <summary>Reads the replies of streams without reflection.</summary>
[JsonSerializable(typeof(PubAckResponse))]
internal sealed partial class JetJson : JsonSerializerContext;

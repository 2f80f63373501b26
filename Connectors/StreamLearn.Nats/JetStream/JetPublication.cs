using System.Buffers;
using System.Globalization;
using System.Threading.Tasks.Sources;

namespace StreamLearn.Nats;

/// <summary>A message on its way into a stream, again and again: nothing is allocated for one. Locked by its connection.</summary>
internal sealed class JetPublication(JetPublisher publisher, int at) : IValueTaskSource<NatsPublished>, IValueTaskSource
{
    private const int IdDigits = 16, IdBits = 20;
    private ManualResetValueTaskSourceCore<NatsPublished> _core = new() { RunContinuationsAsynchronously = true };
    private readonly ArrayBufferWriter<byte> _own = new(256);       // headers, then what goes before the payload
    private CancellationTokenRegistration _given;
    private ReadOnlyMemory<byte> _subject;
    private ReadOnlySequence<byte> _payload;
    private byte[] _reply = [];
    private int _replyLength;
    private int _headers;
    private long _generation;
    private long _unansweredSince;

    internal JetPublication? Before { get; set; }

    internal JetPublication? After { get; set; }

    /// <summary>When it was sent last, milliseconds of the connection; −1: it is to be sent.</summary>
    internal long SentAt { get; private set; }

    /// <summary>True until it has its result.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>True if a stream knows it when it comes again.</summary>
    internal bool HasId => _own.WrittenSpan[.._headers].IndexOf("Nats-Msg-Id:"u8) >= 0;

    /// <summary>True if it fails where there is no space; false: it waits for space.</summary>
    internal bool FailsWhenFull { get; set; }

    internal short Version => _core.Version;

    internal int Length => _own.WrittenCount + checked((int)Math.Min(int.MaxValue / 2, _payload.Length));

    private long Id => (_generation << IdBits) | (uint)at;

    internal bool IsOf(long id) => IsOpen && Id == id;

    internal static int SlotOf(long id) => (int)(id & ((1 << IdBits) - 1));

    internal void Begin(ReadOnlyMemory<byte> subject, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> before,
        in ReadOnlySequence<byte> payload, ReadOnlySpan<byte> replyPrefix)
    {
        _generation = (_generation + 1) & 0x7ff_ffff_ffff;
        _core.Reset();
        _own.ResetWrittenCount();
        _own.Write(headers);
        _own.Write(before);
        (_subject, _headers, _payload, SentAt, IsOpen, _unansweredSince) = (subject, headers.Length, payload, -1, true, -1);
        if (_reply.Length == 0)
        {
            _reply = new byte[replyPrefix.Length + IdDigits];
            replyPrefix.CopyTo(_reply);
        }

        Id.TryFormat(_reply.AsSpan(replyPrefix.Length), out var digits, "x", CultureInfo.InvariantCulture);
        _replyLength = replyPrefix.Length + digits;
    }

    /// <summary>Lets a token end the wait. Not locked.</summary>
    internal void EndsWith(CancellationToken token) => _given = token.UnsafeRegister(
        static (state, token) => ((JetPublication)state!).Cancel(token), this);

    internal void Write(OutputBuffer output, int maxPayload, long now)
    {
        NatsWriter.Publish(output, new()
        {
            Subject = _subject.Span,
            ReplyTo = _reply.AsSpan(0, _replyLength),
            HeaderBlock = _own.WrittenSpan[.._headers],
            Prefix = _own.WrittenSpan[_headers..],
            Payload = _payload,
        }, maxPayload);
        SentAt = now;
    }

    /// <summary>Nobody was there to answer.</summary>
    /// <returns>For how long, milliseconds.</returns>
    internal long Unanswered(long now)
    {
        if (_unansweredSince < 0) { _unansweredSince = now; }
        return now - _unansweredSince;
    }

    /// <summary>True if nobody was there to answer.</summary>
    internal bool IsUnanswered => _unansweredSince >= 0;

    /// <summary>It is to be sent again.</summary>
    internal void Again() => SentAt = -1;

    /// <summary>It is to be sent again, to a server that has not answered it yet.</summary>
    internal void AgainElsewhere() => (SentAt, _unansweredSince) = (-1, -1);

    internal ReadOnlyMemory<byte> SubjectBytes => _subject;

    internal bool IsTo(ReadOnlySpan<byte> subject) => _subject.Span.SequenceEqual(subject);

    internal string Subject => System.Text.Encoding.UTF8.GetString(_subject.Span);

    internal void Done(in NatsPublished published)
    {
        IsOpen = false;
        _core.SetResult(published);
    }

    internal void Fail(Exception failure)
    {
        IsOpen = false;
        _core.SetException(failure);
    }

    private void Cancel(CancellationToken token) => publisher.Cancel(this, token);

    private NatsPublished Result(short token)
    {
        _given.Dispose();
        _given = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            (_payload, _subject) = (default, default);
            publisher.Return(this);
        }
    }

    /// <inheritdoc />
    public NatsPublished GetResult(short token) => Result(token);

    /// <inheritdoc />
    void IValueTaskSource.GetResult(short token) => Result(token);

    /// <inheritdoc />
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc />
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

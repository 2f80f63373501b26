using System.Buffers.Text;
using System.Threading.Tasks.Sources;

namespace StreamLearn.Nats;

/// <summary>Requests that wait for their replies. A request is known by its slot and the slot's generation, which are the last level of the
/// subject that is answered to. Locked by its connection.</summary>
internal sealed class NatsReplies
{
    private readonly List<PendingReply> _slots = [];
    private readonly Stack<int> _free = [];

    /// <summary>Requests that wait.</summary>
    internal int Count => _slots.Count - _free.Count;

    /// <summary>Begins to wait.</summary>
    internal PendingReply Rent()
    {
        if (_free.TryPop(out var at)) { return _slots[at].Begin(); }
        var slot = new PendingReply(_slots.Count);
        _slots.Add(slot);
        return slot.Begin();
    }

    /// <summary>The request that the last level of a subject is of; null: it has got its reply, or nobody has asked.</summary>
    internal PendingReply? Find(ReadOnlySpan<byte> token)
    {
        if (!Utf8Parser.TryParse(token, out long id, out var read, 'x') || read != token.Length) { return null; }
        var at = (int)(id & 0xfffff);
        return at < _slots.Count && _slots[at].IsOf(id) ? _slots[at] : null;
    }

    /// <summary>Ends a request: its slot may be used again.</summary>
    internal void Return(PendingReply reply)
    {
        if (reply.End()) { _free.Push(reply.At); }
    }

    /// <summary>Ends all that wait.</summary>
    internal void Fail(Exception failure)
    {
        foreach (var slot in _slots)
        {
            if (slot.IsOpen) { slot.Fail(failure); }
        }
    }

    /// <summary>Ends those that wait for an answer to a subject.</summary>
    internal void Fail(Exception failure, ReadOnlySpan<byte> subject)
    {
        foreach (var slot in _slots)
        {
            if (slot.IsOpen && slot.Asks.Span.SequenceEqual(subject)) { slot.Fail(failure); }
        }
    }
}

/// <summary>A reply that is waited for, again and again: nothing is allocated for a request but what it brings.</summary>
internal sealed class PendingReply(int at) : IValueTaskSource<NatsReply>
{
    private const int Least = 256, MaxKept = 64 * 1024, IdDigits = 16;
    private ManualResetValueTaskSourceCore<NatsReply> _core = new() { RunContinuationsAsynchronously = true };
    private long _generation;
    private bool _isOpen;
    private int _answered;
    private byte[] _bytes = [];
    private byte[] _subject = [];

    internal int At => at;

    /// <summary>The subject that is asked. Locked.</summary>
    internal ReadOnlyMemory<byte> Asks { get; set; }

    /// <summary>What replies are addressed to.</summary>
    internal long Id => (_generation << 20) | (uint)at;

    /// <summary>The reply, when it comes.</summary>
    internal ValueTask<NatsReply> Task => new(this, _core.Version);

    internal PendingReply Begin()
    {
        _generation = (_generation + 1) & 0x7ff_ffff_ffff;
        (_isOpen, _answered, Asks) = (true, 0, default);
        _core.Reset();
        return this;
    }

    /// <summary>The subject of the reply. The next request of this slot has another.</summary>
    /// <param name="prefix">What it begins with.</param>
    internal ReadOnlyMemory<byte> Subject(byte[] prefix)
    {
        if (_subject.Length == 0)
        {
            _subject = new byte[prefix.Length + IdDigits];
            prefix.CopyTo(_subject, 0);
        }

        Id.TryFormat(_subject.AsSpan(prefix.Length), out var digits, "x", System.Globalization.CultureInfo.InvariantCulture);
        return _subject.AsMemory(0, prefix.Length + digits);
    }

    internal bool IsOpen => _isOpen;

    internal bool IsOf(long id) => _isOpen && Id == id;

    internal bool End() => (_isOpen, _isOpen = false).Item1;

    /// <summary>Gives the reply, which is readable until the request is returned.</summary>
    internal void Answer(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        if (!_isOpen || !TryEndWait()) { return; }
        var length = headers.Length + payload.Length;
        if (_bytes.Length < length || _bytes.Length > MaxKept) { _bytes = new byte[Math.Max(length, Least)]; }
        headers.CopyTo(_bytes);
        payload.CopyTo(_bytes.AsSpan(headers.Length));
        _core.SetResult(new(_bytes, headers.Length, length));
    }

    /// <summary>Ends the wait. Of all that end it, the first counts.</summary>
    internal void Fail(Exception failure)
    {
        if (TryEndWait()) { _core.SetException(failure); }
    }

    internal void Expire() => Fail(new TransportException("no answer came in time", isTransient: true));

    internal void Cancel(CancellationToken token) => Fail(new OperationCanceledException(token));

    private bool TryEndWait() => Interlocked.Exchange(ref _answered, 1) == 0;

    /// <inheritdoc />
    public NatsReply GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc />
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc />
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

/// <summary>The answer to a request, readable until the request is returned.</summary>
/// <param name="Bytes">Headers, then the payload.</param>
/// <param name="HeaderLength">Bytes of the headers.</param>
/// <param name="Length">All bytes.</param>
internal readonly record struct NatsReply(byte[] Bytes, int HeaderLength, int Length)
{
    /// <summary>The header block; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Headers => Bytes.AsSpan(0, HeaderLength);

    /// <summary>The payload.</summary>
    internal ReadOnlySpan<byte> Payload => Bytes.AsSpan(HeaderLength, Length - HeaderLength);
}

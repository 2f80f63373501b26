namespace StreamLearn;

/// <summary>Is notified when all effects of a source's message have ended.</summary>
internal interface ITokenTarget
{
    /// <summary>Called exactly once per token. <paramref name="processed"/>: false after a fault or a cancellation.</summary>
    void Ended(long id, bool processed);
}

/// <summary>The acknowledgement of a source message. The calls and messages that result from it count their references.</summary>
internal sealed class Token
{
    private readonly TokenPool _pool;
    private ITokenTarget? _target;
    private long _id;
    private Token? _first;
    private Token? _second;
    private int _references;
    private int _abandoned;

    internal Token(TokenPool pool) => _pool = pool;

    internal Token? NextFree { get; set; }

    internal void Open(ITokenTarget? target, long id, Token? first, Token? second) =>
        (_target, _id, _first, _second, _references, _abandoned) = (target, id, first, second, 1, 0);

    internal void Retain() => Interlocked.Increment(ref _references);

    /// <summary>Releases a reference; the last one ends the token and those joined in it.</summary>
    internal void Release(bool processed)
    {
        // A loop, because coalescing makes chains so long that recursion would overflow the stack.
        for (var token = this; token is not null;)
        {
            if (!token.TryEnd(ref processed, out var first, out var second)) { return; }
            second?.Release(processed);
            token = first;
        }
    }

    private bool TryEnd(ref bool processed, out Token? first, out Token? second)
    {
        (first, second) = (null, null);
        if (!processed) { Volatile.Write(ref _abandoned, 1); }
        var left = Interlocked.Decrement(ref _references);
        if (left > 0) { return false; }
        if (left < 0) { throw new InvalidOperationException("a message's token was released twice"); }
        processed = Volatile.Read(ref _abandoned) == 0;
        var (target, id) = (_target, _id);
        (first, second, _target, _first, _second) = (_first, _second, null, null, null);
        _pool.Return(this);
        target?.Ended(id, processed);
        return true;
    }
}

/// <summary>The reusable tokens of a run. It counts open ones to detect missing releases.</summary>
internal sealed class TokenPool
{
    private readonly Lock _lock = new();
    private Token? _free;
    private long _open;

    internal long Open => Interlocked.Read(ref _open);

    internal Token Rent(ITokenTarget target, long id) => Take(target, id, null, null);

    internal Token? Join(Token? first, Token? second) => first is null ? second : second is null ? first : Take(null, 0, first, second);

    internal void Return(Token token)
    {
        lock (_lock)
        {
            _open--;
            token.NextFree = _free;
            _free = token;
        }
    }

    private Token Take(ITokenTarget? target, long id, Token? first, Token? second)
    {
        Token? token;
        lock (_lock)
        {
            _open++;
            token = _free;
            if (token is not null)
            {
                _free = token.NextFree;
                token.NextFree = null;
            }
        }

        token ??= new(this);
        token.Open(target, id, first, second);
        return token;
    }
}

namespace StreamLearn;

/// <summary>Who is told when everything that a source's message caused has ended.</summary>
internal interface ITokenTarget
{
    /// <summary>Called exactly once for each token. <paramref name="processed"/>: false if a fault or a cancellation cut its work
    /// short.</summary>
    void Ended(long id, bool processed);
}

/// <summary>The acknowledgement of one source message, counted by the calls and queued messages that descend from it.</summary>
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

    internal void Open(ITokenTarget? target, long id, Token? first, Token? second)
    {
        (_target, _id, _first, _second, _references, _abandoned) = (target, id, first, second, 1, 0);
    }

    internal void Retain() => Interlocked.Increment(ref _references);

    /// <summary>Gives one reference back; the last one ends the token, and then those it stands for.</summary>
    internal void Release(bool processed)
    {
        // Coalescing makes a long chain of first tokens: a loop along it, where recursion would overflow the stack.
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

/// <summary>The tokens of one run, used again and again. Counts the open ones, so that a forgotten release is found.</summary>
internal sealed class TokenPool
{
    private readonly Lock _lock = new();
    private Token? _free;
    private long _open;

    internal long Open => Interlocked.Read(ref _open);

    internal Token Rent(ITokenTarget target, long id) => Take(target, id, null, null);

    /// <summary>One token for two: it ends both when it ends.</summary>
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

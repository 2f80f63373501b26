using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>Limits waiting by the caller's token and by a time without progress. A lost connection ends one attempt.</summary>
internal sealed class Patience : IDisposable
{
    private readonly INatsConnection _connection;
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;
    private CancellationTokenSource _attempt;
    private TimeSpan _stretch = Timeout.InfiniteTimeSpan;

    internal Patience(INatsConnection connection, TimeSpan limit, CancellationToken given)
    {
        (_connection, _limit, _late) = (connection, limit, new(limit, TimeProvider.System));
        _either = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, given);
        _attempt = CancellationTokenSource.CreateLinkedTokenSource(_either.Token);
        _connection.ConnectionDisconnected += LostAsync;
    }

    internal CancellationToken Token => Volatile.Read(ref _attempt).Token;

    internal bool IsOver => _late.IsCancellationRequested;

    internal void Restart()
    {
        _late.CancelAfter(_limit);
        _attempt.CancelAfter(_stretch);
    }

    internal CancellationToken Hurry(int parts)
    {
        _stretch = _limit / parts;
        _attempt.CancelAfter(_stretch);
        return Token;
    }

    internal async Task PauseAsync(TimeSpan pause)
    {
        await Task.Delay(pause, TimeProvider.System, _either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stretch = Timeout.InfiniteTimeSpan;
        Interlocked.Exchange(ref _attempt, CancellationTokenSource.CreateLinkedTokenSource(_either.Token)).Dispose();
    }

    public void Dispose()
    {
        _connection.ConnectionDisconnected -= LostAsync;
        _attempt.Dispose();
        _either.Dispose();
        _late.Dispose();
    }

    private async ValueTask LostAsync(object? sender, NatsEventArgs args)
    {
        try { await Volatile.Read(ref _attempt).CancelAsync().ConfigureAwait(false); }
        catch (ObjectDisposedException) { }     // it has just expired
    }
}

/// <summary>A stream of fixed size to or from an object store; each piece counts as progress.</summary>
internal sealed class ModelStream(ArraySegment<byte> content, Patience patience)
    : MemoryStream(content.Array!, content.Offset, content.Count, writable: true)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        patience.Restart();
        return base.ReadAsync(buffer, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        patience.Restart();
        return base.WriteAsync(buffer, cancellationToken);
    }
}

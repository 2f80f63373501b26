using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>How long an answer is waited for: until the caller gives up, or a time without progress is over. A loss of the connection ends
/// one attempt, because the answer is lost with it.</summary>
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

    /// <summary>Ends the attempt.</summary>
    internal CancellationToken Token => Volatile.Read(ref _attempt).Token;

    /// <summary>True: the time is over.</summary>
    internal bool IsOver => _late.IsCancellationRequested;

    /// <summary>There was progress.</summary>
    internal void Restart()
    {
        _late.CancelAfter(_limit);
        _attempt.CancelAfter(_stretch);
    }

    /// <summary>From here on, a part of the time without progress ends this attempt.</summary>
    internal CancellationToken Hurry(int parts)
    {
        _stretch = _limit / parts;
        _attempt.CancelAfter(_stretch);
        return Token;
    }

    /// <summary>Waits a moment, then the next attempt begins.</summary>
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
        catch (ObjectDisposedException) { }     // it has just ended by itself
    }
}

/// <summary>A model on its way to or from an object store. It has a fixed size, and each piece counts as progress.</summary>
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

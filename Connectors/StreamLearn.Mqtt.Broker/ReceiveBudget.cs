namespace StreamLearn.Mqtt;

/// <summary>A budget of bytes for large packets that are not delivered yet, in total and per login.</summary>
internal sealed class ReceiveBudget(long bytes, long share, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);
    private long _left = bytes;

    internal async ValueTask TakeAsync(string? login, int count, CancellationToken cancellationToken)
    {
        while (!TryTake(login, count)) { await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false); }
    }

    internal void Release(string? login, int count)
    {
        if (count == 0) { return; }
        lock (_gate)
        {
            _left += count;
            if (login is not null) { _taken[login] -= count; }
        }
    }

    private bool TryTake(string? login, int count)
    {
        lock (_gate)
        {
            var taken = login is null ? 0 : _taken.GetValueOrDefault(login);
            if (count > _left || (login is not null && taken + count > share)) { return false; }
            _left -= count;
            if (login is not null) { _taken[login] = taken + count; }
            return true;
        }
    }
}

namespace StreamLearn.Mqtt;

/// <summary>Messages that wait for quota or for a connection, in order. Those that nobody waits for any more are forgotten.</summary>
internal sealed class WaitingPublications
{
    private const int MinSweep = 16;

    private readonly Queue<Publication> _queue = [];
    private int _sweepAt = MinSweep;

    internal int Count => _queue.Count;

    internal void Add(Publication one)
    {
        if (_queue.Count >= _sweepAt) { Sweep(); }
        _queue.Enqueue(one);
    }

    /// <summary>The oldest that somebody waits for.</summary>
    internal bool TryPeek(out Publication? next)
    {
        while (_queue.TryPeek(out next))
        {
            if (!next.IsGivenUp) { return true; }
            _queue.Dequeue();
            next.Release();
        }

        return false;
    }

    internal bool TryTake(out Publication? one) => _queue.TryDequeue(out one);

    /// <summary>A server that is away for long must not let them gather.</summary>
    private void Sweep()
    {
        for (var left = _queue.Count; left > 0; left--)
        {
            var one = _queue.Dequeue();
            if (one.IsGivenUp) { one.Release(); }
            else { _queue.Enqueue(one); }
        }

        _sweepAt = Math.Max(2 * _queue.Count, MinSweep);
    }
}

namespace StreamLearn.Mqtt;

/// <summary>Publications that wait for quota or a connection, in order; abandoned ones are removed.</summary>
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

    /// <summary>Limits abandoned entries while the server is unavailable.</summary>
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

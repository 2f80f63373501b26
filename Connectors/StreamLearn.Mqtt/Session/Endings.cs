namespace StreamLearn.Mqtt;

/// <summary>What the application said about a message.</summary>
internal enum Ending : byte
{
    /// <summary>It is done with it.</summary>
    Acknowledge,

    /// <summary>It did not process it.</summary>
    Refuse,

    /// <summary>It has read its bytes.</summary>
    Release,
}

/// <summary>What the application said about messages, until the session hears it: who says something never waits for the session.</summary>
internal sealed class Endings
{
    private readonly Lock _lock = new();
    private (long Id, Ending Ending)[] _said = new (long, Ending)[8];
    private (long Id, Ending Ending)[] _heard = new (long, Ending)[8];
    private int _count;

    /// <summary>Adds what was said about a message.</summary>
    /// <returns>How much is not yet heard.</returns>
    internal int Add(long id, Ending ending)
    {
        lock (_lock)
        {
            if (_count == _said.Length) { Array.Resize(ref _said, _count * 2); }
            _said[_count] = (id, ending);
            return ++_count;
        }
    }

    /// <summary>Takes what was said, in its order. It may be read until the next call.</summary>
    internal ReadOnlySpan<(long Id, Ending Ending)> Take()
    {
        if (Volatile.Read(ref _count) == 0) { return []; }
        lock (_lock)
        {
            var count = _count;
            (_said, _heard, _count) = (_heard, _said, 0);
            return _heard.AsSpan(0, count);
        }
    }
}

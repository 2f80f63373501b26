namespace StreamLearn.Connections;

/// <summary>What the application said about a message.</summary>
internal enum Outcome : byte
{
    /// <summary>It is done with it.</summary>
    Acknowledge,

    /// <summary>It did not process it.</summary>
    Refuse,

    /// <summary>It has read its bytes.</summary>
    Release,
}

/// <summary>What the application said about messages, until their connection hears it: who says something never waits for it.</summary>
internal sealed class Outcomes
{
    private readonly Lock _lock = new();
    private (long Id, Outcome Outcome)[] _settled = new (long, Outcome)[8];
    private (long Id, Outcome Outcome)[] _taken = new (long, Outcome)[8];
    private int _count;

    /// <summary>Adds what was said about a message.</summary>
    internal int Add(long id, Outcome outcome)
    {
        lock (_lock)
        {
            if (_count == _settled.Length) { Array.Resize(ref _settled, _count * 2); }
            _settled[_count] = (id, outcome);
            return ++_count;
        }
    }

    /// <summary>Takes what was said, in its order. It may be read until the next call.</summary>
    internal ReadOnlySpan<(long Id, Outcome Outcome)> Take()
    {
        if (Volatile.Read(ref _count) == 0) { return []; }
        lock (_lock)
        {
            var count = _count;
            (_settled, _taken, _count) = (_taken, _settled, 0);
            return _taken.AsSpan(0, count);
        }
    }
}

namespace StreamLearn.Connections;

internal enum Outcome : byte
{
    Acknowledge,

    Refuse,

    Release,
}

/// <summary>Outcomes that the connection has not applied yet; adding never waits.</summary>
internal sealed class Outcomes
{
    private readonly Lock _lock = new();
    private (long Id, Outcome Outcome)[] _settled = new (long, Outcome)[8];
    private (long Id, Outcome Outcome)[] _taken = new (long, Outcome)[8];
    private int _count;

    internal int Add(long id, Outcome outcome)
    {
        lock (_lock)
        {
            if (_count == _settled.Length) { Array.Resize(ref _settled, _count * 2); }
            _settled[_count] = (id, outcome);
            return ++_count;
        }
    }

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

namespace StreamLearn.Fleets;

/// <summary>Limits messages of devices without an accepted update, for all together and for each. The rest is dropped and sent again. So
/// even a large number of names does not slow down the other devices.</summary>
internal sealed class Newcomers
{
    /// <summary>Maximum per second for all newcomers; in a large fleet, one per 32 elders.</summary>
    internal const int MaxPerSecond = 64;

    private const int MaxOfOne = 8;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);      // number of messages by device in this second
    private DateTimeOffset _since;
    private int _count;

    internal void State(ref StateStream s)
    {
        s.ClockTime(ref _since);
        s.Value(ref _count, 0, int.MaxValue);
        s.Items(_taken, int.MaxValue, static (ref StateStream s, ref string device, ref int taken) =>
            (device, taken) = (s.Value(device ?? ""), s.Value(taken)));
    }

    internal bool Take(string device, int elders, DateTimeOffset now)
    {
        if (now - _since >= Second)
        {
            (_since, _count) = (now, 0);
            _taken.Clear();
        }

        var taken = _taken.GetValueOrDefault(device);
        if (taken == MaxOfOne || _count >= Math.Max(MaxPerSecond, elders / 32)) { return false; }
        (_taken[device], _count) = (taken + 1, _count + 1);
        return true;
    }
}

namespace StreamLearn.Operators.Tests;

/// <summary>Event-time windows written down as the definition says, row by row, without care for cost: what the blocks are compared
/// with. Times are whole numbers; a window is text: its start, its revision, and the numbers of its rows.</summary>
internal abstract class NaiveWindows(long delay, long lateness)
{
    private int _rows;
    internal List<string> Windows { get; } = [];
    internal List<int> Late { get; } = [];
    protected long Lateness => lateness;
    protected long Watermark { get; private set; } = long.MinValue / 2;

    internal NaiveWindows Add(IEnumerable<long> times)
    {
        foreach (var time in times)
        {
            if (Take(_rows, time)) { Raise(time - delay); }
            else { Late.Add(_rows); }
            _rows++;
        }
        return this;
    }

    internal NaiveWindows End()
    {
        Raise(long.MaxValue / 4);
        return this;
    }

    /// <summary>Takes a row; false if it is late.</summary>
    protected abstract bool Take(int row, long time);

    /// <summary>Emits what ends after one watermark and not after the next.</summary>
    protected abstract void Fire(long before);

    protected void Emit(long start, int revision, IEnumerable<(long Time, int Row)> rows) =>
        Windows.Add($"{start} r{revision}: {string.Join(' ', rows.OrderBy(r => r.Time).Select(r => r.Row))}");

    private void Raise(long watermark)
    {
        var before = Watermark;
        Watermark = Math.Max(before, watermark);
        Fire(before);
    }
}

/// <summary>Tumbling and sliding windows.</summary>
internal sealed class NaiveTimeWindows(long size, long hop, long delay = 0, long lateness = 0) : NaiveWindows(delay, lateness)
{
    private readonly SortedDictionary<long, (int Emissions, List<(long Time, int Row)> Rows)> _windows = [];

    protected override bool Take(int row, long time)
    {
        var starts = Starts(time).Where(s => s + size + Lateness > Watermark).Order().ToList();
        foreach (var start in starts)
        {
            _windows.TryAdd(start, (0, []));
            _windows[start].Rows.Add((time, row));
            if (start + size <= Watermark) { Emit(start); }
        }
        return starts.Count > 0 || !Starts(time).Any();
    }

    protected override void Fire(long before)
    {
        foreach (var start in _windows.Keys.Where(s => s + size > before && s + size <= Watermark).ToList()) { Emit(start); }
    }

    private void Emit(long start)
    {
        var (emissions, rows) = _windows[start];
        Emit(start, emissions, rows);
        _windows[start] = (emissions + 1, rows);
    }

    private IEnumerable<long> Starts(long time)
    {
        for (var start = (long)Math.Floor((double)time / hop) * hop; start + size > time; start -= hop) { yield return start; }
    }
}

/// <summary>Sessions.</summary>
internal sealed class NaiveSessions(long gap, long delay = 0, long lateness = 0) : NaiveWindows(delay, lateness)
{
    private readonly List<(int Emissions, bool IsNew, List<(long Time, int Row)> Rows)> _sessions = [];

    protected override bool Take(int row, long time)
    {
        _sessions.RemoveAll(s => End(s.Rows) + Lateness <= Watermark);
        var joined = _sessions.Where(s => s.Rows.Any(r => Math.Abs(r.Time - time) < gap)).ToList();
        if (joined.Count == 0 && time + gap + Lateness <= Watermark) { return false; }
        _sessions.RemoveAll(joined.Contains);
        var emissions = joined.Select(s => s.Emissions).DefaultIfEmpty().Max();
        _sessions.Add((emissions, true, [.. joined.SelectMany(s => s.Rows).OrderBy(r => r.Row), (time, row)]));
        return true;
    }

    protected override void Fire(long before)
    {
        foreach (var session in _sessions.Where(s => s.IsNew && End(s.Rows) <= Watermark).OrderBy(s => End(s.Rows)).ToList())
        {
            Emit(session.Rows.Min(r => r.Time), session.Emissions, session.Rows);
            _sessions.Remove(session);
            _sessions.Add((session.Emissions + 1, false, session.Rows));
        }
    }

    private long End(List<(long Time, int Row)> rows) => rows.Max(r => r.Time) + gap;
}

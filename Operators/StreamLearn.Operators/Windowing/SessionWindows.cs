namespace StreamLearn.Operators;

internal sealed class SessionWindows(SessionBlock block, HeldRows rows) : IWindowing
{
    private readonly long _gap = EventClock.Nanoseconds(block.Gap);
    private readonly long _lateness = EventClock.Nanoseconds(block.Options.Lateness);

    public long Due { get; private set; } = long.MaxValue;

    public long End => rows[rows.Count - 1] + _gap + _lateness;

    public RowAdmission Admit(long time, int place, long watermark)
    {
        var joins = (place > 0 && time - rows[place - 1] < _gap) || (place < rows.Count && rows[place] - time < _gap);
        return joins || time + _gap + _lateness > watermark ? RowAdmission.Taken : RowAdmission.Late;
    }

    public void Added(long time, int place, long watermark) => Due = Math.Min(Due, time + _gap);

    public bool TryTake(long watermark, out DueWindow window)
    {
        Due = long.MaxValue;
        for (var from = 0; from < rows.Count;)
        {
            var (to, isNew, revision) = Session(from);
            var end = rows[to - 1] + _gap;
            if (end > watermark)
            {
                Due = Math.Min(Due, end);
                break;
            }

            if (isNew)
            {
                (Due, window) = (end, new(from, to, rows[from], revision));
                return true;
            }

            if (end + _lateness > watermark) { Due = Math.Min(Due, end + _lateness); }       // it expires then
            from = to;
        }

        window = default;
        return false;
    }

    public void Release(long watermark)
    {
        var over = 0;
        while (over < rows.Count)
        {
            var to = Session(over).To;
            if (rows[to - 1] + _gap + _lateness > watermark) { break; }
            over = to;
        }

        rows.Release(over);
    }

    /// <summary>Sessions are recomputed from the held rows.</summary>
    public void State(ref StateStream s)
    {
        if (s.IsReading) { Due = long.MinValue; }
    }

    private (int To, bool IsNew, int Revision) Session(int from)
    {
        var to = from;
        var (isNew, revision) = (false, 0);
        do
        {
            var emissions = rows.Emissions(to);
            isNew |= emissions == 0;
            revision = Math.Max(revision, emissions);
            to++;
        }
        while (to < rows.Count && rows[to] - rows[to - 1] < _gap);

        return (to, isNew, revision);
    }
}

namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Gives each row of a flow the newest row of another that is not later than it: a slow sensor's last reading beside a fast
    /// one's rows, without looking into the future.</summary>
    /// <remarks>
    /// Shape: the columns of the first flow, then those of the second but its <c>time</c>; a row for each of the first that has a partner,
    /// with its time. A row of the second may be a partner of many, or of none. Of rows of the second at one time, the last counts.
    /// Units: unchanged.
    /// State: the rows that wait. A row of the first waits until the second flow has gone past it, has ended, or has been idle for
    /// <see cref="JoinOptions.Idle"/>; a row that comes from it after that is a partner of later rows alone.
    /// Bound: <see cref="JoinOptions.MaxHeldRows"/> of each input; the one that runs ahead is closed, and its sender waits. While the first
    /// is idle, rows of the second beyond the bound make way, oldest first; once it has ended, all do. Both must end before the join does.
    /// Cost: O(rows × columns), one copy; no allocation in steady state. Emits: batches of up to 1,024 rows.
    /// Drops: <c>no-partner</c> rows, unless they are kept; <c>late</c> rows, which are behind one of the same flow; <c>future</c> rows,
    /// too far ahead of the options' clock; <c>bad-time</c> rows, missing or before 1824 or after 2115; <c>empty</c>, <c>schema</c>.
    /// Counts <c>rows-made-way</c>. Shows <c>rows-held</c>, of the first flow. Not inside <c>PerKey</c>, which has one flow.
    /// Source: pandas <c>merge_asof</c>, direction backward.
    /// </remarks>
    /// <param name="flow">The first flow, with event time in order.</param>
    /// <param name="second">The second flow, with event time in order.</param>
    /// <param name="tolerance">How far a partner may be in event time. 0 to 365 days.</param>
    /// <param name="options">Rows without a partner, names, bounds; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> JoinAsOf(this Flow<Batch> flow, Flow<Batch> second, TimeSpan tolerance, JoinOptions? options = null) =>
        Join(flow, second, nearest: false, tolerance, options);

    /// <summary>Gives each row of a flow the row of another that is nearest in event time, before or after it; the one before where both
    /// are as near.</summary>
    /// <remarks>As <see cref="JoinAsOf"/>, in everything else. Of rows at one time after it, the first counts.
    /// Source: pandas <c>merge_asof</c>, direction nearest.</remarks>
    /// <param name="flow">The first flow, with event time in order.</param>
    /// <param name="second">The second flow, with event time in order.</param>
    /// <param name="tolerance">How far a partner may be in event time. 0 to 365 days.</param>
    /// <param name="options">Rows without a partner, names, bounds; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> JoinNearest(this Flow<Batch> flow, Flow<Batch> second, TimeSpan tolerance, JoinOptions? options = null) =>
        Join(flow, second, nearest: true, tolerance, options);

    private static Flow<Batch> Join(Flow<Batch> flow, Flow<Batch> second, bool nearest, TimeSpan tolerance, JoinOptions? options)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(tolerance, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tolerance, EventTimeOptions.Longest);
        var block = new JoinBlock(nearest, tolerance, (options ?? new()).Checked());
        return flow.Via(second, nearest ? "join-nearest" : "join-as-of", block,
            static (JoinBlock block, OperatorContext context, IOutput<Batch> output) => new JoinByTime(block, context, output));
    }
}

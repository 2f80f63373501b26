namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Joins each row with the newest row of another flow that is not later.</summary>
    /// <remarks> Shape: the columns of the first flow, then those of the second except its <c>time</c>; a row for each of the first with a
    /// partner, at its time. A row of the second may have many partners, or none; of its rows at one time, the last counts. Units:
    /// unchanged. State: the queued rows. A row of the first waits until the second flow is past its time, has ended, or has been idle for
    /// <see cref="JoinOptions.Idle"/>; rows of the second that arrive afterwards match only later rows. Each input holds at most
    /// <see cref="JoinOptions.MaxHeldRows"/>; the one ahead is closed, and its sender waits. While the first is idle, the second's rows
    /// beyond the bound are released, oldest first; once it has ended, all are. The join ends when both have. Cost: O(rows × columns), one
    /// copy; no allocation in steady state. Emits: batches of up to 1,024 rows. Drops: <c>no-partner</c> rows, unless kept; <c>late</c>
    /// rows, behind one of the same flow; <c>future</c> rows, too far ahead of the clock; <c>bad-time</c> rows, missing or before 1824 or
    /// after 2115; <c>empty</c>, <c>schema</c>. Counts <c>rows-made-way</c>. Shows the first flow's <c>rows-held</c>. Not inside
    /// <c>PerKey</c>, which has one flow. Source: pandas <c>merge_asof</c>, direction backward. </remarks>
    /// <param name="flow">The first flow, in event-time order.</param>
    /// <param name="second">The second flow, in event-time order too.</param>
    /// <param name="tolerance">Maximum distance in event time, 0 to 365 days.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<Batch> JoinAsOf(this Flow<Batch> flow, Flow<Batch> second, TimeSpan tolerance, JoinOptions? options = null) =>
        Join(flow, second, nearest: false, tolerance, options);

    /// <summary>Joins each row with the row of another flow that is nearest in event time, the earlier one on a tie.</summary>
    /// <remarks>Works otherwise like <see cref="JoinAsOf"/>. Of several rows at one later time, the first counts. Source: pandas
    /// <c>merge_asof</c>, direction nearest.</remarks>
    /// <param name="flow">The first flow, in event-time order.</param>
    /// <param name="second">The second flow, in event-time order too.</param>
    /// <param name="tolerance">Maximum distance in event time, 0 to 365 days.</param>
    /// <param name="options">Settings; null: defaults.</param>
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

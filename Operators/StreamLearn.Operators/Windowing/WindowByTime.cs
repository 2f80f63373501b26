namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    private const int MaxOverlap = 1 << 16;

    /// <summary>Splits the stream into tumbling or sliding windows of event time, one batch each.</summary>
    /// <remarks> Shape: rows × columns in; in window k, the rows of [origin + k·hop, origin + k·hop + size), in order of event time, then
    /// arrival; no empty windows. With a lateness, <c>window</c> int64, its start, and <c>revision</c> int32 are added: a revision replaces
    /// earlier ones. Units: unchanged, times in nanoseconds. Side: quarantined rows, with an int32 column <c>fault</c>:
    /// <see cref="RowFault.BadTime"/>, <see cref="RowFault.Future"/>, <see cref="RowFault.Late"/>; counted <c>rows-bad-time</c>,
    /// <c>rows-future</c>, <c>rows-late</c>. State: the open windows' rows, in one pooled batch. Cost: each row is copied in once and out
    /// once per window; a row that is n rows late moves n numbers; no allocation. Emits: a window when the watermark, the newest event time
    /// less the delay, reaches its end. A wake-up closes windows of an idle input, and the end of the input closes all. For several
    /// devices, put it inside <c>PerKey</c>, so that each has a watermark. Drops: <c>late</c> if set; <c>window-full</c>;
    /// <c>between-windows</c>, rows skipped by a long hop; <c>incomplete-window</c>, if the input ends with more open windows than a call
    /// may emit; <c>empty</c>, <c>schema</c>. Counts <c>rows-windowed</c> (each row once), <c>windows-revised</c>, and shows
    /// <c>rows-held</c>: between calls, rows in = windowed + quarantined + dropped + held. Source: Akidau et al. (2015), The Dataflow
    /// Model; Carbone et al. (2015), Apache Flink. </remarks>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="size">Length of a window, 1 tick to 365 days.</param>
    /// <param name="hop">Time between window starts, 1 tick to 365 days; null: the size.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <returns>The windows, and the quarantined rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range, or more than 65,536 windows would overlap.</exception>
    public static Fork<Batch, Batch> WindowByTime(
        this Flow<Batch> flow, TimeSpan size, TimeSpan? hop = null, EventTimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var every = hop ?? size;
        CheckSpan(size, nameof(size));
        CheckSpan(every, nameof(hop));
        options ??= new();
        options.Check();
        if ((size + options.Delay + options.Lateness).Ticks / every.Ticks >= MaxOverlap)
        {
            throw new ArgumentOutOfRangeException(nameof(hop), every, $"expected at most {MaxOverlap} windows at the same time");
        }

        return flow.Via<EventTimeBlock, Batch, Batch, EventTimeWindow>("window-by-time", new TimeWindowBlock(size, every, options),
            static (block, context, output, side) => new EventTimeWindow(block, context, output, side));
    }

    private static void CheckSpan(TimeSpan span, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(span, TimeSpan.Zero, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, EventTimeOptions.Longest, parameter);
    }
}

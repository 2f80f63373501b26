namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    private const int MaxOverlap = 1 << 16;

    /// <summary>Cuts the stream into windows of a fixed length of event time, one batch each: tumbling, or sliding where the hop is
    /// shorter.</summary>
    /// <remarks>
    /// Shape: rows × columns in; in window k, the rows of [origin + k·hop, origin + k·hop + size), in order of event time, as they came
    /// where times are equal. Windows without rows are left out. With a lateness of more than zero, <c>window</c> int64, its start, and
    /// <c>revision</c> int32 are added: a revision replaces those of the same window before it. Units: unchanged, times in nanoseconds.
    /// Side: quarantined rows, with an int32 column <c>fault</c>: <see cref="RowFault.BadTime"/>, <see cref="RowFault.Future"/>,
    /// <see cref="RowFault.Late"/>; counted <c>rows-bad-time</c>, <c>rows-future</c>, <c>rows-late</c>.
    /// State: the rows of the open windows, in one pooled batch. Cost: each row is copied in once and out once for each window it is in,
    /// a row that is n rows late moves n numbers; no allocation.
    /// Emits: a window when the watermark, the newest event time less the delay, reaches its end; what the batches were makes no
    /// difference. A wake-up closes the windows of an idle input, the end of the input all that are open. One watermark serves all rows:
    /// several devices in one flow each get their own inside <c>PerKey</c>.
    /// Drops: <c>late</c> where the options say so; <c>window-full</c>; <c>between-windows</c>, rows that a hop longer than the window
    /// leaves out; <c>incomplete-window</c>, where the end of the input finds more open windows than one call may emit; <c>empty</c>,
    /// <c>schema</c>. Counts <c>rows-windowed</c> (each row once, whatever the overlap), <c>windows-revised</c>, and shows
    /// <c>rows-held</c>: rows in = windowed + quarantined + dropped + held, at any time between calls.
    /// Source: Akidau et al. (2015), The Dataflow Model; Carbone et al. (2015), Apache Flink.
    /// </remarks>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="size">Length of a window, 1 tick to 365 days.</param>
    /// <param name="hop">From the start of one window to that of the next, 1 tick to 365 days; null: the size.</param>
    /// <param name="options">Watermark, lateness, clock and bounds; null for the defaults.</param>
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

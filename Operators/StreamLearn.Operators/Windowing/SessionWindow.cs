namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Cuts the stream where no row comes for a while of event time: one batch for each session.</summary>
    /// <remarks>
    /// Shape: rows × columns in; a session's rows, each less than a gap after the one before, in order of event time. A row between two
    /// open sessions joins them. With a lateness of more than zero, <c>window</c> int64, the session's start, and <c>revision</c> int32
    /// are added: a session of revision r &gt; 0 replaces all those emitted before it that start within it. Units: unchanged, times in
    /// nanoseconds.
    /// Side: quarantined rows, as of <see cref="WindowByTime"/>. State: the rows of the open sessions, in one pooled batch. Cost: each row
    /// is copied in and out once; a session is looked through once for each gap of event time it lasts; no allocation.
    /// Emits: a session when the watermark reaches its last row's time and a gap. Drops, counts and idle inputs: as
    /// <see cref="WindowByTime"/>; give <see cref="EventTimeOptions.MaxHeldRows"/> the rows of the longest session.
    /// Source: session windows, Akidau et al. (2015), The Dataflow Model.
    /// </remarks>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="gap">Rows this far apart are of two sessions, 1 tick to 365 days.</param>
    /// <param name="options">Watermark, lateness, clock and bounds; null for the defaults.</param>
    /// <returns>The sessions, and the quarantined rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Fork<Batch, Batch> SessionWindow(this Flow<Batch> flow, TimeSpan gap, EventTimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        CheckSpan(gap, nameof(gap));
        options ??= new();
        options.Check();
        return flow.Via<EventTimeBlock, Batch, Batch, EventTimeWindow>("session-window", new SessionBlock(gap, options),
            static (block, context, output, side) => new EventTimeWindow(block, context, output, side));
    }
}

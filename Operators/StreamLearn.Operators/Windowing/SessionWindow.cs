namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Splits the stream into sessions at gaps in event time, one batch each.</summary>
    /// <remarks> Shape: rows × columns in; the rows of a session, each less than a gap after the previous one, in event-time order. A row
    /// between two open sessions joins them. With a lateness, <c>window</c> int64, the session's start, and <c>revision</c> int32 are
    /// added: revision r &gt; 0 replaces all sessions emitted earlier that start within it. Units: unchanged, times in nanoseconds. Side:
    /// quarantined rows, as with <see cref="WindowByTime"/>. State: the open sessions' rows, in one pooled batch. Cost: each row is copied
    /// in and out once; a session as long as n gaps is scanned n times; no allocation. Emits: a session when the watermark reaches its last
    /// time plus a gap. Drops, counts and idle inputs: as <see cref="WindowByTime"/>; set <see cref="EventTimeOptions.MaxHeldRows"/> to the
    /// longest session's rows. Source: Akidau et al. (2015). </remarks>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="gap">Minimum time between sessions, 1 tick to 365 days.</param>
    /// <param name="options">Settings; null: defaults.</param>
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

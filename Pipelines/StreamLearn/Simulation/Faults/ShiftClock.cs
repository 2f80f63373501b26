namespace StreamLearn.Simulation;

/// <summary>Simulated sensor faults.</summary>
public static partial class FaultFlowExtensions
{
    private static readonly TimeSpan MaxShift = TimeSpan.FromDays(36_525);

    /// <summary>Simulates a wrong sensor clock by shifting every event time.</summary>
    /// <remarks> Shape: unchanged. Units: unchanged. State: none. Cost: O(rows); copies shared batches. Emits: one batch per batch. Drops:
    /// <c>schema</c>, batches without the column <c>time</c>. Source: clock offset as in RFC 5905, section 3. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="by">How far the clock is ahead, up to 100 years; negative: behind.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shift exceeds 100 years.</exception>
    public static Flow<Batch> ShiftClock(this Flow<Batch> flow, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(by, MaxShift);
        ArgumentOutOfRangeException.ThrowIfLessThan(by, -MaxShift);
        return flow.Via("shift-clock", new ShiftClockOptions(by),
            static (ShiftClockOptions options, OperatorContext context, IOutput<Batch> output) => new ShiftClock(options, context, output));
    }
}

internal sealed record ShiftClockOptions(TimeSpan By) : IBlockOptions
{
    public int? MaxRows(int? input) => input;

    public Schema Output(Schema input)
    {
        input.Require(Schema.TimeColumn, ColumnType.Int64);
        return input;
    }

    public override string ToString() => FormattableString.Invariant($"by {By.TotalSeconds} s");
}

internal sealed class ShiftClock(ShiftClockOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private readonly long _nanoseconds = options.By.Ticks * 100;

    public override void Process(Batch batch)
    {
        var column = batch.Schema.IndexOf(Schema.TimeColumn);
        if (column < 0 || batch.Schema.Fields[column].Type != ColumnType.Int64)
        {
            context.Drop(batch, "schema");
            return;
        }

        batch = batch.ToWritable();
        foreach (ref var time in batch.Columns[column].Writable<long>()) { time += _nanoseconds; }
        output.Emit(batch);
    }
}

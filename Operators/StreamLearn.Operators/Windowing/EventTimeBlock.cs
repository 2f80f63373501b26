namespace StreamLearn.Operators;

internal abstract record EventTimeBlock(EventTimeOptions Options) : IBlockOptions
{
    private const int BookkeepingBytes = 20;        // time, two places and a count for each row of capacity

    internal abstract int MaxOpen { get; }

    public int MaxOutputsPerCall => Options.MaxOutputsPerCall + MaxOpen + 1;       // windows and the late rows

    public string State => $"open windows, up to {Options.MaxHeldRows} rows";

    public long StateBytes(Schema? input) => input is null ? 0 : 2L * Options.MaxHeldRows * (input.RowBytes + BookkeepingBytes);

    public Schema Output(Schema input)
    {
        input.Require(Schema.TimeColumn, ColumnType.Int64);
        Quarantine.Output(input);
        return Options.Lateness == TimeSpan.Zero ? input : input.With(
            new Field(EventTimeOptions.WindowColumn, ColumnType.Int64, Unit.Nanosecond),
            new Field(EventTimeOptions.RevisionColumn, ColumnType.Int32, Unit.One));
    }

    internal abstract IWindowing Make(HeldRows rows);

    /// <summary>Returns the number of periods that begin within a span, plus one.</summary>
    protected static int Count(TimeSpan span, TimeSpan period) => (int)Math.Min(1 << 16, (span.Ticks / period.Ticks) + 2);
}

internal sealed record TimeWindowBlock(TimeSpan Size, TimeSpan Hop, EventTimeOptions Options) : EventTimeBlock(Options)
{
    internal override int MaxOpen => Count(Size + Options.Delay, Hop);

    public override string ToString() => $"{Size}, hop {Hop}, {Options}";

    internal override IWindowing Make(HeldRows rows) => new AlignedWindows(this, rows);
}

internal sealed record SessionBlock(TimeSpan Gap, EventTimeOptions Options) : EventTimeBlock(Options)
{
    internal override int MaxOpen => Count(Options.Delay, Gap);

    public override string ToString() => $"gap {Gap}, {Options}";

    internal override IWindowing Make(HeldRows rows) => new SessionWindows(this, rows);
}

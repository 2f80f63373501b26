namespace StreamLearn.Operators;

/// <summary>Settings of <c>JoinAsOf</c> and <c>JoinNearest</c>.</summary>
public sealed record JoinOptions
{
    /// <summary>True: keeps rows without a partner, with missing columns: NaN for fractions, null for whole numbers. Until the second flow
    /// delivers, its columns must be declared, as by <c>FromSequence</c> and <c>Subscribe</c>; otherwise rows wait, and are dropped if the
    /// second flow ends without a batch. False (default): drops them and counts <c>no-partner</c>.</summary>
    public bool KeepUnmatched { get; init; }

    /// <summary>Prefix for columns of the second flow that have the same name as in the first, such as <c>right_</c>; null (default): such
    /// columns are refused.</summary>
    public string? Prefix { get; init; }

    /// <summary>Silence, by the run's clock, after which an input no longer delays the other. Above zero, or infinite; default 5
    /// s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Maximum number of queued rows per input. A full input is closed until the other has caught up. 1 to 2^22; default
    /// 8192.</summary>
    public int MaxHeldRows { get; init; } = 8192;

    /// <summary>How far a row may be ahead of <see cref="Clock"/>. Rows further ahead are dropped as <c>future</c> and make no later row
    /// late. 0 or more; default 2 s.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The source's clock; default <see cref="EventClock.Live"/>.</summary>
    public EventClock Clock { get; init; } = EventClock.Live;

    /// <inheritdoc />
    public override string ToString() =>
        $"{(KeepUnmatched ? "unmatched kept, " : "")}idle {Idle}, up to {MaxHeldRows} rows{(Prefix is null ? "" : $", prefix '{Prefix}'")}";

    internal JoinOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeldRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxHeldRows, 1 << 22);
        if (Idle != Timeout.InfiniteTimeSpan) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Idle, TimeSpan.Zero); }
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFuture, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(Clock);
        Clock.Check("options");
        if (Prefix is "") { throw new ArgumentException("expected a Prefix, or null, got ''", "options"); }
        return this;
    }
}

internal sealed record JoinBlock(bool Nearest, TimeSpan Tolerance, JoinOptions Options) : IBlockOptions
{
    internal const int MaxBatchRows = 1024;

    public string State => $"waiting rows, up to {Options.MaxHeldRows} of each input and a batch";

    public long StateBytes(Schema? input) =>      // per input: the waiting rows, and a batch of the same size and width
        input is null ? 0 : (4L * Options.MaxHeldRows * (input.RowBytes + 1)) + 1024;

    public int? MaxRows(int? input) => MaxBatchRows;

    public Schema Output(Schema first, Schema second)
    {
        first.Require(Schema.TimeColumn, ColumnType.Int64);
        second.Require(Schema.TimeColumn, ColumnType.Int64);
        var added = new List<Field>();
        foreach (var field in second.Fields)
        {
            if (field.Name == Schema.TimeColumn) { continue; }
            var isTaken = first.IndexOf(field.Name) >= 0;
            if (isTaken && Options.Prefix is null)
            {
                throw new SchemaException($"expected columns of different names, both flows have '{field.Name}': set JoinOptions.Prefix");
            }

            var mayMiss = field.Nullable || (Options.KeepUnmatched && field.Type is ColumnType.Int32 or ColumnType.Int64);
            added.Add(field with { Name = isTaken ? Options.Prefix + field.Name : field.Name, Nullable = mayMiss });
        }

        return first.With([.. added]);
    }

    public override string ToString() => $"{(Nearest ? "nearest" : "newest not later")} within {Tolerance}, {Options}";
}

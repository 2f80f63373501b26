namespace StreamLearn.Operators;

internal readonly record struct HeldRow(int Batch, int Row)
{
    internal static HeldRow None { get; } = new(-1, -1);
}

/// <summary>Skips late and future rows, because one time stamp of tomorrow would make all rows until then late.</summary>
internal sealed class JoinInput(JoinOptions options, OperatorContext context) : IDisposable
{
    private const long BeforeAllTime = long.MinValue;

    private readonly TimeCheck _times = new(options.Clock, options.MaxFuture, context);
    private Schema? _schema;
    private int _timeColumn;
    private DateTimeOffset? _heard;
    private long _passed = BeforeAllTime;       // time of the newest row read

    internal List<Batch> Batches { get; } = [];

    internal Schema? Columns => _schema;

    internal HeldRow Next { get; private set; } = new(0, 0);

    /// <summary>The newest time; no earlier row is expected.</summary>
    internal long Newest { get; private set; } = BeforeAllTime;

    internal int Unread { get; private set; }

    internal bool HasEnded { get; set; }

    /// <summary>The time of the last batch; initially the start of the block.</summary>
    internal DateTimeOffset Heard => _heard ?? context.Started;

    public void Dispose()
    {
        foreach (var batch in Batches) { batch.Dispose(); }
        Batches.Clear();
    }

    internal void Add(Batch batch)
    {
        _heard = context.Now;
        _schema ??= TimedOnly(batch.Schema);
        if (_schema is null || !batch.Schema.Equals(_schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else
        {
            _times.ReadClock();
            for (var row = 0; row < batch.Rows; row++)
            {
                var time = TimeOf(batch, row);
                if (time > Newest && _times.Of(time) == RowFault.None) { Newest = time; }
            }

            Batches.Add(batch);
            Unread += batch.Rows;
        }
    }

    /// <summary>Call it before reading rows.</summary>
    internal void ReadClock() => _times.ReadClock();

    internal bool TryPeek(out long time)
    {
        for (; Next.Batch < Batches.Count; Skip())
        {
            time = TimeOf(Batches[Next.Batch], Next.Row);
            var fault = _times.Of(time);
            if (fault == RowFault.None && time >= _passed) { return true; }
            context.DropRows(1, fault switch { RowFault.None => "late", RowFault.Future => "future", _ => "bad-time" });
        }

        time = 0;
        return false;
    }

    internal HeldRow Take(long time)
    {
        var taken = Next;
        _passed = time;
        Skip();
        return taken;
    }

    internal int Release(HeldRow row)
    {
        var batches = row == HeldRow.None ? Next.Batch : Math.Min(row.Batch, Next.Batch);
        if (batches == 0) { return 0; }
        for (var i = 0; i < batches; i++) { Batches[i].Dispose(); }
        Batches.RemoveRange(0, batches);
        Next = Next with { Batch = Next.Batch - batches };
        return batches;
    }

    internal void State(ref StateStream s)
    {
        s.Value(ref _schema);
        if (s.IsReading && _schema is not null) { _schema = TimedOnly(_schema) ?? throw new StateException("expected a column 'time'"); }

        HasEnded = s.Value(HasEnded);
        s.ClockTime(ref _heard);
        s.Value(ref _passed);
        Newest = s.Value(Newest);
        Unread = s.Value(Unread, 0, int.MaxValue);
        Next = new(s.Value(Next.Batch, 0, int.MaxValue), s.Value(Next.Row, 0, int.MaxValue));
        s.Items(Batches, int.MaxValue, static (ref StateStream s, ref Batch batch) =>
            batch = s.Value(batch) ?? throw new StateException("expected a batch"));
        if (s.IsWriting) { return; }
        var isFit = Batches.TrueForAll(b => b.Schema.Equals(_schema))
            && (Next.Batch < Batches.Count ? Next.Row < Batches[Next.Batch].Rows : Next == new HeldRow(Batches.Count, 0));
        if (!isFit) { throw new StateException("expected rows of the input, and a place among them"); }
    }

    private void Skip()
    {
        Unread--;
        Next = Next.Row + 1 < Batches[Next.Batch].Rows ? Next with { Row = Next.Row + 1 } : new(Next.Batch + 1, 0);
    }

    private Schema? TimedOnly(Schema schema)
    {
        _timeColumn = schema.IndexOf(Schema.TimeColumn);
        return _timeColumn >= 0 && schema.Fields[_timeColumn].Type == ColumnType.Int64 ? schema : null;
    }

    private long TimeOf(Batch batch, int row)
    {
        var column = batch.Columns[_timeColumn];
        return column.Field.Nullable && !column.IsValid(row) ? BeforeAllTime : column.Values<long>()[row];
    }
}

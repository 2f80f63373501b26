namespace StreamLearn.Operators;

/// <summary>Settings of <c>Ahead</c>.</summary>
public sealed record AheadOptions
{
    /// <summary>How far the later row may be from the requested time, 0 or more; null (default): a quarter of the horizon.</summary>
    public TimeSpan? Tolerance { get; init; }

    /// <summary>Maximum number of queued rows; if there are more, the oldest get no target. 1 to 2^22; default 65,536.</summary>
    public int MaxHeldRows { get; init; } = 1 << 16;

    /// <inheritdoc />
    public override string ToString() => $"{(Tolerance is { } most ? $"within {most}, " : "")}up to {MaxHeldRows} rows";
}

/// <summary>Adds blocks that set learning targets.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Sets the later value of a column as the target or label of each row, for forecasts.</summary>
    /// <remarks> Shape: rows with an int64 <c>time</c> in; the same and a nullable float64 <c>target</c> out: the column's value in the row
    /// nearest to the row's time plus <paramref name="ahead"/>, the earlier of two. A later <c>label</c> replaces the label instead. Units:
    /// the column's. The target is missing if no row is near enough, its value is missing, or the recording ends, as it does when time
    /// falls. Rows wait for the later one, so blocks that answer at once should come first. State: the queued rows. Bound:
    /// <see cref="AheadOptions.MaxHeldRows"/> and a batch. Cost: O(columns) per row, one copy; no allocation in steady state. Emits: at
    /// most a batch per batch, and the rest at the end. Drops: <c>bad-time</c> rows without a time, <c>empty</c>, <c>schema</c>. Counts
    /// <c>targets-missing</c>; shows <c>rows-held</c>. Source: Cox (1961), direct forecasts. </remarks>
    /// <param name="flow">The rows, in time order.</param>
    /// <param name="column">A float32 or float64 column, or <c>label</c>.</param>
    /// <param name="ahead">The horizon, above 0, at most 365 days.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range; never thrown while running.</exception>
    public static Flow<Batch> Ahead(this Flow<Batch> flow, string column, TimeSpan ahead, AheadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentException.ThrowIfNullOrEmpty(column);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ahead, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ahead, EventTimeOptions.Longest);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxHeldRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxHeldRows, 1 << 22);
        if (options.Tolerance is { } tolerance) { ArgumentOutOfRangeException.ThrowIfLessThan(tolerance, TimeSpan.Zero); }
        return flow.Via("ahead", new AheadBlock(column, ahead, options),
            static (AheadBlock block, OperatorContext context, IOutput<Batch> output) => new Ahead(block, context, output));
    }
}

internal sealed record AheadBlock(string Column, TimeSpan Time, AheadOptions Options) : IBlockOptions
{
    private const int BookkeepingBytes = 24;        // time, places and counts for each row of capacity

    public string State => $"rows that wait, up to {Options.MaxHeldRows} and a batch";

    public long StateBytes(Schema? input) => input is null ? 0 : 2L * Options.MaxHeldRows * (input.RowBytes + BookkeepingBytes);

    internal bool IsOfLabels => Column == Schema.LabelColumn;

    public Schema Output(Schema input)
    {
        input.Require(Schema.TimeColumn, ColumnType.Int64);
        if (IsOfLabels) { return Replaced(input, input.Require(Column, ColumnType.Int32)); }
        var at = input.IndexOf(Column);
        if (at < 0 || input.Fields[at].Type is not (ColumnType.Float32 or ColumnType.Float64))
        {
            throw new SchemaException($"expected a column '{Column}' of fractions, or of labels, got {input}");
        }

        if (Column == Schema.TargetColumn) { return Replaced(input, at); }
        return input.IndexOf(Schema.TargetColumn) < 0 ? input.With(Field.Target(input.Fields[at].Unit))
            : throw new SchemaException($"expected rows without '{Schema.TargetColumn}', which is computed from '{Column}', got {input}");
    }

    public override string ToString() => $"'{Column}' {Time} later, {Options}";

    private static Schema Replaced(Schema input, int at) =>
        new(input.Fields.Select((field, i) => i == at ? field with { Nullable = true } : field));
}

internal sealed class Ahead(AheadBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful, IDisposable
{
    private const int None = -1;

    private readonly long _ahead = EventClock.Nanoseconds(block.Time);
    private readonly long _tolerance = EventClock.Nanoseconds(block.Options.Tolerance ?? (block.Time / 4));
    private readonly List<int> _later = [];     // for each finished row, the index of its target row, or None
    private HeldRows? _rows;
    private Schema? _output;
    private int _time;
    private int _from;      // index of the target column and its destination
    private int _to;
    private int _next;      // index from which the target of the next row is searched for

    public string StateFormat => "ahead/1";

    public void State(ref StateStream s)
    {
        if (s.Value(_rows?.Schema) is not { } columns) { return; }
        if (!Fits(columns)) { throw new StateException("expected columns that the block takes"); }
        _rows!.State(ref s);
        _next = 0;
    }

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else
        {
            Take(batch);
            Look();
            while (_rows!.Count - _later.Count > block.Options.MaxHeldRows) { _later.Add(None); }
            Emit();
            batch.Dispose();
        }
    }

    public override void Complete()
    {
        if (_rows is null) { return; }
        End();
        Emit();
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
    }

    private bool Fits(Schema schema)
    {
        if (_rows is not null) { return schema.Equals(_rows.Schema); }
        if (!block.TryOutput(schema, out _output)) { return false; }
        (_time, _from) = (schema.IndexOf(Schema.TimeColumn), schema.IndexOf(block.Column));
        _to = block.IsOfLabels ? _from : _output.IndexOf(Schema.TargetColumn);
        _rows = new(context.Pool, schema, 1 << 30);
        return true;
    }

    private void Take(Batch batch)
    {
        var (rows, column, bad) = (_rows!, batch.Columns[_time], 0);
        var times = column.Values<long>();
        for (var row = 0; row < times.Length; row++)
        {
            if (!column.IsValid(row))
            {
                bad++;
                continue;
            }

            if (rows.Count > 0 && times[row] < rows[rows.Count - 1])
            {
                Look();
                End();
            }

            rows.Add(batch, row, times[row], rows.Count);
        }

        rows.Write(batch);
        if (bad > 0) { context.DropRows(bad, "bad-time"); }
    }

    private void Look()
    {
        for (var rows = _rows!; _later.Count < rows.Count;)
        {
            var (row, time) = (_later.Count, rows[_later.Count] + _ahead);
            _next = Math.Max(_next, row + 1);
            while (_next < rows.Count && rows[_next] < time) { _next++; }
            if (_next == rows.Count) { return; }
            var nearest = _next - 1 > row && time - rows[_next - 1] <= rows[_next] - time ? _next - 1 : _next;
            _later.Add(Math.Abs(rows[nearest] - time) <= _tolerance ? nearest : None);
        }
    }

    /// <summary>Remaining rows get no target.</summary>
    private void End()
    {
        while (_later.Count < _rows!.Count) { _later.Add(None); }
    }

    private void Emit()
    {
        var rows = _rows!;
        if (_later.Count > 0)
        {
            var made = context.Pool.Rent(_output!, _later.Count);
            rows.CopyTo(made, 0, _later.Count, 1);
            if (Write(rows.Columns[_from], made.Columns[_to]) is > 0 and var missing) { context.Record("targets-missing", missing); }
            rows.Release(_later.Count);
            _next = Math.Max(0, _next - _later.Count);
            _later.Clear();
            output.Emit(made);
        }

        context.Gauge("rows-held", rows.Count);
    }

    private int Write(Column from, Column to)
    {
        var missing = 0;
        for (var row = 0; row < _later.Count; row++)
        {
            var slot = _later[row] == None ? None : _rows!.SlotOf(_later[row]);
            var isThere = slot != None && from.IsValid(slot);
            to.SetValid(row, isThere);
            missing += isThere ? 0 : 1;
            if (block.IsOfLabels) { to.Writable<int>()[row] = isThere ? from.Values<int>()[slot] : 0; }
            else { to.Writable<double>()[row] = isThere ? ValueOf(from, slot) : double.NaN; }
        }

        return missing;
    }

    private static double ValueOf(Column column, int row) =>
        column.Field.Type == ColumnType.Float32 ? column.Values<float>()[row] : column.Values<double>()[row];
}

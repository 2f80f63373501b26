namespace StreamLearn.Operators;

/// <summary>Blocks that prepare sensor rows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Separates faulty rows: times that are invalid, in the future or not rising; values that are not finite, out of range, or
    /// stuck.</summary>
    /// <remarks> Shape: rows × columns in, the good rows out; with a gap set, also an int32 column <c>segment</c>, one higher after each
    /// gap: as the segment of <c>Window</c>, it keeps windows from spanning gaps or faulty stretches of that length. Units: unchanged. A
    /// missing value is not a fault. Side: the faulty rows, with an int32 column <c>fault</c>: the first <see cref="RowFault"/> that
    /// applies. State: the newest time, and each channel's last level. Cost: a few passes over each channel; without segments, good batches
    /// pass uncopied; no allocation. Emits: at most one batch per batch and output; slices of a batch over 2 MiB. For several devices, put
    /// it inside <c>PerKey</c>. Drops: <c>bad-time</c>, <c>future</c>, <c>backwards</c>, <c>non-finite</c>, <c>range</c>, <c>stuck</c> rows
    /// if set; <c>empty</c>, <c>schema</c>, <c>unread</c>. Counts <c>rows-stuck</c> and so on for rows set aside, <c>gaps</c>, and
    /// <c>rows-stuck x</c>, <c>rows-range x</c>, <c>rows-non-finite x</c> for channel x. Shows the newest row's <c>fault</c>, and
    /// <c>channels-stuck</c>; inside <c>PerKey</c>, sums over the keys. Rows in = out + dropped. Source: U.S. IOOS QARTOD manuals: gap,
    /// gross range and flat line tests. </remarks>
    /// <param name="flow">The rows, with event time.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <returns>The good rows, and the faulty ones.</returns>
    /// <exception cref="ArgumentException">A setting is out of range, or a channel has two checks.</exception>
    public static Fork<Batch, Batch> CheckQuality(this Flow<Batch> flow, CheckQualityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        options ??= new();
        options.Check();
        return flow.Via("check-quality", options,
            static (CheckQualityOptions options, OperatorContext context, IOutput<Batch> output, IOutput<Batch> side) =>
                new CheckQuality(options, context, output, side));
    }
}

internal sealed class CheckQuality(CheckQualityOptions options, OperatorContext context, IOutput<Batch> output, IOutput<Batch> side)
    : Operator<Batch>, IStateful, IDisposable
{
    private const int MaxSliceBytes = 2 << 20;      // far below the limits of the edges, for both outputs of a call

    private readonly TimeCheck _times = new(options.Clock, options.MaxFuture, context);
    private readonly Quarantine _quarantine = new(context, side);
    private readonly SegmentNumbers _numbers = new(options.Gap);
    private ChannelWatch[] _channels = [];
    private RowFault[] _faults = [];
    private int[] _segments = [];
    private Schema? _input;
    private Schema? _output;
    private int _timeColumn;
    private long _newest = long.MinValue;
    private readonly LongBatch _rest = new(context);

    public override bool Ready => _rest.IsEmpty;

    public string StateFormat => "check-quality/1";

    public void State(ref StateStream s)
    {
        if (s.Value(_input) is not { } columns) { return; }
        if (!Fits(columns)) { throw new StateException("expected columns that the block takes"); }
        foreach (var channel in _channels) { channel.State(ref s); }
        _times.State(ref s);
        _numbers.State(ref s);
        s.Value(ref _newest);
        _rest.State(ref s);
    }

    public override void Process(Batch batch)
    {
        if (!Fits(batch.Schema)) { context.Drop(batch, "schema"); }
        else if (batch.Rows == 0) { context.Drop(batch, "empty"); }
        else
        {
            _times.ReadClock();
            Check(batch, 0);
        }
    }

    public override void WakeUp()
    {
        if (_rest.TryTake(out var batch, out var row)) { Check(batch, row); }
    }

    public override void Complete() => _rest.Drop("unread");

    public void Dispose() => _rest.Dispose();

    private bool Fits(Schema schema)
    {
        if (_input is not null) { return schema.Equals(_input); }
        if (!options.TryOutput(schema, out _output)) { return false; }
        _input = schema;
        _timeColumn = schema.IndexOf(Schema.TimeColumn);
        _channels = [.. schema.Fields.Where(f => f.Type == ColumnType.Float32).Select(f => new ChannelWatch(f.Name, options))];
        return true;
    }

    private void Check(Batch batch, int first)
    {
        var rows = (int)Math.Min(batch.Rows - first, Math.Max(1L, MaxSliceBytes / batch.Schema.RowBytes));
        if (_faults.Length < rows) { (_faults, _segments) = (new RowFault[rows], new int[rows]); }
        var faults = _faults.AsSpan(0, rows);
        var stuck = 0;
        CheckTimes(batch.Columns[_timeColumn], first, faults);
        var times = batch.Columns[_timeColumn].Values<long>().Slice(first, rows);
        for (var c = 0; c < _channels.Length; c++)
        {
            _channels[c].Look(batch.Channels[c], times, first, faults, context);
            if (_channels[c].IsStuck) { stuck++; }
        }

        if (options.Gap is not null && _numbers.Write(times, faults, _segments) is > 0 and var gaps) { context.Record("gaps", gaps); }
        context.Gauge("fault", (int)faults[^1]);
        context.Gauge("channels-stuck", stuck);
        Part(batch, first, faults);
    }

    private void CheckTimes(Column column, int first, Span<RowFault> faults)
    {
        var times = column.Values<long>().Slice(first, faults.Length);
        var complete = !column.Field.Nullable;
        for (var row = 0; row < times.Length; row++)
        {
            var time = times[row];
            var fault = complete || column.IsValid(first + row) ? _times.Of(time) : RowFault.BadTime;
            if (fault == RowFault.None)
            {
                if (time > _newest) { _newest = time; }
                else if (!options.AnyOrder) { fault = RowFault.Backwards; }
            }

            faults[row] = fault;
        }
    }

    /// <summary>Emits the batch itself if no row is faulty and no column is added.</summary>
    private void Part(Batch batch, int first, ReadOnlySpan<RowFault> faults)
    {
        var faulty = 0;
        for (var row = 0; row < faults.Length; row++)
        {
            if (faults[row] == RowFault.None) { continue; }
            faulty++;
            if (options.DropFaulty) { _quarantine.Drop(faults[row]); }
            else { _quarantine.Add(first + row, faults[row]); }
        }

        var last = first + faults.Length == batch.Rows;
        if (faulty == 0 && first == 0 && last && options.Gap is null)
        {
            output.Emit(batch);
            return;
        }

        _quarantine.Settle(batch);
        if (faulty < faults.Length) { output.Emit(Good(batch, first, faults, faults.Length - faulty)); }
        _rest.Leave(batch, first + faults.Length, last);
    }

    private Batch Good(Batch batch, int first, ReadOnlySpan<RowFault> faults, int rows)
    {
        var good = context.Pool.Rent(_output!, rows);
        var columns = batch.Schema.Fields.Length;
        var to = 0;
        for (var from = 0; from < faults.Length;)
        {
            var end = from;
            while (end < faults.Length && faults[end] == RowFault.None) { end++; }
            for (var c = 0; c < columns; c++) { good.Columns[c].CopyFrom(to, batch.Columns[c], first + from, end - from); }
            if (options.Gap is not null) { _segments.AsSpan(from, end - from).CopyTo(good.Columns[columns].Writable<int>()[to..]); }

            to += end - from;
            from = end;
            while (from < faults.Length && faults[from] != RowFault.None) { from++; }
        }

        return good;
    }
}

namespace StreamLearn.Tables;

internal static class StampArrivalExtensions
{
    public static Flow<Batch> StampArrival(this Flow<Batch> flow, double? rate, MachineClock? clock = null) =>
        flow.Via("arrival", new StampArrivalOptions(rate, clock),
            static (StampArrivalOptions options, OperatorContext context, IOutput<Batch> output) =>
                new StampArrival(options, context, output));
}

/// <summary>The machine's clock. Without a battery it starts wrong and is set once the network is up, which a run's monotonic clock does
/// not show. <paramref name="Say"/>: receives messages.</summary>
internal sealed record MachineClock(TimeProvider Time, Action<string> Say)
{
    /// <summary>An earlier time means that the clock is not set, since this program is newer.</summary>
    internal static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
}

internal sealed record StampArrivalOptions(double? Rate, MachineClock? Clock) : IBlockOptions
{
    /// <summary>Held batches released per step.</summary>
    internal const int AtOnce = 16;

    public int MaxOutputsPerCall => Clock is null ? 1 : AtOnce;

    public Schema Output(Schema input) => new([Field.Time(), .. input.Fields]);

    public int? MaxRows(int? input) => input;

    public override string ToString() => Rate is { } rate ? FormattableString.Invariant($"{rate} rows a second") : "";
}

/// <summary>The last row of a batch gets its arrival time. Times within a burst increase by at least a nanosecond.</summary>
/// <remarks>Until the clock is set, at most 100,000 rows or ten minutes are held; older ones are dropped as <c>clock-not-set</c>. Once it
/// is set, held rows get their monotonic arrival times. Rows held at the run's end are lost.</remarks>
internal sealed class StampArrival(StampArrivalOptions options, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IDisposable
{
    private const int MostRows = 100_000;
    private const string NotSet = "clock-not-set";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Same = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    private readonly Queue<(DateTimeOffset At, Batch Rows)> _held = [];
    private long _rows;                     // number of held rows
    private bool _saysHeld;
    private TimeSpan? _ahead;               // machine's clock minus the run's; null: not set
    private long _last = long.MinValue;     // not saved, because the next start's clock is later

    public override bool Ready => _held.Count == 0 || _ahead is null;

    public override void Process(Batch input)
    {
        if (options.Clock is { } clock) { Look(clock); }
        if ((options.Clock is null || _ahead is not null) && _held.Count == 0)
        {
            Stamp(input, context.Now);
            return;
        }

        _held.Enqueue((context.Now, input));
        _rows += input.Rows;
        if (_ahead is null) { Hold(options.Clock!); }
        else { WakeUp(); }
    }

    public override void WakeUp()
    {
        for (var i = 0; i < StampArrivalOptions.AtOnce && _held.TryDequeue(out var held); i++)
        {
            _rows -= held.Rows.Rows;
            Stamp(held.Rows, held.At);
        }

        if (_held.Count > 0) { context.WakeAt(context.Now); }
        context.Gauge("rows-held", _rows);
    }

    public override bool AwaitingReplies => _ahead is not null && _held.Count > 0;

    public override void Complete()
    {
        if (_ahead is null) { DropWhile(static _ => true); }
    }

    public void Dispose()
    {
        foreach (var (_, rows) in _held) { rows.Dispose(); }
        _held.Clear();
    }

    /// <summary>Measures the offset between the machine's and the run's clock; follows later jumps forward.</summary>
    private void Look(MachineClock clock)
    {
        var now = clock.Time.GetUtcNow();
        if (now < MachineClock.Earliest) { return; }
        var ahead = now - context.Now;
        if (ahead.Duration() < Same) { ahead = TimeSpan.Zero; }
        if (_ahead is null)
        {
            _ahead = ahead;
            if (_rows > 0) { clock.Say(FormattableString.Invariant($"the clock is set: {_rows} waiting rows get their times")); }
        }
        else if (ahead - _ahead > Step)
        {
            context.Record("clock-steps");
            clock.Say(FormattableString.Invariant($"the clock was set forward by {(ahead - _ahead).Value.TotalSeconds:0} s"));
            _ahead = ahead;
        }
    }

    private void Hold(MachineClock clock)
    {
        if (!_saysHeld)
        {
            _saysHeld = true;
            clock.Say(FormattableString.Invariant($"the clock of this machine is at {clock.Time.GetUtcNow():yyyy-MM-dd HH:mm}: ")
                + FormattableString.Invariant($"up to {MostRows} rows wait until it is set"));
        }

        DropWhile(at => _rows > MostRows || context.Now - at > Longest);
        context.Gauge("rows-held", _rows);
    }

    private void DropWhile(Func<DateTimeOffset, bool> isOver)
    {
        while (_held.TryPeek(out var oldest) && isOver(oldest.At))
        {
            _rows -= oldest.Rows.Rows;
            context.Drop(_held.Dequeue().Rows, NotSet);
        }
    }

    private void Stamp(Batch input, DateTimeOffset at)
    {
        using (input)
        {
            var stamped = context.Pool.Rent(options.Output(input.Schema), input.Rows);
            var now = (at + (_ahead ?? TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks * 100;
            var step = options.Rate is { } rate ? (long)(1e9 / rate) : 1;
            var times = stamped.Columns[0].Writable<long>();
            for (var row = 0; row < input.Rows; row++)
            {
                times[row] = _last = Math.Max(now - ((input.Rows - 1 - row) * step), _last + 1);
            }

            for (var c = 0; c < input.Columns.Count; c++) { stamped.Columns[c + 1].CopyFrom(0, input.Columns[c], 0, input.Rows); }
            output.Emit(stamped);
        }
    }
}

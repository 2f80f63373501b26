namespace StreamLearn.Formats;

internal sealed class HostSource : Source<Batch>
{
    private readonly HostTelemetryOptions _options;
    private readonly OperatorContext _context;
    private readonly RowStage _stage;
    private readonly HostReading _reading;
    private readonly DateTimeOffset _start;
    private long _readings;     // number of completed readings, including missed ones

    internal HostSource(HostTelemetryOptions options, Schema schema, OperatorContext context)
    {
        (_options, _context, _start) = (options, context, context.Now);
        _stage = new(schema, options.Rows);
        _reading = new(options, context);
        _reading.Begin();
    }

    public override bool LooksAgain => true;

    public override DateTimeOffset? NextAt
    {
        get
        {
            if (!IsFull && _context.Now >= Due) { Read(); }
            return IsFull ? _context.Now : Due;
        }
    }

    private bool IsFull => _stage.Rows == _options.Rows;

    private DateTimeOffset Due => _start + ((_readings + 1) * _options.Interval);

    public override Batch Next() => NextAt is not null && IsFull
        ? _stage.Take(_context.Pool) : throw new InvalidOperationException("there is no reading");

    private void Read()
    {
        var over = (_context.Now - _start).Ticks / _options.Interval.Ticks;
        if (over > _readings + 1) { _context.Record("readings-missed", over - _readings - 1); }
        _readings = over;
        _reading.Write(_stage);
    }
}

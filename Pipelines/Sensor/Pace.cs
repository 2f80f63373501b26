namespace Sensor;

internal static class PaceExtensions
{
    /// <summary>Delays a batch until its last row's time, relative to the first batch. Reads few rows ahead, because a drain still plays
    /// those.</summary>
    internal static Flow<Batch> AtPace(this Flow<Batch> flow, double speed) => double.IsPositiveInfinity(speed) ? flow
        : flow.Buffer(1).Via("pace", new PaceOptions(speed),
            static (PaceOptions options, OperatorContext context, IOutput<Batch> output) => new PaceRows(options.Speed, context, output));
}

internal sealed record PaceOptions(double Speed) : IBlockOptions
{
    public string State => "a batch that waits";

    public int? MaxRows(int? input) => input;

    public override string ToString() => FormattableString.Invariant($"{Speed}x");
}

/// <summary>Times that decrease or jump far restart the pace.</summary>
internal sealed class PaceRows(double speed, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IStateful, IDisposable
{
    private const long LongestStep = 60_000_000_000;     // a longer step is a pause in the recording
    private const int TimesUsual = 10;                   // if it is also ten times the usual step

    private Batch? _held;
    private long? _last;            // time of the last row
    private DateTimeOffset _due;    // due time of the last row
    private long _usual;            // usual step; 0 if unknown

    public override bool Ready => _held is null;

    public string StateFormat => "pace/2";

    public override void Process(Batch input)
    {
        if (input.Rows == 0)
        {
            output.Emit(input);
            return;
        }

        var times = input[Schema.TimeColumn].Values<long>();
        var (first, time) = (times[0], times[^1]);
        var (step, gap, span) = (time - (_last ?? time), first - (_last ?? first), time - first);
        var isPause = gap > LongestStep && _usual > 0 && gap / TimesUsual > _usual;
        _due = _last is null || step < 0 || isPause ? context.Now : _due + TimeSpan.FromTicks((long)(step / 100 / speed));
        _usual = span > 0 ? span / (times.Length - 1) : gap > 0 && !isPause ? gap : _usual;
        _last = time;
        if (_due <= context.Now)
        {
            output.Emit(input);
            return;
        }

        _held = input;
        context.WakeAt(_due);
    }

    public override void WakeUp()
    {
        if (_held is not { } batch) { return; }
        if (context.Now < _due)
        {
            context.WakeAt(_due);
            return;
        }

        _held = null;
        output.Emit(batch);
    }

    public override void Complete()
    {
        if (_held is { } batch) { output.Emit(batch); }
        _held = null;
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _held);
        s.Value(ref _last);
        s.Value(ref _usual);
        var due = s.ClockTime(_last is null ? null : _due);
        if (s.IsWriting) { return; }
        _due = due ?? default;
        if (_held is not null) { context.WakeAt(_due); }
    }

    public void Dispose()
    {
        _held?.Dispose();
        _held = null;
    }
}

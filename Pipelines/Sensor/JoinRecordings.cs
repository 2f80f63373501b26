namespace Sensor;

internal static class JoinRecordingsExtensions
{
    /// <summary>Shifts a recording's times behind its predecessor. Recordings start with each file and where time falls.
    /// <paramref name="column"/>: int32 file number, replaced by the recording's; null: one file. <paramref name="rate"/>: rows a second;
    /// null: by the times.</summary>
    internal static Flow<Batch> JoinRecordings(this Flow<Batch> flow, string? column, double? rate) =>
        flow.Via("recordings", new JoinRecordingsOptions(column, rate),
            static (JoinRecordingsOptions options, OperatorContext context, IOutput<Batch> output) => new JoinRecordings(options, output));
}

internal sealed record JoinRecordingsOptions(string? Column, double? Rate) : IBlockOptions
{
    public string State => "the last time";

    public Schema Output(Schema input) => input;

    public int? MaxRows(int? input) => input;

    public override string ToString() => Rate is { } rate ? FormattableString.Invariant($"{rate} rows a second") : "";
}

internal sealed class JoinRecordings(JoinRecordingsOptions options, IOutput<Batch> output) : Operator<Batch>, IStateful
{
    private const long MaxTime = 1L << 62;         // nanoseconds since 1970; later times are invalid
    private const double PauseRows = 16_384;        // gap between recordings in rows, longer than a few windows

    private bool _hasBegun;
    private int _file;
    private int _number;
    private long _time;         // time of the last row in its file
    private long _moved;        // offset added to that time
    private long _step = long.MaxValue;

    public string StateFormat => "join-recordings/1";

    public override void Process(Batch input)
    {
        var batch = input.ToWritable();
        var times = batch[Schema.TimeColumn].Writable<long>();
        var files = options.Column is { } column ? batch[column].Writable<int>() : default;
        for (var row = 0; row < batch.Rows; row++)
        {
            var file = files.IsEmpty ? 0 : files[row];
            if (times[row] is > -MaxTime and < MaxTime) { times[row] = Moved(times[row], file); }
            if (!files.IsEmpty) { files[row] = _number; }
        }

        output.Emit(batch);
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _hasBegun);
        s.Value(ref _file);
        s.Value(ref _number);
        s.Value(ref _time);
        s.Value(ref _moved);
        s.Value(ref _step);
    }

    private long Moved(long time, int file)
    {
        if (_hasBegun && (file != _file || time < _time))
        {
            var pause = options.Rate is { } rate ? PauseRows / rate * 1e9 : _step == long.MaxValue ? 1 : PauseRows * _step;
            _moved = Math.Max(0, (long)Math.Min(MaxTime, _time + (double)_moved + pause) - time);
            _number++;
        }
        else if (_hasBegun && time > _time) { _step = Math.Min(_step, time - _time); }

        (_hasBegun, _file, _time) = (true, file, time);
        return time + _moved;
    }
}

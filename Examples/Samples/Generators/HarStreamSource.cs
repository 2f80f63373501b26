namespace StreamLearn.Samples;

internal sealed class HarStreamSource : Source<Batch>, ISeekable
{
    private const long NanosecondsPerRow = 1_000_000_000 / HarStream.RowsPerSecond;

    private readonly HarStreamOptions _options;
    private readonly OperatorContext _context;
    private readonly DateTimeOffset _runStart;
    private readonly long _firstTime;
    private readonly long _rows;
    private readonly RandomStream _bouts;
    private readonly GaitWave _wave;
    private long _row;
    private long _boutEnd;
    private int _activity = -1;

    internal HarStreamSource(HarStreamOptions options, OperatorContext context)
    {
        (_options, _context, _runStart) = (options, context, context.Now);
        _firstTime = (options.Start.UtcDateTime - DateTime.UnixEpoch).Ticks * 100;
        _rows = Math.Max(1, RowsIn(options.Duration));
        var seed = options.Seed ?? context.Seed;
        _bouts = new(seed, "har-stream bouts", $"user {options.User}");
        _wave = new(new(seed, "har-stream user", $"user {options.User}"));
    }

    public override DateTimeOffset? NextAt =>
        _row == _rows ? _options.StayOpen ? DateTimeOffset.MaxValue : null
            : _runStart + TimeSpan.FromSeconds((_row + NextRows) / (HarStream.RowsPerSecond * _options.SpeedUp));

    private int NextRows => (int)Math.Min(_options.BatchRows, _rows - _row);

    public override Batch Next()
    {
        var batch = _context.Pool.Rent(HarStream.Schema, NextRows);
        var times = batch.Columns[0].Writable<long>();
        for (var i = 0; i < times.Length; i++) { times[i] = _firstTime + ((_row + i) * NanosecondsPerRow); }
        var labels = batch.Columns[7].Writable<int>();
        for (var done = 0; done < batch.Rows;)
        {
            if (_row == _boutEnd) { BeginBout(); }
            var rows = (int)Math.Min(batch.Rows - done, _boutEnd - _row);
            labels.Slice(done, rows).Fill(_activity);
            _wave.Write(batch, done, rows);
            done += rows;
            _row += rows;
        }

        return batch;
    }

    /// <summary>Generates the skipped messages, since each depends on earlier ones.</summary>
    public void Seek(long messages)
    {
        for (; messages > 0 && _row < _rows; messages--) { Next().Dispose(); }
        if (messages > 0) { throw new StateException($"expected {messages} more messages: the stream has become shorter"); }
    }

    private static long RowsIn(TimeSpan time) => (long)Math.Round(time.TotalSeconds * HarStream.RowsPerSecond);

    private void BeginBout()
    {
        var shortest = RowsIn(_options.MinBout);
        _boutEnd = _row + shortest + _bouts.NextInt64(RowsIn(_options.MaxBout) - shortest + 1);
        var classes = HarStream.Activities.Length;
        _activity = _activity < 0 ? _bouts.NextInt32(classes) : (_activity + 1 + _bouts.NextInt32(classes - 1)) % classes;
        _wave.Begin(_activity, turned: Drifts(_bouts.NextDouble()), _bouts);
    }

    private bool Drifts(double chance)
    {
        var since = TimeSpan.FromSeconds((double)_row / HarStream.RowsPerSecond) - _options.DriftAt;
        if (since < TimeSpan.Zero) { return false; }
        return _options.Drift switch
        {
            ConceptDrift.Abrupt => true,
            ConceptDrift.Gradual => chance < since / _options.DriftTime,
            ConceptDrift.Recurring => (long)(since / _options.DriftTime) % 2 == 0,
            _ => false,
        };
    }
}

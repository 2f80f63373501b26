namespace StreamLearn.Nodes;

internal sealed class SplitRounds(ModelPlan plan, SplitTrainOptions options, OperatorContext context)
{
    private readonly RunningMoments _own = new(plan.Input);         // moments of all rows, used until a version has those of the fleet
    private readonly RunningMoments _since = new(plan.Input);       // moments of the last round
    private bool _hasScale;
    private ModelVersion _base;
    private bool _joined;
    private int _left;              // number of batches in the round that are not sent yet
    private int _batches;           // number of batches used for learning
    private int _rows;
    private double _loss;
    private long _before;           // number of batches in earlier rounds
    private DateTimeOffset _began;
    private DateTimeOffset _sent;           // time of the newest batch
    private TimeSpan _busy;                 // time between steps without waiting for rows
    private int _busySteps;
    private DateTimeOffset _last;

    internal bool AreOn => options.RoundBatches > 0;

    internal bool IsOver => AreOn && _left == 0;

    internal bool Joins => !_joined;

    internal void State(ref StateStream s)
    {
        _base = s.Value(_base);
        s.Value(ref _joined);
        s.Value(ref _left, 0, int.MaxValue);
        s.Value(ref _batches, 0, int.MaxValue);
        s.Value(ref _rows, 0, int.MaxValue);
        s.Value(ref _loss);
        s.Value(ref _before);
        s.ClockTime(ref _began);
        s.ClockTime(ref _sent);
        s.Value(ref _busy);
        s.Value(ref _busySteps, 0, int.MaxValue);
        s.ClockTime(ref _last);
        s.Value(ref _hasScale);
        _own.State(ref s);
        _since.State(ref s);
    }

    internal void See(FeatureRows rows)
    {
        if (!AreOn || !options.LearnsScale) { return; }
        for (var r = 0; r < rows.Count; r++)
        {
            if (!_hasScale) { _own.Add(rows[r]); }
            _since.Add(rows[r]);
        }
    }

    internal ChannelMoments? Moments => options.LearnsScale ? _since.Given() : null;

    /// <summary>The scale of the device's own rows, used until a version has that of the fleet; null: use that of the version.</summary>
    internal RunningMoments? OwnScale => options.LearnsScale && !_hasScale ? _own : null;

    internal void Send() => (_left, _sent) = (Math.Max(0, _left - 1), context.Now);

    internal void Add(float loss, int rows)
    {
        (_batches, _rows, _loss) = (_batches + 1, _rows + rows, _loss + loss);
        if (_batches > 1 && _sent == _last) { (_busy, _busySteps) = (_busy + (context.Now - _last), _busySteps + 1); }
        _last = context.Now;
    }

    internal long Begin(ModelVersion version, bool hasScale)
    {
        _hasScale |= hasScale;
        if (_joined) { _since.Clear(); }
        (_base, _joined, _left) = (version, true, options.RoundBatches);
        _before += _batches;
        (_batches, _rows, _loss) = (0, 0, 0);
        (_began, _last, _busy, _busySteps) = (context.Now, context.Now, TimeSpan.Zero, 0);
        return _before;
    }

    internal int Batches => _batches;

    /// <summary>Cancels the round and returns its number of rows; the device then rejoins.</summary>
    internal int Void()
    {
        var rows = _rows;
        (_joined, _left, _batches, _rows, _loss) = (false, 0, 0, 0, 0);
        return rows;
    }

    internal SplitRound End(bool isLast) => new()
    {
        Base = _base,
        Batches = _batches,
        Rows = _joined ? _rows : options.RoundBatches * options.BatchRows,
        Loss = _batches == 0 ? 0 : (float)(_loss / _batches),
        Time = _last - _began,
        TimePerBatch = _busySteps == 0 ? TimeSpan.Zero : _busy / _busySteps,
        IsLast = isLast,
    };
}

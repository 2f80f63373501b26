namespace StreamLearn.Learning;

/// <summary>How unusual a row is.</summary>
/// <param name="Score">The score, at least 0, in the rule's unit.</param>
/// <param name="IsAlert">True if the score is beyond the threshold.</param>
/// <param name="Channel">The channel that contributes most to the alert, from 0; −1 without an alert or if unknown.</param>
public readonly record struct AnomalyScore(float Score, bool IsAlert, int Channel);

/// <summary>Scores rows without a pipeline, as <c>DetectAnomalies</c> does. The first rows count as usual and raise no alert.</summary>
public sealed class AnomalyDetector
{
    private readonly AnomalyRule _rule;
    private readonly AnomalyOptions _options;
    private readonly IAnomalyStatistic _statistic;
    private readonly int _taught;       // number of rows before those that set the threshold
    private readonly float[] _held;     // scores that set the threshold
    private long _rows;
    private double _smoothed;
    private double _threshold;

    /// <summary>Creates a detector.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="channels">Values per row, at least 1.</param>
    /// <param name="options">The number of rows to learn from, and the false alarm rate; columns are ignored. Null: defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the rule needs another number of channels or more rows to learn
    /// from.</exception>
    public AnomalyDetector(AnomalyRule rule, int channels, AnomalyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        _options = options ?? new();
        rule.Check();
        _options.Check();
        _options.CheckRows(rule, channels);
        if (rule.Channels is { } only && only != channels)
        {
            throw new ArgumentException($"expected {only} channels for {rule}, got {channels}", nameof(channels));
        }

        (_rule, _statistic, _threshold) = (rule, rule.Create(channels), _options.Threshold ?? 0);
        _taught = _options.TaughtRows(rule, channels);
        _held = new float[_options.LearnRows - _taught];
        if (!_options.FitsUsual(channels))
        {
            throw new ArgumentException($"expected {_options.LearnRows} baseline rows of {channels} channels", nameof(options));
        }

        for (var at = 0; !_options.UsualRows.IsDefault && at < _options.UsualRows.Length; at += channels)
        {
            Judge(_options.UsualRows.AsSpan(at, channels));
        }
    }

    /// <summary>The settings.</summary>
    public AnomalyOptions Options => _options;

    /// <summary>Number of scored rows.</summary>
    public long Rows => _rows;

    /// <summary>Score beyond which a row is an alert; null while learning.</summary>
    public double? Threshold => _rows < _options.LearnRows ? null : _threshold;

    /// <summary>Returns true if the rule can score a row: no value is infinite, and none is missing or, for rules that skip missing values,
    /// not all are.</summary>
    /// <param name="row">The values; NaN: missing.</param>
    public bool Takes(ReadOnlySpan<float> row) => _rule.Takes(row);

    /// <summary>Scores a row by earlier ones, then learns from it.</summary>
    /// <param name="row">A row that the rule accepts (<see cref="Takes"/>).</param>
    public AnomalyScore Judge(ReadOnlySpan<float> row)
    {
        var score = Math.Min(_statistic.Add(row, _rows < (_rule.LearnsAlong ? _options.LearnRows : _taught)), float.MaxValue);
        var share = 2.0 / (_options.Smoothing + 1);
        _smoothed = _rows == _taught ? score : (share * score) + ((1 - share) * _smoothed);
        var given = (float)_smoothed;
        var isAlert = _rows >= _options.LearnRows && given > _threshold;
        if (_rows >= _taught && _rows < _options.LearnRows) { _held[_rows - _taught] = given; }
        if (++_rows == _options.LearnRows && _options.Threshold is null) { _threshold = TailThreshold.Of(_held, _options.FalseAlarmRate); }
        return new(given, isAlert, isAlert ? _statistic.Channel : -1);
    }

    /// <summary>Saves or restores what was learned.</summary>
    /// <param name="s">The checkpoint of a detector with equal settings.</param>
    public void State(ref StateStream s)
    {
        s.Value(ref _rows);
        s.Value(ref _smoothed);
        s.Value(ref _threshold);
        if (_rows < 0) { throw new StateException($"expected a count from 0, got {_rows}"); }
        if (_rows < _options.LearnRows) { s.Values(_held.AsSpan(0, (int)Math.Max(0, _rows - _taught))); }
        _statistic.State(ref s);
    }
}

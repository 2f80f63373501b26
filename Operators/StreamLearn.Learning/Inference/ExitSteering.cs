namespace StreamLearn.Learning;

/// <summary>Moves along a curve of thresholds by the loss at exits, measured on rows that run to the end.</summary>
/// <remarks>Starts closed: every row runs to the end and evaluates all choices. After 5 ÷ bound rows the cheapest proven choice opens; 64
/// comparisons advance it by one. If the mean loss is above the bound, it moves back; two losses in close succession close and reset it.
/// After a loss, a new version or an unusual exit rate, which appears sooner than losses, it compares ten times more rows.</remarks>
internal sealed class ExitSteering
{
    private const int RowsPerDecision = 32, RecentRows = 128, SuspectRows = 256, ForwardRows = 64, FadingRows = 2000, Choices = 16;
    private const double AlarmAt = 1.5, LossesToOpen = 5, Deviations = 1.64, UnusualDeviations = 4, MinUnusual = 0.05, Raised = 10;

    private readonly IStagedModel _model;
    private readonly AdaptiveExits _options;
    private readonly ImmutableArray<ExitRule> _rules;       // from the cheapest to the one without early exits
    private readonly double[] _lost;                        // by choice: fading sums over compared rows
    private readonly double[] _squares;
    private readonly double[] _early;
    private readonly double[] _losses;                      // losses of one row by exit
    private int _index;
    private double _compared;
    private double _sinceMove;
    private double _evidence;       // recent losses of the current choice beyond twice the bound
    private double _usual;          // share of rows that leave early, from compared rows
    private double _recent;         // the same for recent rows
    private int _suspectRows;
    private long _rows;
    private long _alarms;
    private bool _isNext;

    internal ExitSteering(IStagedModel model, ExitCurve curve, AdaptiveExits options)
    {
        (_model, _options) = (model, options);
        var thin = curve.Thin(Choices);
        var closed = new ExitRule(curve.Measure,
            [.. Enumerable.Repeat(curve.Measure == ExitMeasure.Entropy ? 0 : float.PositiveInfinity, model.ExitCount - 1)])
        { Temperature = curve.Temperature };
        _rules = [.. Enumerable.Range(0, thin.Points.Length).Select(thin.RuleAt).Where(r => r != closed), closed];
        _lost = new double[_rules.Length];
        (_squares, _early, _losses) = (new double[_rules.Length], new double[_rules.Length], new double[model.ExitCount]);
        _index = Closed;
    }

    internal static long StateBytes => (3 * (Choices + 1) * 8L) + 80;

    internal int Index => _index;

    internal ExitRule Rule => _rules[_index];

    internal double Share => _index == Closed ? 1 : _suspectRows > 0 ? Math.Min(1, Raised * _options.Share) : _options.Share;

    internal double Loss => _compared > 0 ? _lost[_index] / _compared : 0;

    internal long Alarms => _alarms;

    private int Closed => _rules.Length - 1;

    internal void State(ref StateStream s)
    {
        s.Value(ref _index, 0, Closed);
        s.Value(ref _compared);
        s.Value(ref _sinceMove);
        s.Value(ref _evidence);
        s.Value(ref _usual);
        s.Value(ref _recent);
        s.Value(ref _suspectRows, 0, SuspectRows);
        s.Value(ref _rows);
        s.Value(ref _alarms);
        s.Values<double>(_lost);
        s.Values<double>(_squares);
        s.Values<double>(_early);
    }

    /// <summary>Returns how many of the next rows have the same setting.</summary>
    internal (int Rows, bool AreCompared) Next(RandomStream random, int rows)
    {
        rows = Math.Min(rows, RowsPerDecision - (int)(_rows % RowsPerDecision));
        if (_index == Closed) { return (rows, true); }
        var run = 0;
        while (!_isNext && run < rows)
        {
            _isNext = random.NextDouble() < Share;
            run += _isNext ? 0 : 1;
        }

        if (run > 0) { return (run, false); }
        _isNext = false;
        return (1, true);
    }

    internal void Pass(ReadOnlySpan<int> exits)
    {
        foreach (var exit in exits) { Count(exit < _model.ExitCount - 1); }
    }

    /// <summary>Without a label, the loss is the one that the last exit expects.</summary>
    internal void Compare(ReadOnlySpan<float> logits, int rows, int row, int label, ReadOnlySpan<float> probabilities)
    {
        var (classes, end) = (probabilities.Length, ModelPlan.ClassOf(probabilities));
        for (var exit = 0; exit < _losses.Length; exit++)
        {
            var answer = ModelPlan.ClassOf(Of(logits, exit));
            _losses[exit] = label >= 0 ? (end == label ? 1 : 0) - (answer == label ? 1 : 0) : probabilities[end] - probabilities[answer];
            if (!double.IsFinite(_losses[exit])) { _losses[exit] = 0; }
        }

        var keep = _compared < FadingRows ? 1 : 1 - (1.0 / FadingRows);
        var (loss, isEarly) = (0.0, false);
        for (var i = 0; i < _rules.Length; i++)
        {
            var exit = 0;
            while (!_rules[i].Leaves(exit, Of(logits, exit))) { exit++; }
            var leaves = exit < _losses.Length - 1;
            _lost[i] = (keep * _lost[i]) + _losses[exit];
            _squares[i] = (keep * _squares[i]) + (_losses[exit] * _losses[exit]);
            _early[i] = (keep * _early[i]) + (leaves ? 1 : 0);
            if (i == _index) { (loss, isEarly) = (_losses[exit], leaves); }
        }

        (_compared, _sinceMove) = ((keep * _compared) + 1, _sinceMove + 1);
        if (_index < Closed)
        {
            _evidence = Math.Max(0, _evidence + loss - (2 * _options.Bound));
            if (_evidence >= AlarmAt) { Alarm(); }
            else if (loss > 0.5) { Suspect(); }
        }

        Count(isEarly);

        ReadOnlySpan<float> Of(ReadOnlySpan<float> all, int exit) => all.Slice(((exit * rows) + row) * classes, classes);
    }

    internal void Suspect() => _suspectRows = _index == Closed ? 0 : SuspectRows;

    internal void Alarm()
    {
        Array.Clear(_lost);
        Array.Clear(_squares);
        Array.Clear(_early);
        (_compared, _suspectRows) = (0, 0);
        _alarms++;
        Move(Closed);
    }

    private void Count(bool isEarly)
    {
        _recent += ((isEarly ? 1 : 0) - _recent) / RecentRows;
        if (++_rows % RowsPerDecision == 0) { Decide(); }
    }

    private void Decide()
    {
        if (_suspectRows > 0)
        {
            _suspectRows -= RowsPerDecision;
            if (_suspectRows == 0) { _usual = _recent; }        // the suspicion was unfounded
        }
        else if (_index < Closed)
        {
            var deviation = Math.Sqrt(_usual * (1 - _usual) / (2 * RecentRows));
            if (Math.Abs(_recent - _usual) > MinUnusual + (UnusualDeviations * deviation)) { Suspect(); }
        }

        if (_compared * _options.Bound < LossesToOpen) { return; }
        var shown = 0;
        while (shown < Closed && HighestLoss(shown) > _options.Bound) { shown++; }
        if (_index == Closed || (shown > _index && Loss > _options.Bound)) { Move(shown); }
        else if (shown < _index && _sinceMove >= ForwardRows) { Move(_index - 1); }
    }

    /// <summary>Returns the upper confidence bound of a choice's loss.</summary>
    private double HighestLoss(int choice) => (_lost[choice] + 1 + (Deviations * Math.Sqrt(_squares[choice] + 1))) / _compared;

    private void Move(int index)
    {
        if (index == _index) { return; }
        (_index, _sinceMove, _evidence) = (index, 0, 0);
        _usual = _recent = _compared > 0 ? _early[index] / _compared : 0;
    }
}

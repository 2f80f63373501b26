namespace StreamLearn.Learning;

/// <summary>Answers rows, then learns from them, independently of batch boundaries.</summary>
internal sealed class Learn : Operator<Batch>, IStateful, IControlledBy<DriftAlarm>
{
    private const string OneMemory = "learn/1";     // format for learners with a single scale memory

    private readonly LearnBlock _block;
    private readonly IModel _model;
    private readonly LearnOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _output;
    private readonly IOutput<Evaluation> _evaluations;
    private readonly IOutput<Weights> _versions;
    private readonly MessageNumbers _numbers;
    private readonly FeatureRows _rows;
    private readonly TargetRows _told;
    private readonly AnswerBatches _answers;
    private readonly OnlineLearner[] _learners;     // for each scale memory one learner per rate
    private readonly double[] _losses;              // losses of one row by learner
    private readonly NewRows _new;
    private readonly Scoreboard _board;
    private readonly IDriftStatistic? _drift;
    private readonly Memory<float> _gradients;
    private readonly Workspace _memory = new();
    private int _raised;        // remaining steps at a raised rate
    private long _sinceVersion;
    private bool _hasBegun;

    internal Learn(LearnBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<Evaluation> evaluations,
        IOutput<Weights> versions)
    {
        (_block, _model, _options, _context) = (block, block.Model, block.Options, context);
        (_output, _evaluations, _versions) = (answers, evaluations, versions);
        var plan = _model.Plan;
        (_numbers, _rows, _told) = (new(null, context), new(plan, context, labelled: false), new(plan, _options, context));
        (_answers, _board) = (new(new(_model, _options.Key), context), new(_model));
        var factor = _options.Reaction.RateFactor;
        var memories = _options.ScaleRows;
        _new = new(_model, _options, memories.AsSpan(), context);
        _learners = [.. memories.SelectMany((_, m) => block.Optimizers.Select(o => new OnlineLearner(
            _model, o, o with { LearningRate = o.LearningRate * factor }, _new.Moments[m], _options.FadingFactor)))];
        _losses = new double[_learners.Length];
        _drift = plan.Target == TargetKind.Label ? _options.Drift?.Create() : null;
        _gradients = plan.Zeros();
    }

    public string StateFormat => "learn/2";

    public IReadOnlyList<string> EarlierFormats => [OneMemory];

    public void State(ref StateStream s)
    {
        _numbers.State(ref s);
        var memories = s.Format == OneMemory ? 1 : _new.Moments.Length;
        var expected = _learners.Length / _new.Moments.Length * memories;
        var learners = s.Value(expected, 0, int.MaxValue);
        if (learners != expected) { throw new StateException($"expected {expected} learners, got {learners}"); }
        foreach (var learner in _learners.AsSpan(0, learners)) { learner.State(ref s); }
        for (var l = learners; l < _learners.Length; l++) { _learners[l].StartFrom(_learners[l % learners]); }
        _new.State(ref s, memories);
        _board.State(ref s);
        _drift?.State(ref s);
        s.Value(ref _raised, 0, int.MaxValue);
        s.Value(ref _sinceVersion);
        s.Value(ref _hasBegun);
    }

    public override void Process(Batch input)
    {
        if (!_rows.Read(input) || !_told.Read(input, _rows))
        {
            _context.Drop(input, "schema");
            return;
        }

        if (_rows.Count > 0 && Learned(input) is { } answers) { _output.Emit(answers); }
        input.Dispose();
        if (_sinceVersion >= _options.EveryRows) { Publish(); }
    }

    public void Control(DriftAlarm message)
    {
        if (message.Level != DriftLevel.Drift) { return; }
        _context.Record("alarms");
        React();
    }

    public override void Complete()
    {
        if (_sinceVersion > 0) { Publish(); }
    }

    /// <summary>Returns the learned rows; null: no row has an answer.</summary>
    private Batch? Learned(Batch input)
    {
        if (!_hasBegun)
        {
            foreach (var learner in _learners) { learner.Keep(); }
            _hasBegun = true;
        }

        var width = _model.Plan.Outputs;
        var mark = _memory.Mark();
        var outputs = _memory.Rent(_rows.Count * width);
        for (var from = 0; from < _rows.Count; from += _options.RowsPerStep)
        {
            var rows = Math.Min(_options.RowsPerStep, _rows.Count - from);
            Answer(from, rows, outputs.Slice(from * width, rows * width));
            Teach(from, rows);
        }

        var rowCount = _rows.Count;
        if (!Finite.All(outputs)) { _rows.DropUnanswered(outputs, width); }
        var answers = _rows.Count == 0 ? null : _answers.Of(input, _rows, outputs[..(_rows.Count * width)]);
        _memory.Release(mark);
        _context.Charge(_learners.Length * _model.Plan.MultiplyAdds * rowCount);
        _context.Gauge("learner", Best());
        _sinceVersion += rowCount;
        return answers;
    }

    /// <summary>Every learner answers and is scored; the best one's answers are used. Overflowing answers are dropped unscored.</summary>
    private void Answer(int from, int rows, Span<float> outputs)
    {
        var (length, width) = (outputs.Length, _model.Plan.Outputs);
        var sample = _rows.Some(from, rows);
        var mark = _memory.Mark();
        var all = _memory.Rent(_learners.Length * length);
        for (var l = 0; l < _learners.Length; l++) { _model.Infer(_learners[l].Weights, sample, all.Slice(l * length, length), _memory); }

        all.Slice(Best() * length, length).CopyTo(outputs);
        for (var r = 0; r < rows; r++)
        {
            if (_told.Has(from + r)) { Judge(all[(r * width)..], length, _told.Label(from + r), _told.Target(from + r)); }
        }

        _memory.Release(mark);
        for (var r = 0; r < rows; r++)
        {
            if (!_told.Has(from + r)) { continue; }
            var answer = outputs.Slice(r * width, width);
            if (!Finite.All(answer)) { continue; }
            var isRight = _board.Count(answer, _told.Label(from + r), _told.Target(from + r));
            if (_drift?.Add(isRight ? 0 : 1) != DriftLevel.Drift) { continue; }
            _context.Record("drifts");
            React();
        }
    }

    /// <summary>Scores learners by answers that are <paramref name="apart"/> values apart. Scores are bounded: a class loss from 0 to 4, or
    /// a learner's share of all squared errors.</summary>
    private void Judge(ReadOnlySpan<float> answers, int apart, int label, float target)
    {
        var (plan, sum) = (_model.Plan, 0.0);
        for (var l = 0; l < _learners.Length; l++)
        {
            var answer = answers.Slice(l * apart, plan.Outputs);
            _losses[l] = !Finite.All(answer) ? double.NaN
                : plan.Target != TargetKind.Label ? Scoreboard.LossOf(plan, answer, label, target)
                : plan.Outputs == 1 ? BoundedLoss([1 - answer[0], answer[0]], label)
                : BoundedLoss(answer, label);
            if (!double.IsNaN(_losses[l])) { sum += _losses[l]; }
        }

        var unit = plan.Target == TargetKind.Value && sum > 0 ? sum : 1;
        for (var l = 0; l < _learners.Length; l++)
        {
            if (!double.IsNaN(_losses[l])) { _learners[l].Judge(_losses[l] / unit); }
        }
    }

    /// <summary>Returns the Brier score, plus its maximum for a wrong class: correct but unsure is better than wrong but sure.</summary>
    private static double BoundedLoss(ReadOnlySpan<float> probabilities, int label) =>
        ProbabilityScores.Brier(probabilities, label) + (ModelPlan.ClassOf(probabilities) == label ? 0 : 2);

    private void Teach(int from, int rows)
    {
        _new.Clear();
        for (var r = from; r < from + rows; r++)
        {
            if (_told.Has(r)) { _new.Add(_rows[r], _told.Label(r), _told.Target(r), _told.Weight(r)); }
        }

        if (_new.Count == 0) { return; }
        _context.Record("rows-learned", _new.Count);
        var rolledBack = 0;
        foreach (var learner in _learners) { learner.UseScale(); }
        for (var step = 0; step < _options.StepsPerRow; step++)
        {
            var sample = _new.Draw();
            foreach (var learner in _learners) { rolledBack += learner.Step(sample, _raised > 0, _gradients.Span, _memory); }
            _raised = Math.Max(0, _raised - 1);
            _context.Charge(_learners.Length * _model.Plan.StepMultiplyAdds * sample.Rows);
        }

        _context.Record("steps", (long)_options.StepsPerRow * _learners.Length);
        if (rolledBack > 0) { _context.Record("rolled-back-steps", rolledBack); }
    }

    private int Best()
    {
        var best = 0;
        for (var l = 1; l < _learners.Length; l++)
        {
            if (_learners[l].Loss < _learners[best].Loss) { best = l; }
        }

        return best;
    }

    private void React()
    {
        _raised = Math.Max(_raised, _options.Reaction.Steps);
        if (_options.Reaction.Refill) { _new.Forget(); }
        if (!_options.Reaction.ResetHead) { return; }
        foreach (var learner in _learners) { learner.ResetHead(); }
    }

    private void Publish()
    {
        var best = _learners[Best()];
        var rolledBack = best.Mend();
        if (rolledBack > 0) { _context.Record("rolled-back-steps", rolledBack); }
        var version = _numbers.Next();
        _sinceVersion = 0;
        if (_board.Rows > 0) { _evaluations.Emit(_board.Take(_context.Pipeline, version, rolledBack)); }
        _versions.Emit(new()
        {
            Version = version,
            Epoch = _numbers.Epoch,
            SchemaHash = _model.Plan.SchemaHash,
            Values = ImmutableArray.Create(best.Weights),
        });
    }
}

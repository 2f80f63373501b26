namespace StreamLearn.Learning;

/// <summary>Compares answers with labels and counts them, or measures their errors.</summary>
public sealed class Scoreboard(IModel model)
{
    private readonly ModelPlan _plan = model.Plan;
    private readonly long[] _confusion = new long[model.Plan.Classes * model.Plan.Classes];
    private double _loss;
    private long _correct;
    private ValueErrors _values;

    /// <summary>Rows since the counts were last read.</summary>
    public long Rows { get; private set; }

    /// <summary>Returns the more likely of two classes, given the probability of the second.</summary>
    public static int Answer(float second) => second > 0.5f ? 1 : 0;

    /// <summary>Saves or restores the state.</summary>
    public void State(ref StateStream s)
    {
        Rows = s.Value(Rows);
        s.Value(ref _correct);
        s.Value(ref _loss);
        s.Values<long>(_confusion);
        if (_plan.Target == TargetKind.Value) { ValueErrors.State(ref s, ref _values); }
    }

    /// <summary>Runs the model on each row and counts its answers, in row order. <paramref name="rows"/>: with labels or targets.</summary>
    public void Score(ReadOnlySpan<float> weights, in Sample rows, Workspace memory)
    {
        var mark = memory.Mark();
        var outputs = memory.Rent(rows.Rows * _plan.Outputs);
        model.Infer(weights, rows, outputs, memory);
        Count(outputs, rows);
        memory.Release(mark);
    }

    /// <summary>Runs the newest version on each row.</summary>
    public void Score(NewestModel newest, in Sample rows, Workspace memory)
    {
        var mark = memory.Mark();
        var outputs = memory.Rent(rows.Rows * _plan.Outputs);
        newest.Answer(rows, outputs, memory);
        Count(outputs, rows);
        memory.Release(mark);
    }

    /// <summary>Counts answers, <c>[rows, outputs]</c>, in row order.</summary>
    public void Count(ReadOnlySpan<float> outputs, in Sample rows)
    {
        for (var r = 0; r < rows.Rows; r++)
        {
            var answer = outputs.Slice(r * _plan.Outputs, _plan.Outputs);
            if (_plan.Target != TargetKind.Value) { Count(answer, _plan.Target == TargetKind.Label ? rows.Labels[r] : 0, 0); }
            else { Count(answer, rows.Targets.Slice(r * _plan.Outputs, _plan.Outputs)); }
        }
    }

    /// <summary>Counts the answer to a row.</summary>
    public bool Count(ReadOnlySpan<float> answer, int label, float target)
    {
        if (_plan.Target == TargetKind.Value)
        {
            Count(answer, [target]);
            return false;
        }

        _loss += LossOf(_plan, answer, label, target);
        Rows++;
        if (_plan.Target != TargetKind.Label) { return false; }
        var chosen = _plan.Outputs == 1 ? Answer(answer[0]) : ModelPlan.ClassOf(answer);
        _confusion[(label * _plan.Classes) + chosen]++;
        if (chosen != label) { return false; }
        _correct++;
        return true;
    }

    private void Count(ReadOnlySpan<float> answer, ReadOnlySpan<float> targets)
    {
        _loss += HalfSquares(answer, targets);
        Rows++;
        for (var o = 0; o < answer.Length; o++) { _values = _values.Add(answer[o], targets[o]); }
    }

    /// <summary>Returns the loss of one answer: nats for classes, half the squared error for values, otherwise the model's own.</summary>
    public static double LossOf(ModelPlan plan, ReadOnlySpan<float> answer, int label, float target)
    {
        if (plan.Target == TargetKind.Value) { return HalfSquares(answer, [target]); }
        if (plan.Target != TargetKind.Label) { return -answer[ModelPlan.ClassOf(answer)]; }
        if (plan.Outputs > 1) { return ProbabilityScores.LogLoss(answer, label); }
        return ProbabilityScores.LogLoss([1 - answer[0], answer[0]], label);
    }

    /// <summary>Returns the mean loss since the last call and resets it.</summary>
    public double TakeLoss()
    {
        var loss = _loss / Rows;
        Restart();
        return loss;
    }

    /// <summary>Returns and resets the counts.</summary>
    public Evaluation Take(string device, long version, long rolledBack = 0)
    {
        var taken = new Evaluation
        {
            Device = device,
            ModelVersion = version,
            Rows = Rows,
            Correct = _correct,
            Loss = Rows == 0 ? 0 : _loss / Rows,
            Confusion = ImmutableArray.Create(_confusion),
            RolledBack = rolledBack,
            Values = _values,
        };
        Restart();
        return taken;
    }

    private void Restart()
    {
        (Rows, _correct, _loss, _values) = (0, 0, 0, default);
        Array.Clear(_confusion);
    }

    private static double HalfSquares(ReadOnlySpan<float> answer, ReadOnlySpan<float> target)
    {
        double sum = 0;
        for (var o = 0; o < answer.Length; o++)
        {
            var difference = (double)answer[o] - target[o];
            sum += difference * difference / 2;
        }

        return sum;
    }
}

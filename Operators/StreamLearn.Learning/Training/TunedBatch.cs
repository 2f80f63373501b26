namespace StreamLearn.Learning;

/// <summary>The tuned batch size and the matching learning rate. It allocates only when choosing.</summary>
/// <remarks>It draws <see cref="Parts"/> small batches. The gradient of each represents few rows, their mean represents many. The squared
/// norms of both are averaged over choices.</remarks>
internal sealed class TunedBatch(BatchTuning tuning, IModel model, TrainOptions options, OperatorContext context, ReplayBuffer buffer)
{
    private const int Parts = 4;
    private const double MinShare = 0.05;     // minimum share of a choice in the averages, because a single choice is too noisy

    private readonly BatchDraw _draw = new(buffer, DrawKind.Replacement, context.Random);
    private readonly float[] _sum = tuning.Every is null ? [] : new float[model.Plan.Values];
    private int _most = tuning.MaxRows(model, options);
    private double _small;          // means of squared norms
    private double _large;
    private long _choices;
    private int _given;             // number of rows for which the learning rate was set
    private int _before;            // number of rows before the last change
    private long _since = -BatchSizeTuner.WarmUpSteps;      // step of the last change
    private long _next;
    private long _followed;         // step at which the rate was last adapted

    internal int Rows { get; private set; }

    private int SmallRows => Math.Min(options.BatchRows, _most);

    internal void State(ref StateStream s)
    {
        s.Value(ref _most, 1, options.LargestBatch(model.Plan));
        Rows = s.Value(Rows, 0, _most);
        s.Value(ref _given, 0, int.MaxValue);
        s.Value(ref _before, 0, int.MaxValue);
        s.Value(ref _since);
        s.Value(ref _followed);
        s.Value(ref _next);
        s.Value(ref _choices);
        s.Value(ref _small);
        s.Value(ref _large);
    }

    /// <summary>Starts from a requested number of rows; the tuned number stays while the request does not change.</summary>
    internal void Ask(int rows, long steps)
    {
        if (rows == _given) { return; }
        (_given, Rows) = (rows, Math.Min(rows, _most));
        (_before, _since, _next) = (Rows, steps - BatchSizeTuner.WarmUpSteps, steps + (tuning.Every ?? 0));
        context.Gauge("batch-rows", Rows);
    }

    /// <summary>Adapts the batch to memory; false if not even a row fits. A step always has at least one row.</summary>
    internal bool Fit(long freeBytes, long steps)
    {
        var fits = (tuning with { FreeBytes = freeBytes }).MaxRows(model, options);
        _most = Math.Max(1, fits);
        Change(Math.Min(tuning.Every is null ? _given : Rows, _most), steps);
        return fits > 0;
    }

    internal bool IsDue(long steps) => tuning.Every is not null && steps >= _next;

    internal void Choose(ReadOnlySpan<float> weights, long steps, in Sample like, Span<float> gradients, Workspace memory)
    {
        _next = steps + tuning.Every!.Value;
        var (rows, small) = (SmallRows, 0.0);
        Array.Clear(_sum);
        for (var part = 0; part < Parts; part++)
        {
            var batch = _draw.Next(rows, like.Number, like.LogitOffsets);
            model.Loss(weights, batch, gradients, memory);
            small += BatchSizeTuner.SquaredNorm(model.Plan, gradients) / Parts;
            for (var i = 0; i < _sum.Length; i++) { _sum[i] += gradients[i] * (1f / Parts); }
        }

        context.Charge(model.Plan.StepMultiplyAdds * Parts * rows);
        var large = BatchSizeTuner.SquaredNorm(model.Plan, _sum);
        if (!double.IsFinite(small) || !double.IsFinite(large)) { return; }
        var share = Math.Max(1.0 / ++_choices, MinShare);
        (_small, _large) = (_small + (share * (small - _small)), _large + (share * (large - _large)));
        Change(BatchSizeTuner.Choose(_most, BatchSizeTuner.NoiseScale(rows, _small, Parts * rows, _large)), steps);
    }

    internal Optimizer Following(Optimizer optimizer, long steps)
    {
        _followed = steps;
        return Following(optimizer);
    }

    internal Optimizer Following(Optimizer optimizer)
    {
        if (tuning.Scaling == RateScaling.None || (Rows == _given && _before == _given)) { return optimizer; }
        var rate = new FollowingRows(optimizer.Schedule, Full(_before), _before, Rows, tuning.Scaling, _since);
        return _followed >= _since + BatchSizeTuner.WarmUpSteps
            ? optimizer with { LearningRate = optimizer.LearningRate * Full(Rows) }
            : optimizer with { Schedule = rate };
    }

    private void Change(int rows, long steps)
    {
        if (rows == Rows) { return; }
        (_before, Rows, _since) = (Rows, rows, steps);
        context.Gauge("batch-rows", Rows);
    }

    private float Full(int rows) => BatchSizeTuner.Rate(1, _given, rows, tuning.Scaling, BatchSizeTuner.WarmUpSteps);

    private sealed record FollowingRows(Schedule Of, float From, int Before, int Rows, RateScaling Scaling, long Since) : Schedule
    {
        public override float Factor(long step) =>
            Of.Factor(step) * BatchSizeTuner.Rate(From, Before, Rows, Scaling, Math.Max(0, step - 1 - Since));
    }
}

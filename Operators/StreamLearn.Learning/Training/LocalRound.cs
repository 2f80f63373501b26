using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>How a device learns: its options, changed by the directives that have come.</summary>
internal readonly record struct LocalSettings(
    int StepsPerUpdate, int BatchRows, Optimizer Optimizer, float Proximal, TimeSpan? RoundTime)
{
    internal static LocalSettings Of(TrainOptions options) =>
        new(options.StepsPerUpdate, options.BatchRows, options.Optimizer, options.Proximal, null);

    /// <summary>The settings after a directive; what it leaves open stays.</summary>
    internal LocalSettings After(Directive directive, int maxBatchRows) => new(
        directive.StepsPerUpdate ?? StepsPerUpdate,
        directive.BatchRows is { } rows ? Math.Min(rows, maxBatchRows) : BatchRows,
        directive.LearningRate is { } rate && rate != Optimizer.LearningRate ? Optimizer with { LearningRate = rate } : Optimizer,
        directive.Proximal ?? Proximal,
        directive.RoundTime ?? RoundTime);
}

/// <summary>The steps from one pull of a model to the update after it. Nothing is allocated but the update.</summary>
/// <remarks>
/// Where it goes on, a round from the same version as the one before starts where that ended, and its update carries what was learned
/// since: updates of one base then add up to what was learned, none of it twice.
/// A step whose loss is not finite is not applied. Weights that are not finite are replaced by the last ones that were, at most
/// <see cref="KeepEvery"/> steps old, as they are after a second loss in a row that is not finite; the steps since then are lost.
/// </remarks>
internal sealed class LocalRound(
    IModel model, TrainOptions options, OperatorContext context, ReplayBuffer buffer, SecondThread? second, long epoch, Weights first,
    bool goesOn)
{
    /// <summary>Steps from one copy of the weights to the next.</summary>
    internal const int KeepEvery = 32;

    private const float Unseen = -30;

    private readonly Slice? _mean = model.Plan.Find(ModelPlan.ScaleMean);
    private readonly Slice? _inverse = model.Plan.Find(ModelPlan.ScaleInverse);
    private readonly BatchDraw _draw = new(buffer, options.Draw, context.Random);
    private readonly LastGood _good = new(model.Plan, options.Optimizer.StateValues);
    private readonly Workspace _memory = new(second);
    private readonly Memory<float> _weights = model.Plan.Aligned(first.Values.AsSpan());
    private readonly Memory<float> _start = goesOn ? model.Plan.Aligned(first.Values.AsSpan()) : default;    // of the round
    private readonly Memory<float> _state = model.Plan.Zeros(options.Optimizer.StateValues);
    private readonly Memory<float> _gradients = model.Plan.Zeros();
    private readonly float[] _offsets = options.AdjustLogits ? new float[model.Plan.Outputs] : [];
    private readonly TunedBatch? _tuned = options.Tuning is { } tuning ? new(tuning, model, options, context, buffer) : null;
    private LocalSettings _settings = LocalSettings.Of(options);
    private Optimizer _optimizer = After(options.Optimizer, options.StepsBefore);       // with its schedule as far as it is
    private long _stepsBefore = options.StepsBefore;
    private long _remembered;       // steps before the round that the optimizer remembers
    private DateTimeOffset _pulledAt = context.Now;
    private DateTimeOffset _lastStepAt;
    private StepCounts _counts;
    private long _number;           // of the step, in the operator's life
    private long _offsetsSeen;      // rows that the buffer had seen when the offsets were computed
    private int _failures;          // losses in a row that were not finite

    /// <summary>The model that the round started from.</summary>
    internal Weights Base { get; private set; } = first;

    /// <summary>True if this device is asked to make steps from that model.</summary>
    internal bool Invited { get; private set; } = true;

    /// <summary>Steps made, those that were taken back too.</summary>
    internal int Steps { get; private set; }

    /// <summary>Steps that were not applied, or were taken back.</summary>
    internal int RolledBack { get; private set; }

    /// <summary>The weights as learned so far.</summary>
    internal ReadOnlySpan<float> Weights => _weights.Span;

    /// <summary>Steps of the device's life that its schedule counts: those made, but for those taken back.</summary>
    internal long ScheduleSteps => _stepsBefore + _counts.Steps;

    internal int StepsPerUpdate => _settings.StepsPerUpdate;

    /// <summary>True if the update is due: all steps are made, or the time is up and there is at least one.</summary>
    internal bool IsOver => Steps >= _settings.StepsPerUpdate || (EndsAt is { } end && context.Now >= end);

    /// <summary>When the round ends with the steps that are made; null if only its last step ends it.</summary>
    internal DateTimeOffset? EndsAt => Steps > 0 ? TimeUp : null;

    private DateTimeOffset? TimeUp =>
        _settings.RoundTime is { } time && time < DateTimeOffset.MaxValue - _pulledAt ? _pulledAt + time : null;

    /// <summary>Starts a round from a model, or, if it is that of the round before and this one goes on, from where that ended.</summary>
    internal void Pull(Weights weights, LocalSettings settings)
    {
        var further = goesOn && ReferenceEquals(weights, Base);
        (Base, _settings, _pulledAt) = (weights, settings, context.Now);
        Invited = weights.Invited is not { } devices || devices.Contains(context.Pipeline);
        if (!further) { Base.Values.CopyTo(_weights.Span); }
        if (goesOn) { _weights.Span.CopyTo(_start.Span); }
        Remember(further || options.KeepOptimizerState);
        _stepsBefore = ScheduleSteps;
        (Steps, RolledBack, _counts, _failures) = (0, 0, default, 0);
        Follow();
    }

    /// <summary>Lets what the optimizer remembers live on, or start anew; what is not finite never lives on.</summary>
    private void Remember(bool livesOn)
    {
        var lives = livesOn && Finite.All(_state.Span);
        if (!lives) { _state.Span.Clear(); }
        _remembered = lives ? _remembered + _counts.Steps : 0;
    }

    /// <summary>Scales by this device's own rows while no model has come that knows the fleet's.</summary>
    internal void UseScale(RunningMoments own)
    {
        if (Base.Scale is not null || _mean is not { } mean || _inverse is not { } inverse) { return; }
        var weights = _weights.Span;
        for (var c = 0; c < mean.Length; c++)
        {
            weights[mean.Offset + c] = (float)own.Mean(c);
            weights[inverse.Offset + c] = (float)own.Inverse(c);
        }
    }

    /// <summary>Makes steps, but none beyond the end of the round; counts and work are reported once.</summary>
    /// <param name="most">Steps at most, at least 1.</param>
    /// <param name="extra">Steps beyond the round's end that may be made.</param>
    /// <returns>Steps made.</returns>
    internal int Run(long most, int extra = 0)
    {
        var left = extra > 0 ? Math.Max(0, LeftWith(extra))
            : IsOver ? 0
            : TimeUp is { } end && context.Now >= end ? 1
            : _settings.StepsPerUpdate - Steps;
        var steps = (int)Math.Min(most, left);
        if (steps == 0) { return 0; }
        if (Steps == 0) { _good.Keep(_weights.Span, _state.Span, _counts); }
        if (_tuned is { Rows: 0 }) { Follow(); }
        var (rolledBack, rows) = (RolledBack, 0L);
        for (var step = 0; step < steps; step++) { rows += Step(); }
        _lastStepAt = context.Now;
        context.Charge(model.Plan.StepMultiplyAdds * rows);
        context.Record("steps", steps);
        context.Record("rows-trained", rows);
        Report(rolledBack);
        return steps;
    }

    /// <summary>Steps that are left if so many may be made beyond the round's end.</summary>
    internal int LeftWith(int extra) => _settings.StepsPerUpdate + extra - Steps;

    /// <summary>What the steps have learned.</summary>
    internal WeightDelta Update(long sequence, ChannelMoments? moments, bool leaving)
    {
        var rolledBack = RolledBack;
        if (Steps > 0 && !Finite.All(_weights.Span)) { Restore(); }
        var values = Learned();
        Report(rolledBack);
        return new()
        {
            Device = context.Pipeline,
            Epoch = epoch,
            Sequence = sequence,
            BaseVersion = Base.Version,
            BaseEpoch = Base.Epoch,
            Samples = (int)Math.Min(_counts.Visits, int.MaxValue),
            SchemaHash = model.Plan.SchemaHash,
            Values = values,
            Moments = moments,
            Steps = Steps,
            RolledBack = RolledBack,
            Loss = _counts.Steps == 0 ? 0 : (float)(_counts.Loss / _counts.Steps),
            RoundTime = Steps == 0 ? default : _lastStepAt - _pulledAt,
            Leaving = leaving,
        };
    }

    /// <summary>Rows and rate of the steps to come, as the settings have them.</summary>
    private void Follow()
    {
        _tuned?.Ask(_settings.BatchRows, ScheduleSteps);
        _optimizer = After(_tuned?.Following(_settings.Optimizer, ScheduleSteps) ?? _settings.Optimizer, _stepsBefore - _remembered);
    }

    /// <summary>Keeps to other memory from the next step on.</summary>
    internal void Fit(long freeBytes)
    {
        if (_tuned?.Fit(freeBytes, ScheduleSteps) == false) { context.Record("memory-short", 1); }
        _memory.Trim();
        if (_tuned is { Rows: > 0 }) { Follow(); }
    }

    private void Choose(TunedBatch tuned)
    {
        var like = new Sample([], 0) { Number = _number, LogitOffsets = options.AdjustLogits ? Offsets() : default };
        tuned.Choose(_weights.Span, ScheduleSteps, like, _gradients.Span, _memory);
        Follow();
    }

    private static Optimizer After(Optimizer optimizer, long steps) =>
        optimizer.Schedule == Schedule.Constant ? optimizer : optimizer with { Schedule = optimizer.Schedule.After(steps) };

    /// <summary>Makes a step, and gives its rows.</summary>
    private int Step()
    {
        if (_tuned?.IsDue(ScheduleSteps) == true) { Choose(_tuned); }
        var batch = _draw.Next(_tuned?.Rows ?? _settings.BatchRows, ++_number, options.AdjustLogits ? Offsets() : default);
        var step = _remembered + _counts.Steps + 1;
        var loss = _settings.Proximal > 0
            ? Pulled(batch, step)
            : model.Step(_weights.Span, batch, _optimizer, _state.Span, step, _gradients.Span, _memory);
        Steps++;
        if (float.IsFinite(loss))
        {
            (_counts, _failures) = (_counts.Plus(batch.Rows, loss), 0);
            if (_counts.Steps - _good.Counts.Steps >= KeepEvery && !_good.Keep(_weights.Span, _state.Span, _counts)) { Restore(); }
            return batch.Rows;
        }

        RolledBack++;
        if (++_failures > 1 || !Finite.All(_weights.Span)) { Restore(); }
        return batch.Rows;
    }

    /// <summary>A step with the proximal term.</summary>
    private float Pulled(in Sample batch, long step)
    {
        var loss = model.Loss(_weights.Span, batch, _gradients.Span, _memory);
        if (!float.IsFinite(loss)) { return loss; }
        PullBack(_settings.Proximal);
        _optimizer.Step(model.Plan, _weights.Span, _gradients.Span, _state.Span, step);
        model.Plan.Renew(_gradients.Span, _weights.Span);
        return loss;
    }

    /// <summary>Goes back to the last good weights.</summary>
    private void Restore()
    {
        RolledBack += (int)(_counts.Steps - _good.Counts.Steps);
        _good.Restore(_weights.Span, _state.Span);
        (_counts, _failures) = (_good.Counts, 0);
    }

    private void Report(int rolledBackBefore)
    {
        if (RolledBack > rolledBackBefore) { context.Record("rolled-back-steps", RolledBack - rolledBackBefore); }
    }

    /// <summary>Adds μ (w − base) to the gradient.</summary>
    private void PullBack(float strength)
    {
        var pulled = Base.Values.AsSpan();
        var weights = _weights.Span;
        var gradients = _gradients.Span;
        foreach (var slice in model.Plan.Slices)
        {
            if (slice.Kind != SliceKind.Trained) { continue; }
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                gradients[i] = MathF.FusedMultiplyAdd(strength, weights[i] - pulled[i], gradients[i]);
            }
        }
    }

    /// <summary>The logarithm of each class's share in the buffer.</summary>
    private ReadOnlySpan<float> Offsets()
    {
        if (_offsetsSeen == buffer.Seen) { return _offsets; }
        _offsetsSeen = buffer.Seen;
        for (var c = 0; c < _offsets.Length; c++)
        {
            _offsets[c] = buffer.Held[c] == 0 ? Unseen : (float)Math.Log((double)buffer.Held[c] / buffer.Count);
        }

        return _offsets;
    }

    /// <summary>
    /// The differences to the start of the round, of statistics to the base, as those are averaged; all zero, and every step taken back, if
    /// one of them is not finite.
    /// </summary>
    private ImmutableArray<float> Learned()
    {
        var values = new float[_weights.Length];
        var start = goesOn ? _start.Span : Base.Values.AsSpan();
        foreach (var slice in model.Plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained && _counts.Steps > 0) { Subtract(start, slice, values); }
        }

        foreach (var slice in model.Plan.Statistics)
        {
            if (_counts.Steps > 0) { Subtract(Base.Values.AsSpan(), slice, values); }
        }

        if (!Finite.All(values))
        {
            Array.Clear(values);
            (RolledBack, _counts) = (Steps, default);
            start.CopyTo(_weights.Span);
            _state.Span.Clear();
            _remembered = 0;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private void Subtract(ReadOnlySpan<float> start, Slice slice, float[] values)
    {
        var weights = _weights.Span;
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++) { values[i] = weights[i] - start[i]; }
    }
}

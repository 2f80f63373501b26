using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>The steps from a pull to its update. It allocates only the update.</summary>
/// <remarks>A round that continues from the same version starts where the last one ended, and its update contains only the new part, so
/// updates from one base can be added. For non-finite steps see <see cref="TrainingState"/>.</remarks>
internal sealed class LocalRound(
    IModel model, TrainOptions options, OperatorContext context, ReplayBuffer buffer, Workspace memory, MessageNumbers numbers,
    Weights first, bool goesOn)
{
    private readonly BatchDraw _draw = new(buffer, options.Draw, context.Random, options.DrawSeed);
    private readonly TrainingState _learned = new(model.Plan, options.Optimizer.StateValues, first.Values.AsSpan());
    private readonly Memory<float> _start = goesOn ? model.Plan.Aligned(first.Values.AsSpan()) : default;    // first weights of the round
    private readonly Memory<float> _gradients = model.Plan.Zeros();
    private readonly ClassOffsets? _offsets = options.AdjustLogits ? new(buffer, model.Plan.Outputs) : null;
    private readonly TunedBatch? _tuned = options.Tuning is { } tuning ? new(tuning, model, options, context, buffer) : null;
    private LocalSettings _settings = LocalSettings.Of(options);
    private (LocalSettings, Directive?) _savedSettings;
    private Optimizer _optimizer = After(options.Optimizer, options.StepsBefore);       // advanced by its schedule
    private long _stepsBefore = options.StepsBefore;
    private long _remembered;       // number of steps before the round that the optimizer's state contains
    private DateTimeOffset _pulledAt = context.Now;
    private DateTimeOffset _lastStepAt;
    private long _number;           // number of the step over the life of the operator
    private Optimizer? _fast;       // used while the rate is raised
    private int _raised;            // number of remaining steps at the raised rate
    private float _warmth = 1;      // factor of the rate, which falls as visits approach their limit
    private RoundEstimate? _estimate;       // created in the first round that requests it

    internal Weights Base { get; private set; } = first;

    internal bool Invited { get; private set; } = true;

    internal int Steps { get; private set; }

    /// <summary>Steps skipped or rolled back.</summary>
    internal int RolledBack { get; private set; }

    internal long Visits { get; private set; }

    /// <summary>Ratio of visits made to visits allowed so far; 0 without a limit.</summary>
    internal double Spent => options.MaxVisits is not { } most ? 0
        : Visits / Math.Max((double)most * buffer.Seen, (double)TrainOptions.MinSteps * options.BatchRows);

    private double Shrunk => options.ShrinkAfter is { } most && Visits > 0 ? Math.Min(1, (double)most * buffer.Seen / Visits) : 1;

    internal ReadOnlySpan<float> Weights => _learned.Weights;

    /// <summary>Number of steps over the device's life, without those rolled back.</summary>
    internal long ScheduleSteps => _stepsBefore + _learned.Counts.Steps;

    internal bool IsMeasured => _settings.Estimates;

    internal int StepsPerUpdate => _settings.StepsPerUpdate;

    /// <summary>True if all steps are done, or if the time is up and there is at least one step.</summary>
    internal bool IsOver => Steps >= _settings.StepsPerUpdate || (EndsAt is { } end && context.Now >= end);

    /// <summary>When time ends the round; null if only the last step does.</summary>
    internal DateTimeOffset? EndsAt => Steps > 0 ? TimeUp : null;

    private DateTimeOffset? TimeUp =>
        _settings.RoundTime is { } time && time < DateTimeOffset.MaxValue - _pulledAt ? _pulledAt + time : null;

    internal void State(ref StateStream s, Weights newest)
    {
        Base = s.Value(ReferenceEquals(Base, newest)) ? newest : s.Weights(Base, model.Plan);
        if (s.IsReading) { Invited = Invites(Base); }
        if (goesOn) { s.Values(_start.Span); }
        _learned.State(ref s);
        _draw.State(ref s);
        _settings = _settings.State(ref s, options, options.LargestBatch(model.Plan), ref _savedSettings);
        _tuned?.State(ref s);
        Steps = s.Value(Steps, 0, int.MaxValue);
        RolledBack = s.Value(RolledBack, 0, int.MaxValue);
        s.Value(ref _stepsBefore);
        s.Value(ref _remembered);
        s.Value(ref _number);
        Visits = s.Value(Visits) is >= 0 and var visits ? visits : throw new StateException("expected visits from 0");
        _warmth = s.Value(_warmth) is >= 0 and <= 1 and var warmth ? warmth : throw new StateException("expected a warmth of 0 to 1");
        if (_remembered < 0 || _stepsBefore < _remembered)
        {
            throw new StateException($"expected 0 to {_stepsBefore} steps in the optimizer's state, got {_remembered}");
        }

        s.ClockTime(ref _pulledAt);
        s.ClockTime(ref _lastStepAt);
        s.Value(ref _raised, 0, int.MaxValue);
        if (s.IsReading)
        {
            _optimizer = Warm(After(_tuned?.Following(_settings.Optimizer) ?? _settings.Optimizer, _stepsBefore - _remembered));
            Raise();
        }

        if (!s.Value(_estimate is not null)) { return; }
        _estimate ??= new(model);
        _estimate.State(ref s, options.LargestBatch(model.Plan));
    }

    /// <summary>Reacts to a change without clearing the buffer.</summary>
    internal void React()
    {
        var reaction = options.Reaction;
        _raised = Math.Max(_raised, reaction.Steps);
        Raise();
        if (reaction.Refill)
        {
            _draw.Clear();
            Visits = 0;
            _estimate?.Forget();
        }

        if (reaction.ResetHead) { _learned.ResetHead(model.Initial.Values.AsSpan()); }
    }

    /// <summary>Starts from a model, or continues the last round of the same one.</summary>
    internal void Pull(Weights weights, LocalSettings settings)
    {
        var further = goesOn && ReferenceEquals(weights, Base);
        if (_estimate is null && settings is { Estimates: true, RoundTime: { } most } && most < TimeSpan.MaxValue)
        {
            settings = settings with { RoundTime = Waited(most) };
        }

        (Base, _settings, _pulledAt) = (weights, settings, context.Now);
        Invited = Invites(weights);
        if (!further) { Base.Values.CopyTo(_learned.Weights); }
        if (goesOn) { _learned.Weights.CopyTo(_start.Span); }
        Remember(further || options.KeepOptimizerState);
        _stepsBefore = ScheduleSteps;
        (Steps, RolledBack) = (0, 0);
        _learned.Begin();
        if (_settings.Estimates) { (_estimate ??= new(model)).Begin(weights, _settings); }
        _warmth = (float)(Shrunk * (0.5 + (0.5 * Math.Cos(Math.PI * Math.Clamp((2 * Spent) - 1, 0, 1)))));
        Follow();
    }

    /// <summary>Returns an update without steps, before the first round.</summary>
    internal WeightDelta Announcement(ChannelMoments? moments)
    {
        _pulledAt = context.Now;
        return Update(moments, leaving: false);
    }

    /// <summary>Returns how long to wait for the first round; devices that wait long should make many steps.</summary>
    private TimeSpan Waited(TimeSpan most)
    {
        var waited = context.Now - _pulledAt;
        return waited > most ? most : waited > TimeSpan.Zero ? waited : TimeSpan.FromTicks(1);
    }

    private bool Invites(Weights version) => version.Invited is not { } devices || devices.Contains(context.Pipeline);

    /// <summary>Keeps or resets optimizer state; non-finite state is always reset.</summary>
    private void Remember(bool livesOn)
    {
        var lives = livesOn && Finite.All(_learned.Optimizer);
        if (!lives) { _learned.Optimizer.Clear(); }
        _remembered = lives ? _remembered + _learned.Counts.Steps : 0;
    }

    internal void UseScale(RunningMoments own)
    {
        if (Base.Scale is null) { _learned.UseScale(own); }
    }

    /// <summary>Makes steps and stops at the end of the round; counts are reported once.</summary>
    internal int Run(long most, int extra = 0)
    {
        var left = extra > 0 ? Math.Max(0, LeftWith(extra))
            : IsOver ? 0
            : TimeUp is { } end && context.Now >= end ? 1
            : _settings.StepsPerUpdate - Steps;
        var steps = (int)Math.Min(most, left);
        if (steps == 0) { return 0; }
        if (Steps == 0) { _learned.Keep(); }
        if (_tuned is { Rows: 0 }) { Follow(); }
        var (rolledBack, rows) = (RolledBack, 0L);
        for (var step = 0; step < steps; step++) { rows += Step(); }
        Visits += rows;
        _lastStepAt = context.Now;
        context.Charge(model.Plan.StepMultiplyAdds * rows);
        context.Record("steps", steps);
        context.Record("rows-trained", rows);
        Report(rolledBack);
        return steps;
    }

    internal int LeftWith(int extra) => _settings.StepsPerUpdate + extra - Steps;

    internal WeightDelta Update(ChannelMoments? moments, bool leaving, HeldBackLoss? heldBack = null, bool resting = false)
    {
        var rolledBack = RolledBack;
        if (Steps > 0 && !Finite.All(_learned.Weights)) { RolledBack += _learned.Restore(); }
        var values = Learned();
        var counts = _learned.Counts;
        Report(rolledBack);
        return new()
        {
            Device = context.Pipeline,
            Epoch = numbers.Epoch,
            Sequence = numbers.Next(),
            BaseVersion = Base.Version,
            BaseEpoch = Base.Epoch,
            Samples = (int)Math.Min(counts.Visits, int.MaxValue),
            SchemaHash = model.Plan.SchemaHash,
            Values = values,
            Moments = moments,
            Steps = Steps,
            RolledBack = RolledBack,
            Loss = counts.Steps == 0 ? 0 : (float)(counts.Loss / counts.Steps),
            RoundTime = Steps == 0 ? default : (IsMeasured ? context.Now : _lastStepAt) - _pulledAt,
            Leaving = leaving,
            Resting = resting,
            HeldBack = heldBack,
            Estimate = _settings.Estimates && Steps > 0 ? _estimate?.End(_learned.Weights, memory) : null,
        };
    }

    private void Follow()
    {
        _tuned?.Ask(_settings.BatchRows, ScheduleSteps);
        _optimizer = Warm(After(_tuned?.Following(_settings.Optimizer, ScheduleSteps) ?? _settings.Optimizer, _stepsBefore - _remembered));
        Raise();
    }

    private Optimizer Warm(Optimizer optimizer)
    {
        if (options.Penalty > 0 && optimizer is Sgd sgd)
        {
            var rows = Base.Scale is { } scale ? Math.Max(1, scale.Count / model.Plan.Input.Samples) : Math.Max(1, buffer.Seen);
            optimizer = sgd with { WeightDecay = sgd.WeightDecay + (options.Penalty / rows) };
        }

        return _warmth is > 0 and < 1 ? optimizer with { LearningRate = optimizer.LearningRate * _warmth } : optimizer;
    }

    private void Raise() => _fast = _raised == 0 ? null
        : _optimizer with { LearningRate = _optimizer.LearningRate * options.Reaction.RateFactor };

    internal void Fit(long freeBytes)
    {
        if (_tuned?.Fit(freeBytes, ScheduleSteps) == false) { context.Record("memory-short", 1); }
        memory.Trim();
        if (_tuned is { Rows: > 0 }) { Follow(); }
    }

    private void Choose(TunedBatch tuned)
    {
        var like = new Sample([], 0) { Number = _number, LogitOffsets = _offsets is null ? default : _offsets.Now() };
        tuned.Choose(_learned.Weights, ScheduleSteps, like, _gradients.Span, memory);
        Follow();
    }

    internal static Optimizer After(Optimizer optimizer, long steps) =>
        optimizer.Schedule == Schedule.Constant ? optimizer : optimizer with { Schedule = optimizer.Schedule.After(steps) };

    private int Step()
    {
        if (_tuned?.IsDue(ScheduleSteps) == true) { Choose(_tuned); }
        var estimate = _settings.Estimates ? _estimate : null;
        var batch = estimate is not null && Steps == 0 ? estimate.First(_settings.StepsPerUpdate) : default;
        _number++;
        if (batch.Rows == 0)
        {
            batch = _draw.Next(_tuned?.Rows ?? _settings.BatchRows, _number, _offsets is null ? default : _offsets.Now());
            if (Steps == 0) { estimate?.Renew(batch, memory); }
            else if (Steps + 1 >= _settings.StepsPerUpdate || TimeUp is not null) { estimate?.Pin(batch); }
        }

        var step = _remembered + _learned.Counts.Steps + 1;
        var optimizer = _raised > 0 ? _fast! : _optimizer;
        _raised = Math.Max(0, _raised - 1);
        var loss = _settings.Proximal > 0 || estimate?.Looks(Steps) == true
            ? Watched(batch, optimizer, step, estimate)
            : model.Step(_learned.Weights, batch, optimizer, _learned.Optimizer, step, _gradients.Span, memory);
        Steps++;
        if (float.IsFinite(loss)) { RolledBack += _learned.Applied(_offsets is { AreOfOneClass: true } ? 0 : batch.Rows, loss); }
        else { RolledBack += 1 + _learned.Failed(); }
        return batch.Rows;
    }

    /// <summary>Makes a step whose gradient is needed for an estimate or the proximal term.</summary>
    private float Watched(in Sample batch, Optimizer optimizer, long step, RoundEstimate? estimate)
    {
        var loss = model.Loss(_learned.Weights, batch, _gradients.Span, memory);
        if (!float.IsFinite(loss)) { return loss; }
        if (Steps == 0) { estimate?.Measure(_learned.Weights, loss, _gradients.Span, buffer.Count, memory); }
        estimate?.Look(Steps, _gradients.Span);
        if (_settings.Proximal > 0)
        {
            WeightChange.PullBack(model.Plan, _settings.Proximal, _learned.Weights, Base.Values.AsSpan(), _gradients.Span);
        }

        optimizer.Step(model.Plan, _learned.Weights, _gradients.Span, _learned.Optimizer, step);
        foreach (var slice in model.Plan.Statistics) { WeightChange.Renew(slice, _learned.Weights, _gradients.Span, []); }
        return loss;
    }

    private void Report(int rolledBackBefore)
    {
        if (RolledBack > rolledBackBefore) { context.Record("rolled-back-steps", RolledBack - rolledBackBefore); }
    }

    /// <summary>Returns the changes since the round's start; for statistics, since the base, because those are averaged. If any is not
    /// finite, all are zero and all steps are rolled back.</summary>
    private ImmutableArray<float> Learned()
    {
        var start = goesOn ? _start.Span : Base.Values.AsSpan();
        var values = _learned.Change(start, Base.Values.AsSpan());
        if (!Finite.All(values))
        {
            Array.Clear(values);
            _learned.GoBackTo(start);
            (RolledBack, _remembered) = (Steps, 0);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}

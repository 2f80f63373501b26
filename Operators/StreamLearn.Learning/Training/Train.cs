namespace StreamLearn.Learning;

/// <summary>Blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>
    /// Learns from a stream, test then train: each row is answered before it is learned from, and what was learned is sent as updates.
    /// </summary>
    /// <remarks>
    /// Shape: rows of float32 columns in the model's order, as many for one of the model's as that has samples, and a nullable int32
    /// <c>label</c>; for a model of a value a nullable float64 <c>target</c> instead, for one that is told nothing, neither. Units:
    /// those of the columns; the model's first layer scales them.
    /// State: weights, optimizer, replay buffer of raw rows, moments, steps of the schedule; not saved. A round starts from the newest
    /// version; while none has come since the last one, it goes on from what was learned, and its update carries only what is new: a device
    /// alone forgets nothing. What the optimizer remembers lives on with that, and starts anew with each version, unless
    /// <see cref="TrainOptions.KeepOptimizerState"/>; its schedule goes on, over a restart too if <see cref="TrainOptions.StepsBefore"/>
    /// says from where. Cost: one
    /// forward pass a row, and <see cref="ModelPlan.StepMultiplyAdds"/> for each row of a step; no allocation but the messages.
    /// Emits: after every <see cref="TrainOptions.StepsPerUpdate"/> steps, and at the end, an update (main) and the evaluation of the rows
    /// since the last one (side). A version says who is invited: any other device takes rows in and answers them, but makes no steps. Its
    /// directives change steps, batch, rate, proximal term and time of the rounds that begin after it has come, until others do. A
    /// <see cref="TrainingMemory"/> bounds the rows of a step from the next one on, where they are tuned.
    /// A value far beyond all that its channel has shown is a glitch: it counts in the moments as 16 deviations, or four times the farthest
    /// value before it, and is learned from as it is, unless it lies a million times farther still. Counts <c>clipped-values</c>.
    /// A step whose loss is not finite is not applied; weights that are not finite are replaced by the last ones that were, at most 32
    /// steps old, and no update carries them.
    /// Drops: <c>unlabelled</c>, <c>bad-label</c>, <c>no-target</c>, <c>bad-target</c>, <c>non-finite</c>, <c>window-length</c> (a batch
    /// whose last window is not whole), <c>schema</c>; of models, <c>schema</c> and <c>non-finite</c>; of memory, <c>not-tuned</c>. Counts
    /// <c>steps</c>, <c>memory-short</c> (not even a row fits), <c>rows-trained</c>, <c>rolled-back-steps</c> (of these),
    /// <c>stale-models</c>, <c>bad-directives</c>; shows <c>buffer-rows</c>, <c>staleness</c>, the versions that came while the last update
    /// was made, <c>schedule-steps</c>, those that the schedule counts, and
    /// <c>batch-rows</c> where rows are tuned. A choice of rows costs what a step of four times <see cref="TrainOptions.BatchRows"/> does.
    /// Source: McMahan et al. (2017), the device's part; Li et al. (2020) for the proximal term and partial work; Gama, Sebastião,
    /// Rodrigues (2013), prequential evaluation.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions: each round starts from the newest.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    /// <exception cref="ArgumentException">The model learns from a teacher's scores, which rows do not bring along.</exception>
    public static Fork<WeightDelta, Evaluation> Train(this Flow<Batch> flow, IModel model, Flow<Weights> models,
        TrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        return flow.Via("train", Block(flow, model, options, receipts: false),
            static (TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations) =>
                new Train(block, context, deltas, evaluations)).ControlledBy(models);
    }

    /// <summary>
    /// Learns from a stream as the other overload does, and keeps to the pace of its aggregator: a round begins when there is credit for
    /// its
    /// update.
    /// </summary>
    /// <remarks>
    /// What the other overload says holds here too, but that each round starts from a version as it came, for there is an aggregator that
    /// joins the updates of one base. On the third output the device says what it holds (<see cref="Presence"/>): that it has
    /// started, each version that it has taken, and, while nothing comes, that it waits. An unanswered update is sent again under its
    /// identity, at once where a flow of connection changes steers the block (<see cref="PipelineBuilder.Connections"/>) and a
    /// session was lost. At its end the block waits for answers, for <see cref="CreditOptions.LeaveTimeout"/> at most.
    /// Drops: of receipts, <c>foreign</c> (of another device, another start, or an earlier aggregator); of models, <c>old-epoch</c> (of an
    /// earlier aggregator). Counts <c>updates-sent</c>,
    /// <c>updates-answered</c>, <c>updates-applied</c>, <c>updates-refused</c>, <c>updates-resent</c>, <c>updates-lost</c> (accepted by an
    /// aggregator that was restarted before their round ended), <c>updates-unknown</c> (unanswered at the end), <c>updates-unreported</c>
    /// (accepted, and not heard of again within 64 updates), <c>version-timeouts</c>, <c>aggregator-restarts</c>, <c>credit-wait-ms</c>;
    /// shows <c>updates-held</c>, those accepted whose round has not ended.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions, those for this device alone: each round starts from the newest.</param>
    /// <param name="receipts">The aggregator's answers to this device.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    /// <exception cref="ArgumentException">The model learns from a teacher's scores, which rows do not bring along.</exception>
    public static Fork<WeightDelta, Evaluation, Presence> Train(this Flow<Batch> flow, IModel model, Flow<Weights> models,
        Flow<Receipt> receipts, TrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(receipts);
        return flow.Via("train", Block(flow, model, options, receipts: true),
            static (TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations,
                IOutput<Presence> presences) => new Train(block, context, deltas, evaluations, presences))
            .ControlledBy(models).ControlledBy(receipts);
    }

    private static TrainBlock Block(Flow<Batch> flow, IModel model, TrainOptions? options, bool receipts)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Check(model.Plan);
        model.Check(options);
        options.Tuning?.Check(model, options);
        return new(model, options, receipts);
    }
}

/// <summary>The model and settings of a training block.</summary>
internal sealed record TrainBlock(IModel Model, TrainOptions Options, bool Receipts = false) : IBlockOptions
{
    /// <inheritdoc />
    public int MaxOutputsPerCall => Receipts ? 5 : 2;     // an update, its evaluation, and what it says of itself

    /// <inheritdoc />
    public string State => "weights, optimizer, the last good of both, replay buffer, moments" + (Receipts ? ", unanswered updates" : "");

    /// <inheritdoc />
    public long StateBytes(Schema? input)
    {
        var states = Options.Optimizer.StateValues;
        var batch = Options.Tuning?.MaxRows(Model, Options) ?? Options.LargestBatch(Model.Plan);
        var plan = Model.Memory(Math.Min(batch, BatchSizeTuner.LargestArray(Model)), Options.Optimizer, Options.Threads);
        var step = plan is null ? (2 + states) * Model.Plan.ParameterBytes : plan.TrainingBytes + plan.InferenceScratchBytes;
        var underWay = Receipts ? Options.Credit.Updates + 2 : 0;
        // pulled, last good, start of the round, tuning
        var kept = (2 + states + underWay + (Receipts ? 0 : 1) + (Options.Tuning?.Every is null ? 0 : 1)) * Model.Plan.ParameterBytes;
        return step + kept + (4L * (Model.Plan.Input.Size + 1) * (Options.BufferRows + (long)batch)) + (32L * Model.Plan.Input.Channels)
            + GlitchClip.Bytes(Model.Plan.Input);
    }

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        FeatureRows.Require(Model.Plan, input, labelled: true);
        return input;
    }

    /// <inheritdoc />
    public override string ToString() => Receipts ? $"{Model}; {Options}; {Options.Credit}" : $"{Model}; {Options}";
}

/// <summary>
/// A round is the steps from one pull of a model to the update after it. One call publishes once at most; steps still owed then come by
/// wake-up.
/// </summary>
internal sealed class Train : Operator<Batch>, IControlledBy<Weights>, IControlledBy<Receipt>,
    IControlledBy<ConnectionChange>, IControlledBy<TrainingMemory>, IDisposable
{
    private readonly IModel _model;
    private readonly TrainOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<WeightDelta> _deltas;
    private readonly IOutput<Evaluation> _evaluations;
    private readonly IOutput<Presence>? _presences;
    private readonly UpdateCredit? _credit;
    private readonly NewestModel _newest;
    private readonly FeatureRows _rows;
    private readonly ReplayBuffer _buffer;
    private readonly LocalRound _round;
    private readonly Scoreboard _board;
    private readonly RunningMoments _own;
    private readonly RunningMoments _sinceUpdate;
    private readonly GlitchClip _clip;
    private readonly Workspace _memory = new();
    private readonly SecondThread? _second;
    private readonly SessionWatch _sessions = new();
    private readonly int _maxBatchRows;
    private readonly long _epoch;
    private LocalSettings _settings;        // of the next round
    private bool _announced;
    private bool _waiting;
    private long _earned;                   // in steps × RowsPerStep
    private long _sequence;
    private bool _greeted;
    private bool _leaves;
    private DateTimeOffset? _lacksCreditSince;
    private TimeSpan _creditWait;           // before the round at hand

    internal Train(TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations,
        IOutput<Presence>? presences = null)
    {
        (_model, _options, _context, _deltas, _evaluations) = (block.Model, block.Options, context, deltas, evaluations);
        var plan = _model.Plan;
        (_newest, _rows, _board) = (new(_model, context), new(plan, context, labelled: true), new(_model));
        (_own, _sinceUpdate, _clip) = (new(plan.Input), new(plan.Input), new(plan.Input));
        _buffer = new(_options.BufferRows, plan.Input.Size, Math.Max(1, plan.Classes), _options.Buffer, plan.Target == TargetKind.Value);
        _second = _options.Threads == 2 ? new() : null;
        _epoch = StartEpoch.Of(_options.Epoch, context);
        _round = new(_model, _options, context, _buffer, _second, _epoch, _newest.Weights, goesOn: !block.Receipts);
        (_settings, _maxBatchRows, _announced) = (LocalSettings.Of(_options), _options.LargestBatch(plan), !_options.Announce);
        if (presences is null) { return; }
        (_presences, _credit) = (presences, new(_options.Credit, _epoch, _model.Initial.Version, context));
        context.WakeAt(context.Now);        // to say hello
    }

    /// <summary>
    /// Closed while steps are owed, for want of credit too, and in lock-step from an update to the next model; never, if it learns
    /// continuously. Where nobody answers any more, rows are taken in and answered without steps, as by a device that is not invited.
    /// </summary>
    public override bool Ready => _options.Continuous || !(_waiting || WantsStep) || IsUnheard;

    /// <summary>False while a device that ends waits for its answers.</summary>
    public override bool AwaitingReplies => _leaves && _credit is { IsSettled: false };

    private bool HasStarted => _buffer.Seen >= _options.StartAfterRows;

    private bool OwesStep => WantsStep && !LacksCredit;

    private bool IsUnheard => _credit is { IsUnheard: true };

    /// <summary>True if a step may not be made because there is no credit for its update.</summary>
    private bool LacksCredit => _credit is { IsAvailable: false }
        && (_options.Credit.ExtraSteps == 0 ? _round.Steps == 0 : _round.LeftWith(_options.Credit.ExtraSteps) <= 0);

    private bool WantsStep =>
        !_waiting && !_leaves && _round.Invited && HasStarted && (_options.Continuous || _earned >= _options.RowsPerStep);

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            _context.Drop(input, "schema");
            return;
        }

        input.Dispose();
        if (_rows.Count == 0) { return; }
        _board.Score(_round.Weights, _rows.Labelled, _memory);
        _context.Charge(_model.Plan.MultiplyAdds * _rows.Count);
        var targets = _rows.Targets;
        for (var r = 0; r < _rows.Count; r++) { Learn(_rows[r], _rows.Labels[r], targets.IsEmpty ? 0 : targets[r]); }
        _context.Gauge("buffer-rows", _buffer.Count);
        _round.UseScale(_own);
        Advance(_options.Continuous ? 0 : int.MaxValue);
    }

    /// <inheritdoc />
    public void Control(Weights message)
    {
        if (_credit is { } credit && credit.IsOutdated(message))
        {
            _context.Drop(message, "old-epoch");
            return;
        }

        var isNew = _newest.Take(message);
        if (_newest.Received) { Hold(); }
        if (isNew)
        {
            Follow(message);
            if (_round.Steps == 0)
            {
                _waiting &= message.Id <= _round.Base.Id;
                Pull();
            }
        }

        if (isNew || _credit is not null) { Advance(_options.Continuous ? 0 : int.MaxValue); }
    }

    /// <summary>Takes in what has become of updates: credit may return.</summary>
    public void Control(Receipt message)
    {
        if (_credit is null) { return; }
        _credit.Take(message);
        Advance(_options.Continuous ? 0 : int.MaxValue);
    }

    /// <summary>
    /// Hears of its connections: where a session was not kept, what was on the way may be lost, in both directions. When all are back, what
    /// is unanswered goes again and what is missing is asked for: no sooner, for an answer would find nobody subscribed.
    /// </summary>
    public void Control(ConnectionChange message)
    {
        if (_credit is null || !_sessions.Take(message)) { return; }
        _credit.Resend();
        Say(PresenceKind.Hello);
        Advance(_options.Continuous ? 0 : int.MaxValue);
    }

    /// <summary>Bounds the rows of the next steps; it is dropped where rows are not tuned or the model's memory is not known.</summary>
    public void Control(TrainingMemory message)
    {
        if (_options.Tuning is not null && _model.Memory(1) is not null) { _round.Fit(message.FreeBytes); }
        else { _context.Drop(message, "not-tuned"); }
    }

    public override void WakeUp()
    {
        if (!_greeted && _presences is not null)
        {
            _greeted = true;
            Say(PresenceKind.Hello);
        }

        Advance(_options.Continuous ? 1 : int.MaxValue);
    }

    public override void Complete()
    {
        _leaves = true;
        Publish(leaving: true);
        _credit?.Leave();
        WakeForCredit();
    }

    /// <inheritdoc />
    public void Dispose() => _second?.Dispose();

    private void Learn(ReadOnlySpan<float> row, int label, float target)
    {
        var counts = _clip.Take(row, out var kept);
        if (_clip.Clipped > 0) { _context.Record("clipped-values", _clip.Clipped); }
        if (_clip.HasJudged)
        {
            Restart(_own);
            Restart(_sinceUpdate);
            counts = _clip.First(_clip.FirstRows - 1);
        }

        if (_round.Base.Scale is null) { _own.Add(counts); }
        _sinceUpdate.Add(counts);
        _buffer.Add(kept, label, _context.Random, target);
        if (_options.Continuous || !HasStarted) { return; }
        _earned += _options.StepsPerRow;
        if (_round.Invited && !IsUnheard) { return; }
        _earned = Math.Min(_earned, (long)_round.StepsPerUpdate * _options.RowsPerStep);     // enough to answer an invitation at once
    }

    /// <summary>Has moments count the rows before this one as they have been judged, if they are of all of these.</summary>
    private void Restart(RunningMoments moments)
    {
        if (moments.Count != (_clip.FirstRows - 1L) * _model.Plan.Input.Samples) { return; }
        moments.Clear();
        for (var row = 0; row < _clip.FirstRows - 1; row++) { moments.Add(_clip.First(row)); }
    }

    /// <summary>Takes steps that are owed, up to the next update, and asks for the time of those after it.</summary>
    private void Advance(int steps)
    {
        var maySend = _credit is null || FollowCredit();
        if (!_announced && HasStarted && maySend)
        {
            Announce();
            steps = 0;
        }

        if (steps > 0 && OwesStep)
        {
            var extra = _credit is { IsAvailable: false } && _round.IsOver ? _options.Credit.ExtraSteps : 0;
            var made = _round.Run(_options.Continuous ? steps : Math.Min(steps, _earned / _options.RowsPerStep), extra);
            _earned -= _options.Continuous ? 0 : (long)made * _options.RowsPerStep;
        }

        if (_round.IsOver && !_leaves && _credit is not { IsAvailable: false })
        {
            if (maySend) { Publish(leaving: false); }
            else { _context.WakeAt(_context.Now); }
        }

        if (_credit is not null) { NoteLack(); }
        if (OwesStep) { _context.WakeAt(_context.Now); }
        else if (_round.EndsAt is { } end && end > _context.Now) { _context.WakeAt(end); }
        WakeForCredit();
    }

    /// <summary>Sends again what is due, asks for what is missing, and begins the round anew if credit has returned.</summary>
    /// <returns>False if an update was sent again: no other one may go with the same call.</returns>
    private bool FollowCredit()
    {
        if (_credit!.Advance(out var again)) { Say(PresenceKind.Waiting); }
        if (again is not null) { _deltas.Emit(again with { Held = _newest.Held, IsResent = true }); }
        BeginAnew();
        return again is null;
    }

    /// <summary>Where credit has returned, a round begins from the newest version.</summary>
    private void BeginAnew()
    {
        if (_lacksCreditSince is not { } since || LacksCredit) { return; }
        var waited = _context.Now - since;
        (_lacksCreditSince, _creditWait) = (null, _creditWait + waited);
        _context.Record("credit-wait-ms", (long)waited.TotalMilliseconds);
        if (_round.Steps == 0) { Pull(); }
    }

    private void NoteLack()
    {
        if (WantsStep && LacksCredit) { _lacksCreditSince ??= _context.Now; }
        _credit!.Await(!_leaves && (!_newest.Received || _waiting));
    }

    private void WakeForCredit()
    {
        if (_credit?.NextAt is { } next) { _context.WakeAt(next); }
    }

    private void Hold()
    {
        if (_credit is null) { return; }
        _credit.Hold(_newest.Weights.Id);
        Say(PresenceKind.Holding);
    }

    private void Say(PresenceKind kind) =>
        _presences!.Emit(new() { Device = _context.Pipeline, Epoch = _epoch, Kind = kind, Held = _newest.Held });

    /// <summary>Sends an update, and remembers it until it is answered.</summary>
    private void Send(WeightDelta update, bool isFree)
    {
        if (_credit is null)
        {
            _deltas.Emit(update);
            return;
        }

        var sent = update with { Held = _newest.Held, CreditWait = _creditWait };
        _creditWait = default;
        _deltas.Emit(sent);
        _credit.Sent(sent, isFree);
    }

    /// <summary>Says that this device has rows, and of which moments.</summary>
    private void Announce()
    {
        _announced = true;
        Send(_round.Update(++_sequence, _sinceUpdate.Take(), leaving: false), isFree: true);
        _waiting = _options.Pace == TrainPace.LockStep && _newest.Weights.Version <= _model.Initial.Version;
    }

    private void Publish(bool leaving)
    {
        var update = _round.Update(++_sequence, _sinceUpdate.Take(), leaving);
        Send(update, isFree: leaving);
        var behind = Math.Max(0, _newest.Weights.Version - _round.Base.Version);
        if (_board.Rows > 0) { _evaluations.Emit(_board.Take(_context.Pipeline, _round.Base.Version, update.RolledBack)); }
        _context.Gauge("staleness", behind);
        _context.Gauge("schedule-steps", _round.ScheduleSteps);
        _waiting = _options.Pace == TrainPace.LockStep && _newest.Weights.Id <= _round.Base.Id;
        Pull();
    }

    /// <summary>Starts a round from the newest model, which may be that of the round before.</summary>
    private void Pull()
    {
        _round.Pull(_newest.Weights, _settings);
        _round.UseScale(_own);
    }

    /// <summary>
    /// Notes what a version asks of this device, for the rounds to come: the directive that names it, or else the one for all.
    /// </summary>
    private void Follow(Weights version)
    {
        if (version.Directives.IsDefaultOrEmpty) { return; }
        Directive? found = null;
        foreach (var directive in version.Directives)
        {
            if (directive.Device is null) { found ??= directive; }
            else if (directive.Device == _context.Pipeline)
            {
                found = directive;
                break;
            }
        }

        if (found is null) { return; }
        if (found.IsValid) { _settings = _settings.After(found, _maxBatchRows); }
        else { _context.Record("bad-directives"); }
    }
}

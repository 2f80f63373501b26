namespace StreamLearn.Learning;

/// <summary>A call publishes at most once; remaining steps follow by wake-up.</summary>
/// <remarks>Source: McMahan et al. (2017), and the sources that <c>Train</c> names.</remarks>
internal sealed class Train : Operator<Batch>, IStateful, IControlledBy<Weights>, IControlledBy<Receipt>,
    IControlledBy<ConnectionChange>, IControlledBy<TrainingMemory>, IControlledBy<DriftAlarm>, IDisposable
{
    private readonly IModel _model;
    private readonly TrainOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Evaluation> _evaluations;
    private readonly MessageNumbers _numbers;
    private readonly UpdateCredit? _credit;
    private readonly Uplink _uplink;
    private readonly NewestModel _newest;
    private readonly FeatureRows _rows;
    private readonly SeenRows _seen;
    private readonly LocalRound _round;
    private readonly HeldBackRows? _held;
    private readonly Scoreboard _board;
    private readonly Workspace _memory = new();
    private readonly IDisposable? _second;
    private readonly SessionWatch _sessions = new();
    private readonly int _maxBatchRows;
    private LocalSettings _settings;        // settings of the next round
    private (LocalSettings, Directive?) _savedSettings;
    private bool _announced;
    private bool _waiting;
    private long _earned;                   // in steps × RowsPerStep
    private bool _leaves;
    private DateTimeOffset? _pausedUntil;
    private bool _rests;                    // true if it has reported it

    internal Train(TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations,
        IOutput<Presence>? presences = null)
    {
        (_model, _options, _context, _evaluations) = (block.Model, block.Options, context, evaluations);
        var plan = _model.Plan;
        (_newest, _rows, _board) = (new(_model, context), new(plan, context, labelled: true), new(_model));
        _seen = new(plan, _options, context, long.MaxValue);
        var memory = new Workspace();
        _second = _options.Threads == 2 ? memory.StartSecondThread() : null;
        _numbers = new(_options.Epoch, context);
        _round = new(_model, _options, context, _seen.Buffer, memory, _numbers, _newest.Weights, goesOn: !block.Receipts);
        _held = _options.HoldBack is { } holdBack ? new(_model, holdBack, context) : null;
        (_settings, _maxBatchRows, _announced) = (LocalSettings.Of(_options), _options.LargestBatch(plan), !_options.Announce);
        _credit = presences is null ? null : new(_options.Credit, _numbers, _model.Initial.Version, context);
        _uplink = new(context, _numbers, _newest, deltas, presences, _credit);
        if (presences is not null) { context.WakeAt(context.Now); }        // to send its hello
    }

    /// <summary>False while steps are due and, in lock step, until the next model; never if continuous. If no version arrives for long,
    /// rows are answered without steps.</summary>
    public override bool Ready => _options.Continuous || !(_waiting || WantsStep) || IsUnanswered;

    public override bool AwaitingReplies => _leaves && _credit is { IsSettled: false };

    private bool HasStarted => _seen.Buffer.Seen >= _options.StartAfterRows;

    private bool MayAnnounce => HasStarted && (_options.AnnounceAfterClasses == 1 || _seen.Buffer.Count == _seen.Buffer.Capacity
        || _seen.Buffer.Classes >= _options.AnnounceAfterClasses);

    /// <summary>False until a device that needs several classes has announced itself.</summary>
    private bool MayLearn => _announced || _options.AnnounceAfterClasses == 1;

    /// <summary>True between rounds if all visits are used, or all rows are held back.</summary>
    private bool MayRest => _round.Steps == 0 && (JudgesOnly || _round.Spent >= 1);

    private bool IsPaused => _pausedUntil > _context.Now;

    private bool JudgesOnly => _options.HoldBack is { Share: 1 };

    private bool OwesStep => WantsStep && !LacksCredit;

    private bool IsUnanswered => _credit is { IsUnanswered: true };

    private bool LacksCredit => _credit is { IsAvailable: false }
        && (_options.Credit.ExtraSteps == 0 ? _round.Steps == 0 : _round.LeftWith(_options.Credit.ExtraSteps) <= 0);

    private bool WantsStep =>
        !_waiting && !_leaves && _round.Invited && HasStarted && MayLearn && !MayRest && !IsPaused
        && (_options.Continuous || _earned >= _options.RowsPerStep);

    public string StateFormat => "train/9";

    public void State(ref StateStream s)
    {
        if (s.Value(_credit is not null) != _credit is not null)
        {
            var (expected, got) = _credit is null ? ("without", "with") : ("with", "without");
            throw new StateException($"expected a block {expected} receipts, got one {got}");
        }

        _numbers.State(ref s);
        _newest.State(ref s);
        if (s.IsReading) { ShowEnd(); }
        _seen.State(ref s);
        _round.State(ref s, _newest.Weights);
        if (s.Value(_held is not null) != _held is not null)
        {
            throw new StateException($"expected a block that {(_held is null ? "learns from all rows" : "holds rows back")}, got another");
        }

        _held?.State(ref s);
        _board.State(ref s);
        _credit?.State(ref s);
        _uplink.State(ref s);
        _sessions.State(ref s);
        _settings = _settings.State(ref s, _options, _maxBatchRows, ref _savedSettings);
        s.Value(ref _announced);
        s.Value(ref _waiting);
        s.Value(ref _earned);
        s.Value(ref _leaves);
        s.Value(ref _rests);
        s.ClockTime(ref _pausedUntil);
    }

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
        _context.Gauge("buffer-rows", _seen.Buffer.Count);
        _round.UseScale(_seen.Own[0]);
        Advance(_options.Continuous ? 0 : int.MaxValue);
    }

    public void Control(Weights message)
    {
        if (_credit is { IsUnanswered: true } followed && followed.IsOutdated(message)) { ForgetAggregator(); }
        if (_credit is { } credit && credit.IsOutdated(message))
        {
            _context.Drop(message, "old-epoch");
            _uplink.AnswerEarlier();
            return;
        }

        var isNew = _newest.Take(message);
        if (_newest.Received) { _uplink.Hold(); }
        if (isNew)
        {
            Follow(message);
            ShowEnd();
            _rests &= !JudgesOnly && message.Epoch == _round.Base.Epoch;        // a version to judge, or an aggregator unaware of the rest
            if (_round.Steps == 0)
            {
                _waiting &= message.Id == _round.Base.Id;       // an earlier version may replace a forgotten one
                Pull();
            }
        }

        if (isNew || _credit is not null) { Advance(_options.Continuous ? 0 : int.MaxValue); }
    }

    public void Control(Receipt message)
    {
        if (_credit is null || !message.Model.IsEmpty) { return; }      // the fleet's model signature has no fates of updates
        if (message.Device == _context.Pipeline && message.Wanted is { } wanted && wanted == _newest.Held) { _uplink.Offer(); }
        if (_credit.IsOutdated(message))
        {
            if (IsUnanswered) { ForgetAggregator(); }
            else { _uplink.AnswerEarlier(); }
        }

        _credit.Take(message);
        if (_credit.HoldsUnknown) { ForgetAggregator(); }
        Advance(_options.Continuous ? 0 : int.MaxValue);
    }

    /// <summary>Messages in flight may be lost. Resends and requests wait for all connections: answers need a subscriber.</summary>
    public void Control(ConnectionChange message)
    {
        if (_credit is null || !_sessions.Take(message)) { return; }
        _credit.Resend();
        _uplink.Say(PresenceKind.Hello);
        Advance(_options.Continuous ? 0 : int.MaxValue);
    }

    public void Control(TrainingMemory message)
    {
        if (_options.Tuning is not null && _model.Memory(1) is not null) { _round.Fit(message.FreeBytes); }
        else { _context.Drop(message, "not-tuned"); }
    }

    public void Control(DriftAlarm message)
    {
        if (message.Level != DriftLevel.Drift) { return; }
        _context.Record("alarms");
        _round.React();
        if (_options.Reaction.Refill)
        {
            _seen.Buffer.Clear();
            _held?.Clear();
        }

        if (_options.Reaction.UpdatesAtOnce && _round.Steps > 0 && !_leaves && _credit is not { IsAvailable: false })
        {
            Publish(leaving: false);
        }
    }

    public override void WakeUp()
    {
        _uplink.Greet();
        Advance(_options.Continuous ? 1 : int.MaxValue);
    }

    public override void Complete()
    {
        _leaves = true;
        Publish(leaving: true);
        _credit?.Leave();
        _uplink.Wake();
    }

    public void Dispose() => _second?.Dispose();

    private void Learn(ReadOnlySpan<float> row, int label, float target)
    {
        if (_held?.Take(row, label, target) == true) { return; }
        _seen.Add(row, label, target, isScaleKnown: _round.Base.Scale is not null);
        if (_options.Continuous || !HasStarted) { return; }
        _earned += _options.StepsPerRow;
        if (_round.Invited && !IsUnanswered && MayLearn && !MayRest) { return; }
        _earned = Math.Min(_earned, (long)_round.StepsPerUpdate * _options.RowsPerStep);     // enough to answer an invitation immediately
    }

    private void Advance(int steps)
    {
        var maySend = _credit is null || FollowCredit();
        if (!_announced && MayAnnounce && maySend)
        {
            Announce();
            steps = 0;
        }

        EndPause();
        var made = 0;
        if (steps > 0 && OwesStep)
        {
            var extra = _credit is { IsAvailable: false } && _round.IsOver ? _options.Credit.ExtraSteps : 0;
            made = _round.Run(_options.Continuous ? steps : Math.Min(steps, _earned / _options.RowsPerStep), extra);
            _earned -= _options.Continuous ? 0 : (long)made * _options.RowsPerStep;
        }

        if (_round.IsOver && !_leaves && _credit is not { IsAvailable: false })
        {
            // measured updates wait for the next call, to include the time of the last step
            if (maySend && (made == 0 || !_round.IsMeasured)) { Publish(leaving: false); }
            else { _context.WakeAt(_context.Now); }
        }

        Rest(maySend && made == 0);
        if (_credit is not null) { NoteLack(_credit); }
        if (OwesStep) { _context.WakeAt(_context.Now); }
        else if (IsPaused) { _context.WakeAt(_pausedUntil!.Value); }
        else if (_round.EndsAt is { } end && end > _context.Now) { _context.WakeAt(end); }
        _uplink.Wake();
    }

    private bool FollowCredit()
    {
        var maySend = _uplink.Resend();
        if (!LacksCredit && _uplink.EndWait() && _round.Steps == 0) { Pull(); }
        return maySend;
    }

    /// <summary>Follows the next one: the current one was silent while an earlier one sent, or does not know the held version.</summary>
    private void ForgetAggregator()
    {
        _context.Record("aggregators-forgotten");
        _newest.Forget();
        _credit!.Forget();
        _uplink.Say(PresenceKind.Holding, _model.Initial.Id);
    }

    private void NoteLack(UpdateCredit credit)
    {
        if (WantsStep && LacksCredit) { _uplink.BeginWait(); }
        credit.Await(!_leaves && (!_newest.Received || _waiting));
    }

    private void Announce()
    {
        _announced = true;
        _uplink.Send(_round.Announcement(_seen.TakeMoments()), isFree: true);
        _waiting = _settings.Pace == TrainPace.LockStep && _newest.Weights.Version <= _model.Initial.Version;
    }

    /// <summary>Announces once that no steps will follow, so that rounds do not wait.</summary>
    private void Rest(bool maySay)
    {
        var rests = MayRest && (_options.Continuous || JudgesOnly || _earned >= _options.RowsPerStep) && MayLearn && !_leaves && !_waiting
            && (HasStarted || (JudgesOnly && _held!.Seen >= _options.StartAfterRows));
        if (rests == _rests) { return; }
        if (rests && !maySay)
        {
            _context.WakeAt(_context.Now);      // one call emits at most one update
            return;
        }

        _context.Gauge("resting", rests ? 1 : 0);
        _rests = rests;
        if (rests) { _uplink.Send(_round.Update(null, leaving: false, Measure(), resting: true), isFree: true); }
    }

    private HeldBackLoss? Measure() => _held?.Measure(_round.Base, _settings.Best, _memory);

    private void Publish(bool leaving)
    {
        var spares = _options.SparesMoments && !leaving && _round.Base.Scale is not null && !_seen.AreMomentsDue;
        var update = _round.Update(spares ? null : _seen.TakeMoments(), leaving, _round.Steps > 0 ? Measure() : null);
        _uplink.Send(update, isFree: leaving);
        var behind = Math.Max(0, _newest.Weights.Version - _round.Base.Version);
        if (_board.Rows > 0) { _evaluations.Emit(_board.Take(_context.Pipeline, _round.Base.Version, update.RolledBack)); }
        _context.Gauge("staleness", behind);
        _context.Gauge("schedule-steps", _round.ScheduleSteps);
        _waiting = _settings.Pace == TrainPace.LockStep && _newest.Weights.Id <= _round.Base.Id;
        _pausedUntil = _settings.Pause is { } pause && pause < DateTimeOffset.MaxValue - _context.Now ? _context.Now + pause : null;
        Pull();
    }

    private void EndPause()
    {
        if (_pausedUntil is null || IsPaused) { return; }
        _pausedUntil = null;
        Pull();
    }

    private void Pull()
    {
        _round.Pull(_newest.Weights, _settings);
        _round.UseScale(_seen.Own[0]);
    }

    /// <summary>Shows that learning has ended, which a version with an empty invitation means.</summary>
    private void ShowEnd() => _context.Gauge("learning-ended", _newest.Weights.Invited is { Length: 0 } ? 1 : 0);

    /// <summary>Directives apply to later rounds.</summary>
    private void Follow(Weights version)
    {
        if (LocalSettings.AskedOf(_context.Pipeline, version) is not { } asked) { return; }
        if (asked.IsValid) { _settings = _settings.After(asked, _maxBatchRows); }
        else { _context.Record("bad-directives"); }
    }
}

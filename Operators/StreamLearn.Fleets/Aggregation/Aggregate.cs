namespace StreamLearn.Fleets;

/// <summary>Validates and weights every update, and adds or holds it. Ends rounds according to the strategy.</summary>
/// <remarks>Shape: updates in, versions and rounds out. State: <see cref="ServerModel"/>, <see cref="Fleet"/>, <see cref="OpenRound"/>,
/// <see cref="UsualDevices"/>, <see cref="UpdateFates"/>, <see cref="ModelAverage"/>. Source: that of the strategy.</remarks>
internal sealed partial class Aggregate
    : Operator<WeightDelta>, IStateful, IControlledBy<Presence>, IControlledBy<Weights>, IControlledBy<ConnectionChange>,
        IControlledBy<StrategyChoice>, IControlledBy<DriftAlarm>, IControlledBy<ForgottenDevice>
{
    private readonly OperatorContext _context;
    private readonly IOutput<Weights> _versions;
    private readonly IOutput<Round> _roundsEnded;
    private readonly ModelPlan _plan;
    private readonly IModel _learned;
    private readonly AggregateOptions _options;
    private readonly Strategy _first;
    private readonly Fleet _fleet;
    private readonly UpdateCheck _check;
    private readonly ModelAverage _average;
    private readonly DirectiveBook _directives;
    private readonly ServerModel _model;
    private readonly OpenRound _round;
    private readonly UpdateFates _fates;
    private readonly UpdateIntake _intake;
    private readonly Downlink? _downlink;
    private SessionWatch _sessions = new();
    private UsualDevices _usual = new();        // whose updates are in a round
    private UsualDevices _present = new();      // and those that may still send one
    private double? _shareOfUsual;      // of the round that ends; null: its rule does not wait for devices
    private Rules _rounds = null!;      // set by Use
    private string _strategy = "";
    private int _enroll;
    private DateTimeOffset? _restoreBy;         // end of the wait for a version; null: it accepts updates
    private bool _paused;
    private bool _leaseWatched;
    private (int Reported, DateTimeOffset? Next) _looks;        // when it last looked for silent devices, and looks next

    internal Aggregate(AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds,
        IOutput<Receipt>? receipts = null)
    {
        (_context, _versions, _roundsEnded, _options) = (context, versions, rounds, block.Options);
        (_learned, _plan, _first, _gauge) = (block.Model, block.Model.Plan, block.Strategy, context.Gauge);
        var initial = block.Model.Initial;
        _fleet = new(_options.MaxDevices, initial.Version, _options.MaxShare, _options.OwnerOf);
        _check = new(block.Model, _options);
        _average = new(_plan, _options.Averaging);
        _directives = new(_options.MaxDirectives, context);
        _model = new(block.Model, [.. block.Applies],
            _options.Epoch ?? (receipts is null ? 0 : context.Now.ToUnixTimeMilliseconds()), context);
        _round = new(_options.MaxHeldUpdates);
        _intake = new(_options, _check, _fleet, _model, _round, context) { Rules = _first.Rounds };
        Use("");
        _downlink = receipts is null ? null : new(context, versions, receipts, _fleet, (int)Math.Min(int.MaxValue, _plan.ParameterBytes));
        _fates = new(_downlink);
        _seal = new(_options.Secret);
        if (_options.Restore is { } time) { AwaitVersion(time); }
        else { _downlink?.Renew(initial with { Epoch = _model.Epoch }); }
    }

    public override bool Ready => _restoreBy is null;

    public override bool AwaitingReplies => _downlink is { HasReceipts: true };

    public override void Process(WeightDelta input)
    {
        if (IsDropped(input)) { return; }
        var refusal = _check.Form(input);
        Member? member = null;
        refusal ??= _fleet.Admit(input, _context.Now, out member);
        if (member?.Identities.TakeMissing() is > 0 and var missing) { _context.Record("updates-missing", missing); }
        if (_isResumed && _downlink is not null && member is not null) { Consider(member, input.Held); }
        ModelVersion? held = null;          // reported by an accepted update; a refused one changes only the status of its device
        if (refusal is not { } stranger) { held = Take(input, member!); }
        else if (!TakeRefused(input, member, stranger)) { return; }
        if (_downlink is null) { return; }
        if (!_isResumed) { CallBackFrom(held); }        // otherwise, a version from which to resume may still arrive
        _downlink.Answer(member!);
        _downlink.Hear(member!, Possible(input.Held), kind: null);
        _downlink.Send();
    }

    private bool IsDropped(WeightDelta input)
    {
        if (input.TopicDevice is { } owner)
        {
            _round.Refuse(owner, input.Epoch, input.Sequence, UpdateRefusal.NotItsTopic);
            _context.Drop(input, UpdateRefusal.NotItsTopic.Text());
            Strike(owner);
            return true;
        }

        if (_downlink is not null && (_fleet.IsIdleFlood(input.Device, _context.Now) || _fleet.IsCrowded(input.Device, _context.Now)))
        {
            DropUnanswered(input, UpdateRefusal.Flood);     // the device sends it again because it gets no answer
            return true;
        }

        if (_listensUntil is null || new ModelVersion(input.BaseEpoch, input.BaseVersion) <= _model.Id
            || _fleet.MemberOf(input.Device) is not { } holder)
        {
            return false;
        }

        // the device sends it again, when its base version may be known; after a refusal, it would discard it
        Consider(holder, input.Held);
        DropUnanswered(input, UpdateRefusal.Resuming);
        return true;
    }

    private void DropUnanswered(WeightDelta input, UpdateRefusal reason)
    {
        _context.Drop(input, reason.Text());
        _context.Record($"unanswered-{reason.Text()}");
    }

    /// <summary>Returns false if it was answered or needs no answer.</summary>
    private bool TakeRefused(WeightDelta input, Member? member, UpdateRefusal refusal)
    {
        if (refusal.IsSuspicious()) { Strike(input.Device); }
        _fleet.NoteIdle(input.Device, _context.Now);
        // a duplicate, or so old that its outcome is forgotten: the outcome is recorded elsewhere
        if (refusal is UpdateRefusal.Duplicate or UpdateRefusal.Identity) { _context.Drop(input, refusal.Text()); }
        else { Refuse(input, refusal); }
        if (member is not null && refusal != UpdateRefusal.Identity) { return true; }
        _downlink?.Answer(input, refusal);
        return false;
    }

    /// <summary>Returns the version that its device holds, if the update is accepted.</summary>
    private ModelVersion? Take(WeightDelta input, Member member)
    {
        _round.StartedAt ??= _context.Now;
        // without receipts, a device continues to train its own weights until a version arrives
        if (_downlink is null && _model.IsOfThisEpoch(input)) { input = _intake.Continued(input, member); }
        var reason = HasEnded ? AfterTheEnd(input) : _intake.Accept(input, member);
        if (reason is { } refusal)
        {
            Refuse(input, refusal);
            WatchRefused(input);
        }
        else { Watch(input); }

        if (input.Steps > 0 && reason?.IsSuspicious() != true && _fleet.Return(member)) { _context.Record("devices-back"); }
        if (reason is not null || input.Steps == 0) { _fleet.NoteIdle(input.Device, _context.Now); }
        if (reason == UpdateRefusal.Norm) { FollowFleet(); }
        // after a resume, a device may hold a version unknown here
        if (reason?.IsSuspicious() == true && !(reason == UpdateRefusal.Version && _mayBeBehind)) { Strike(input.Device); }
        _fates.Decide(input, member, reason);
        if (input.Leaving)
        {
            if (reason is null && input.Steps == 0 && input.Moments is null) { _context.Record("farewells"); }
            _fleet.End(member);
        }

        Continue();
        return reason is null ? input.Held : null;
    }

    public void Control(Presence message)
    {
        var asks = message.Kind is PresenceKind.Hello or PresenceKind.Waiting && message.TopicDevice is null;
        var costs = asks || (message.TopicDevice is null && _fleet.MemberOf(message.Device) is null);
        if ((asks && _fleet.IsIdleFlood(message.Device, _context.Now))
            || (costs && _downlink is not null && _fleet.IsCrowded(message.Device, _context.Now)))
        {
            _context.Drop(message, UpdateRefusal.Flood.Text());
            _context.Record(UpdateRefusal.Flood.CounterOfPresences());
            return;
        }

        if (asks) { _fleet.NoteIdle(message.Device, _context.Now); }
        if (_fleet.Hear(message, _context.Now, out var member, out var areTwo) is { } reason)
        {
            _context.Drop(message, reason.Text());
            _context.Record(reason.CounterOfPresences());
            if (reason == UpdateRefusal.NotItsTopic) { _round.Refuse(message.TopicDevice!, message.Epoch, 0, reason); }
            if (reason.IsSuspicious()) { Strike(message.TopicDevice ?? message.Device); }
        }
        else
        {
            if (areTwo) { _context.Record("devices-two-programs"); }
            _downlink?.Hear(member!, Possible(message.Held), message.Kind);
            if (message.Offer is { } version) { TakeBack(member!, message, version); }
            else if (!_isResumed) { CallBackFrom(message.Held); }
            else if (message.Held is not null || message.Kind == PresenceKind.Waiting) { Consider(member!, message.Held); }
        }

        if (_restoreBy is null) { Continue(); }
        _downlink?.Send();
    }

    /// <summary>After a reconnect, publishes the state to every device; devices resend updates that were lost in the meantime.</summary>
    public void Control(ConnectionChange message)
    {
        var wasLost = _sessions.Take(message);
        _round.ReachedFrom = _context.Now;
        AwaitVersionAgain();
        if (!wasLost || _downlink is null) { return; }
        _fleet.Report(_downlink);
        _downlink.Send();
    }

    public override void WakeUp()
    {
        OpenInTime();
        Ask();
        _leaseWatched = false;
        if (_restoreBy is null) { Continue(); }
        _downlink?.Send();
    }

    public override void Complete()
    {
        if (_round.Updates > 0) { Finish(valid: true); }
        _downlink?.Send();
    }

    private void Strike(string device)
    {
        if (!_fleet.Strike(device, _context.Now)) { return; }
        _context.Record("devices-quarantined");
        if (_restoreBy is null) { Continue(); }         // it no longer waits for a version
    }

    public void Control(ForgottenDevice message)
    {
        if (_fleet.MemberOf(message.Device) is not { } member)
        {
            _context.Drop(message, "unknown-device");
            return;
        }

        if (member is { IsReady: false, Accepted: > 0 })
        {
            _usual.Lower();
            _present.Lower();
        }

        _fleet.Forget(member);

        _context.Record("devices-forgotten");
        if (_restoreBy is null) { Continue(); }
        _downlink?.Send();
    }

    private void Refuse(WeightDelta update, UpdateRefusal reason)
    {
        _round.Refuse(update.Device, update.Epoch, update.Sequence, reason);
        _context.Drop(update, reason.Text());
    }

    /// <summary>Recomputes the norm bound after one refusal per device. Otherwise, if all devices take larger steps, the round would never
    /// end and the bound would never change.</summary>
    private void FollowFleet()
    {
        if (!_check.IsOutgrown(_fleet.Ready.Count) || (!_check.KnowsBound && _round.Held.Count > 0)) { return; }
        _fleet.Medians.Compute(_fleet.Ready);
        _check.Follow(_fleet.Medians);
    }
}

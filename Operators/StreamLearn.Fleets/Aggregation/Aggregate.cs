using System.Runtime.InteropServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>Validates, weights and adds or holds every update; ends rounds by the strategy.</summary>
/// <remarks>Shape: updates in, versions and rounds out. State: <see cref="ServerModel"/>, <see cref="Fleet"/>, <see cref="OpenRound"/>,
/// <see cref="UsualDevices"/>, <see cref="UpdateFates"/>, <see cref="ModelAverage"/>. Source: the strategy's.</remarks>
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
    private UsualDevices _usual = new();
    private Rules _rounds = null!;      // Use sets them
    private string _strategy = "";
    private int _enroll;
    private DateTimeOffset? _restoreBy;         // null: it takes updates
    private bool _paused;
    private bool _leaseWatched;

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
        _downlink = receipts is null ? null
            : new(context, versions, receipts, _fleet, (int)Math.Min(int.MaxValue, _plan.ParameterBytes));
        _fates = new(_downlink);
        _seal = new(_options.Secret);
        if (_options.Restore is { } time) { AwaitVersion(time); }
        else { _downlink?.Renew(initial with { Epoch = _model.Epoch }); }
    }

    public override bool Ready => _restoreBy is null;

    public override bool AwaitingReplies => _downlink is { HasReceipts: true };

    public override void Process(WeightDelta input)
    {
        if (input.TopicDevice is { } owner)
        {
            _round.Refuse(owner, input.Epoch, input.Sequence, Refusals.NotItsTopic);
            _context.Drop(input, Refusals.NotItsTopic);
            Strike(owner);
            return;
        }

        if (_downlink is not null && (_fleet.IsIdleFlood(input.Device, _context.Now) || _fleet.IsCrowded(input.Device, _context.Now)))
        {
            _context.Drop(input, Refusals.Flood);       // it comes again: there is no answer
            return;
        }

        if (_listensUntil is not null && new ModelVersion(input.BaseEpoch, input.BaseVersion) > _model.Id
            && _fleet.MemberOf(input.Device) is { } holder)
        {
            // it is sent again, when its base version may be known; a refusal would make the device discard it
            Consider(holder, input.Held);
            _context.Drop(input, "resuming");
            return;
        }

        Member? member = null;
        ModelVersion? held = null;          // as an accepted update says: a refused one changes nothing but how its device stands
        var refusal = _check.Form(input) ?? _fleet.Admit(input, _context.Now, out member);
        if (member?.Identities.TakeMissing() is > 0 and var missing) { _context.Record("updates-missing", missing); }
        if (_isResumed && _downlink is not null && member is not null) { Consider(member, input.Held); }
        if (refusal is { } stranger)
        {
            if (Strikes.IsFor(stranger)) { Strike(input.Device); }
            _fleet.NoteIdle(input.Device, _context.Now);
            // a duplicate, or so old that its fate is forgotten: the fate is recorded elsewhere
            if (stranger is "duplicate" or "identity") { _context.Drop(input, stranger); }
            else { Refuse(input, stranger); }
            if (member is null || stranger == "identity")
            {
                _downlink?.Answer(input, stranger);
                return;
            }
        }
        else
        {
            _round.StartedAt ??= _context.Now;
            // without receipts a device continues from its own learning until a version comes
            if (_downlink is null && _model.IsOfThisEpoch(input)) { input = _intake.Continued(input, member!); }
            var reason = HasEnded ? AfterTheEnd(input) : _intake.Accept(input, member!);
            if (reason is null) { Watch(input); }
            else
            {
                Refuse(input, reason);
                WatchRefused(input);
            }

            if (reason is not null || input.Steps == 0) { _fleet.NoteIdle(input.Device, _context.Now); }
            if (reason == "norm") { FollowFleet(); }
            // after a resume, a device may hold a version unknown here
            if (reason is not null && Strikes.IsFor(reason) && !(reason == "version" && _mayBeBehind)) { Strike(input.Device); }
            held = reason is null ? input.Held : null;
            _fates.Decide(input, member!, reason);
            if (input.Leaving)
            {
                if (reason is null && input.Steps == 0 && input.Moments is null) { _context.Record("farewells"); }
                _fleet.End(member!);
            }

            Continue();
        }

        if (_downlink is null) { return; }
        if (!_isResumed) { CallBackFrom(held); }        // else a version to resume from may be on its way
        _downlink.Answer(member!);
        _downlink.Hear(member!, Possible(input.Held), kind: null);
        _downlink.Send();
    }

    public void Control(Presence message)
    {
        var asks = message.Kind is PresenceKind.Hello or PresenceKind.Waiting && message.TopicDevice is null;
        var costs = asks || (message.TopicDevice is null && _fleet.MemberOf(message.Device) is null);
        if ((asks && _fleet.IsIdleFlood(message.Device, _context.Now))
            || (costs && _downlink is not null && _fleet.IsCrowded(message.Device, _context.Now)))
        {
            _context.Drop(message, Refusals.Flood);
            return;
        }

        if (asks) { _fleet.NoteIdle(message.Device, _context.Now); }
        if (_fleet.Hear(message, _context.Now, out var member, out var areTwo) is { } reason)
        {
            _context.Drop(message, reason);
            _context.Record(Refusals.OfPresences(reason));
            if (reason == Refusals.NotItsTopic) { _round.Refuse(message.TopicDevice!, message.Epoch, 0, reason); }
            if (Strikes.IsFor(reason)) { Strike(message.TopicDevice ?? message.Device); }
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

    /// <summary>After a reconnect, publishes the state to every device; devices resend updates lost meanwhile.</summary>
    public void Control(ConnectionChange message)
    {
        var wasLost = _sessions.Take(message);
        AwaitVersionAnew();
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

    /// <summary>Blames the device that may publish on the topic.</summary>
    private void Strike(string device)
    {
        if (!_fleet.Strike(device, _context.Now)) { return; }
        _context.Record("devices-quarantined");
        if (_restoreBy is null) { Continue(); }         // nobody waits for it any longer
    }

    public void Control(ForgottenDevice message)
    {
        if (!_fleet.Forget(message.Device))
        {
            _context.Drop(message, "unknown-device");
            return;
        }

        _context.Record("devices-forgotten");
        if (_restoreBy is null) { Continue(); }
        _downlink?.Send();
    }

    private void Refuse(WeightDelta update, string reason)
    {
        _round.Refuse(update.Device, update.Epoch, update.Sequence, reason);
        _context.Drop(update, reason);
    }

    /// <summary>Recomputes the norm bound after as many refusals as devices: if the fleet takes larger steps, neither the round nor the
    /// bound would ever end.</summary>
    private void FollowFleet()
    {
        if (!_check.IsOutgrown(_fleet.Ready.Count) || (!_check.KnowsBound && _round.Held.Count > 0)) { return; }
        _fleet.Medians.Compute(_fleet.Ready);
        _check.Follow(_fleet.Medians);
    }

    private void Continue()
    {
        WatchLeases();
        _context.Gauge("devices-alive", _fleet.Alive);
        _context.Gauge("devices-with-data", _fleet.Ready.Count);
        Settle();
        _context.Gauge("updates-in-round", _round.Updates);
    }

    private void WatchLeases()
    {
        if (_leaseWatched || _options.Lease is not { } lease) { return; }
        var (ended, next) = _fleet.Expire(_context.Now, lease);
        if (ended > 0) { _context.Record("leases-ended", ended); }
        if (next is not { } time) { return; }
        _leaseWatched = true;
        _context.WakeAt(time);
    }

    /// <summary>A round with all reports and no accepted update, or without its invited devices, ends void, so that no device waits. With
    /// no active device nothing is due.</summary>
    private void Settle()
    {
        var pause = _round.Updates == 0 && _fleet.AllRest;
        if (_paused && !pause) { _round.StartedAt = _context.Now; }
        _paused = pause;
        if (pause || HasEnded || _listensUntil is not null) { return; }
        if (_round.IsFirst && _enroll > 0)
        {
            if (_fleet.Known >= _enroll) { Finish(valid: _round.Updates > 0); }
            return;
        }

        if (_fleet.Listed && _fleet.Invited == 0)
        {
            Finish(valid: _round.Updates > 0);
            return;
        }

        if (_rounds.Due.Left(View()) is not { } due) { return; }
        if (due > TimeSpan.Zero) { WakeIn(due); }
        else if (_round.Updates > 0 || due == Due.Void || (_fleet.Reported > 0 && _fleet.Reported >= _fleet.Invited))
        {
            Finish(valid: _round.Updates > 0 && due != Due.Void);
        }
    }

    private void WakeIn(TimeSpan due)
    {
        if (due < DateTimeOffset.MaxValue - _context.Now) { _context.WakeAt(_context.Now + due); }
    }

    private void Finish(bool valid)
    {
        Move(valid);
        Close(valid);
    }

    private void Close(bool valid)
    {
        var missing = Math.Max(0, _fleet.Invited - _fleet.Reported);
        if (!_rounds.AcceptsLate) { _context.Record("devices-missing", missing); }
        if (_mayRepeat || AwaitsVersion) { _model.BeginEpoch(); }       // a run that ends waits for no other version
        (_mayRestore, _mayRepeat, _isResumed) = (false, false, false);
        (_restoreBy, _listensUntil, _known, _claimed) = (null, null, null, null);
        _model.EndRound();
        if (valid) { _round.Sole?.Made(_model.Version); }
        var version = _seal.Sealed(_model.ToWeights());
        _model.Emitted(version);
        var inUse = _average.Add(version, _round.EffectiveDevices(_rounds.Apply.Weighs));
        if (_steering is { } steering) { inUse = Steer(steering, version, inUse, valid); }
        var invited = _fleet.BeginRound(_rounds.Select, _model.Version, _context.Random);
        var made = HasEnded ? _seal.Sealed(inUse with { Invited = [] }) : invited is null ? version : version with { Invited = invited };
        var round = _round.End(made, inUse, missing, _fleet.Medians.Stragglers, _context.Now);
        if (_strategy.Length > 0) { round = round with { Strategy = _strategy }; }
        if (_steering?.Best is { } best) { round = round with { Best = best }; }
        if (HasEnded) { round = round with { IsLast = true }; }
        var directives = Directives();
        if (!directives.IsEmpty) { made = made with { Directives = directives }; }
        _roundsEnded.Emit(directives.IsEmpty ? round : round with { Made = made });
        if (_downlink is null) { _versions.Emit(made); }
        else
        {
            _downlink.Renew(made);
            _fleet.Offer(_downlink);
        }

        _context.Record("versions");
        _model.ShowStaleness();
        _context.Gauge("updates-in-round", _round.Updates);
        // it may get no message
        if (_fleet.Ready.Count > 0 && _rounds.Due.Left(View()) is { } due && due > TimeSpan.Zero) { WakeIn(due); }
    }

    private void Move(bool valid)
    {
        var knewBound = _check.KnowsBound;
        _fleet.Medians.Compute(_fleet.Ready);
        _check.Follow(_fleet.Medians);
        if (!_rounds.Apply.Streams) { _round.Held.Sort(HeldUpdate.Order); }
        if (!knewBound)
        {
            _round.Held.RemoveAll(IsOutOfBounds);
            valid = valid && !TakeBackEarly();
        }

        _round.Held.ForEach(_intake.Merge);
        _round.Held.RemoveAll(static update => update.Weight == 0);
        if (!_rounds.Apply.Streams)
        {
            LimitShares();
            _model.Show(_round.Held);
        }

        if (valid)
        {
            foreach (var held in _round.Held) { _round.Contribute(held, _model.Version); }
            _model.CountFor(ShareOfUsual());
            _round.Held.ForEach(_intake.Add);
        }
        else { _round.Void(); }

        valid &= _model.Updates > 0;
        _model.Move(valid);
        _fates.DecideAll(valid);
        _context.Record("updates-applied", valid ? _model.Updates : 0);
        _context.Record("updates-void", valid ? 0 : _round.Updates);
        if (!valid) { _context.Record(_round.IsFirst && _enroll > 0 ? "enrolments" : "void-rounds"); }
        _model.Clear();
    }

    /// <summary>Weight of a barrier round with far fewer devices than usual.</summary>
    private double ShareOfUsual()
    {
        if (!_rounds.WeakensSmallRounds || _round.EffectiveDevices(_rounds.Apply.Weighs) is not (> 0 and var devices)) { return 1; }
        var share = _usual.ShareOf(devices);
        if (share >= _rounds.WholeFrom) { return 1; }
        _context.Record("small-rounds");
        return share;
    }

    /// <summary>Restores the model from before all updates, if an early one exceeds the norms now known.</summary>
    private bool TakeBackEarly()
    {
        if (!_check.WasEarlyOutOfBounds || !_model.TryTakeBack()) { return false; }
        _average.Clear();
        _context.Record("models-taken-back");
        return true;
    }

    private bool IsOutOfBounds(HeldUpdate held)
    {
        return held.Weight != 0 && !_check.IsBounded(held.Norm, steps: 0) && Withdraw(held.Update, "norm");
    }

    private bool Withdraw(WeightDelta update, string reason)
    {
        _round.Withdraw(update);
        Refuse(update, reason);
        if (Strikes.IsFor(reason) && _fleet.Strike(update.Device, _context.Now)) { _context.Record("devices-quarantined"); }
        _fates.Withdraw(update, reason);
        return true;
    }

    private void LimitShares()
    {
        if (_rounds.Apply.Weighs) { _intake.Limit(); }
        else if (ShareOfRound.Crowding(CollectionsMarshal.AsSpan(_round.Held), out var most) is { } device)
        {
            var has = 0;
            _round.Held.RemoveAll(held => held.Update.Device == device && ++has > most && Withdraw(held.Update, Refusals.Share));
        }
    }

    private RoundView View() => _round.View(_fleet, _model.Version, _context.Now);
}

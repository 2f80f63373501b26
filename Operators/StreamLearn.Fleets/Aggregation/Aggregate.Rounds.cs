using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
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
        LeaveOut();
        if (_round.IsFirst && _enroll > 0)
        {
            if (_fleet.Known >= _enroll) { Finish(valid: _round.Updates > 0); }
            return;
        }

        var invitations = _fleet.Invitations;
        if (invitations is { Listed: true, Invited: 0 })
        {
            Finish(valid: _round.Updates > 0);
            return;
        }

        if (_rounds.Due.Left(View()) is not { } due) { return; }
        if (due > TimeSpan.Zero) { WakeIn(due); }
        else if (_round.Updates > 0 || due == Due.Void || (invitations.Reported > 0 && invitations.Reported >= invitations.Invited))
        {
            Finish(valid: _round.Updates > 0 && due != Due.Void);
        }
    }

    /// <summary>A barrier leaves out devices that send nothing, such as one whose rows have ended or whose clock fell behind.</summary>
    private void LeaveOut()
    {
        var needed = Math.Max(_rounds.Due.Awaited, _round.IsFirst ? _enroll : 0);
        var (invited, reported) = (_fleet.Invitations.Invited, _fleet.Invitations.Reported);
        if (_rounds.Due.CountsUpdates || (_round.Updates == 0 && !_round.IsFirst) || _round.WaitsFrom is not { } begun) { return; }
        if (reported == 0 || (reported >= invited && _fleet.Known >= needed)) { return; }
        var least = Patience.For(_fleet.Invitations.Half, invited, reported, own: null, _options.RoundTimeout);
        if (_context.Now - begun < least) { _looks = (-1, begun + least); }
        else if (_looks.Reported != reported || _looks.Next <= _context.Now)
        {
            var (left, next) = _fleet.LeaveOut(begun, _context.Now, _options.RoundTimeout, needed);
            _looks = (reported, next);
            if (left > 0) { _context.Record("devices-left-out", left); }
        }

        if (_looks.Next is { } time) { _context.WakeAt(time); }
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
        var missing = Math.Max(0, _fleet.Invitations.Invited - _fleet.Invitations.Reported);
        if (!_rounds.AcceptsLate) { _context.Record("devices-missing", missing); }
        if (_mayRepeat || AwaitsVersion) { _model.BeginEpoch(); }       // a run that ends does not wait for another version
        (_mayRestore, _isResumed, _restoreBy) = (false, false, null);
        StopResuming();
        _model.EndRound();
        if (valid) { _round.Sole?.Made(_model.Version); }
        var version = _seal.Sealed(_model.ToWeights());
        _model.Emitted(version);
        var inUse = _average.Add(version, _round.EffectiveDevices(_rounds.Apply.Weighs), _shareOfUsual);
        if (_steering is { } steering) { inUse = Steer(steering, version, inUse, valid); }
        var invited = _fleet.Invitations.Begin(_fleet, _rounds.Select, _model.Version, _context.Random);
        var made = HasEnded ? _seal.Sealed(inUse with { Invited = [] }) : invited is null ? version : version with { Invited = invited };
        var round = _round.End(made, inUse, missing + _fleet.LeftOut, _fleet.Stragglers(), _context.Now);
        _looks = default;
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
        // the device may otherwise receive no message
        if (_fleet.Ready.Count > 0 && _rounds.Due.Left(View()) is { } due && due > TimeSpan.Zero) { WakeIn(due); }
    }

    private void Move(bool valid)
    {
        _shareOfUsual = null;
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
            var (weight, isShrunken) = WeightOfRound();
            _model.CountFor(weight, isShrunken);
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

    /// <summary>The weight of a barrier round from which many of the usual devices have gone, or whose updates are of far fewer.</summary>
    private (double Weight, bool IsShrunken) WeightOfRound()
    {
        var devices = _round.EffectiveDevices(_rounds.Apply.Weighs);
        if (!_rounds.WeakensSmallRounds || devices == 0) { return (1, false); }
        var (updating, present) = (_usual.ShareOf(devices), _present.ShareOf(_fleet.Present));
        _shareOfUsual = Math.Min(updating, present);
        var weight = Math.Min(updating < _rounds.WholeFrom ? updating : 1, present < UsualDevices.Whole ? present : 1);
        if (weight < 1) { _context.Record("small-rounds"); }
        return (weight, present < UsualDevices.Whole);
    }

    /// <summary>Restores the model from before all updates if an early one exceeds the norms that are known now.</summary>
    private bool TakeBackEarly()
    {
        if (!_check.WasEarlyOutOfBounds || !_model.TryRestorePrevious()) { return false; }
        _average.Clear();
        _context.Record("models-taken-back");
        return true;
    }

    private bool IsOutOfBounds(HeldUpdate held)
    {
        return held.Weight != 0 && !_check.IsBounded(held.Norm, steps: 0) && Withdraw(held.Update, UpdateRefusal.Norm);
    }

    private bool Withdraw(WeightDelta update, UpdateRefusal reason)
    {
        _round.Withdraw(update);
        Refuse(update, reason);
        if (reason.IsSuspicious() && _fleet.Strike(update.Device, _context.Now)) { _context.Record("devices-quarantined"); }
        _fates.Withdraw(update, reason);
        return true;
    }

    private void LimitShares()
    {
        if (_rounds.Apply.Weighs) { _intake.Limit(); }
        else if (ShareOfRound.Crowding(CollectionsMarshal.AsSpan(_round.Held), out var most) is { } device)
        {
            var has = 0;
            _round.Held.RemoveAll(held => held.Update.Device == device && ++has > most && Withdraw(held.Update, UpdateRefusal.Share));
        }
    }

    private RoundView View() => _round.View(_fleet, _model.Version, _context.Now);
}

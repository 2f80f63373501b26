namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
    private string? _choice;        // name of the strategy to use once it accepts updates again; null: no change
    private bool _mayRestore;       // it requested a version from which to resume, and has received none yet

    private long Start => _options.Epoch ?? 0;

    /// <summary>From a retained version, after a checkpoint only from a newer one: it may include the open round, which ends
    /// void.</summary>
    public void Control(Weights message)
    {
        if (!_mayRestore || !Fits(message))
        {
            _context.Drop(message, !_mayRestore ? "not-restoring" : IsFollowable(message.Id) ? "schema" : "version");
            return;
        }

        (_mayRestore, _mayRepeat, _restoreBy) = (false, false, null);
        if (IsNewer(message)) { (_known, _knownBy) = (message, "restored"); }
        if (_listensUntil is null) { Resume(); }
        else { Ask(); }
        _downlink?.Send();
    }

    private void ResumeFrom(Weights version)
    {
        _model.ResumeFrom(version);
        _fleet.ResumeFrom(version.Version, version.Scale?.Count ?? 0);
    }

    private void AwaitVersion(TimeSpan time)
    {
        (_mayRestore, _restoreBy) = (true, _context.Now + time);
        _context.WakeAt(_context.Now + time);
    }

    private void AwaitVersionAgain()
    {
        if (_restoreBy is not null && _options is { RestoreOnceConnected: true, Restore: { } time } && _sessions.AreConnected)
        {
            AwaitVersion(time);
        }
    }

    private void OpenInTime()
    {
        if (_restoreBy is not { } time) { return; }
        if (time > _context.Now) { _context.WakeAt(time); }         // only one wake-up is kept, and this one was earlier
        else if (!_options.RestoreOnceConnected || _sessions.AreConnected)
        {
            AwaitDevices();
            Open(restored: false);
        }
    }

    private void Open(bool restored)
    {
        _restoreBy = null;
        if (restored && _fleet.Known > 0) { Finish(valid: false); }
        else if (restored || _round.IsFirst) { _downlink?.Renew(_model.ToWeights()); }
        if (restored && _downlink is not null) { _fleet.Offer(_downlink); }
        if (_choice is { } name)
        {
            _choice = null;
            Control(new StrategyChoice(name));
        }
    }
}

namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
    /// <summary>Doubled each time: otherwise two aggregators, or a false claim, would recall devices without end.</summary>
    private static readonly TimeSpan CallsBackEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CallsBackAtLeastEvery = TimeSpan.FromDays(1);

    private DateTimeOffset? _mayCallBack;        // earliest time of the next recall; null: any time
    private TimeSpan _callBackPause = CallsBackEvery;
    private bool _mayBeBehind;       // restored from a copy that may be old: its epoch may have later versions

    /// <summary>Makes a version newer than one that a device reports from a later aggregator, or from after the restored state, because
    /// devices accept nothing older. The open round ends with that version.</summary>
    private void CallBackFrom(ModelVersion? held)
    {
        if (held is not { } other || other <= _model.Id || _downlink is null) { return; }
        if (!IsPossible(other))
        {
            _context.Record("versions-implausible");
            return;
        }

        if (_restoreBy is not null || _context.Now < _mayCallBack) { return; }
        _mayCallBack = _context.Now + _callBackPause;
        _callBackPause = _callBackPause * 2 < CallsBackAtLeastEvery ? _callBackPause * 2 : CallsBackAtLeastEvery;
        if (other.Epoch > _model.Epoch)
        {
            _context.Record("overtaken");
            _model.Overtake(other.Epoch);
        }
        else
        {
            _context.Record("versions-unknown", other.Version - _model.Version);
            ResumeFrom(_model.ToWeights() with { Version = other.Version });
        }

        (_mayBeBehind, _mayRepeat) = (false, false);        // only this start makes versions in the new epoch
        Finish(valid: _round.Updates > 0);
        Continue();
    }

    /// <summary>An earlier start, up to the newest version, slightly above if this state may be behind, or a start up to now.</summary>
    private bool IsPossible(ModelVersion version)
    {
        if (!Plausible.IsVersion(version)) { return false; }
        if (version <= _model.Id) { return true; }
        return version.Epoch > _model.Epoch ? IsFollowable(version)
            : _mayBeBehind && version.Version - _model.Version <= Plausible.VersionWindow;
    }

    private bool IsFollowable(ModelVersion version) => Plausible.IsVersion(version) && Plausible.IsStart(version.Epoch + 1, _context.Now);

    private ModelVersion? Possible(ModelVersion? held) => held is { } version && IsPossible(version) ? held : null;
}

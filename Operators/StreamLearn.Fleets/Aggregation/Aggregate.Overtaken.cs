using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <content>Devices that follow an aggregator that started later.</content>
internal sealed partial class Aggregate
{
    /// <summary>Devices are called back no more often at first, and twice as seldom after each time: two aggregators at work would call
    /// them all the time, and so would somebody who says what is not so.</summary>
    private static readonly TimeSpan CallsBackEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CallsBackAtLeastEvery = TimeSpan.FromDays(1);

    private DateTimeOffset? _mayCallBack;        // null: at any time
    private TimeSpan _callBackPause = CallsBackEvery;
    private bool _mayBeBehind;       // restored from a state that may be an old copy: its epoch may have later versions

    /// <summary>
    /// A device holds a version that is not one of this aggregator's: of another one that started later, or of its own from after the state
    /// that it goes on from, which is an older one then. Such a device takes no version that comes before. The open round ends, and its
    /// version is made under an epoch, and of its own versions a number, above what is held: devices take it, and go on.
    /// </summary>
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
            GoOnFrom(_model.ToWeights() with { Version = other.Version });
        }

        (_mayBeBehind, _mayRepeat) = (false, false);        // of the epoch that begins now, only this start makes versions
        Finish(valid: _round.Updates > 0);
        Continue();
    }

    /// <summary>True for a version that this aggregator or another one can have made: one of an earlier start, one up to its newest, one
    /// a little above where it may be behind, or one of a start up to the present.</summary>
    private bool IsPossible(ModelVersion version)
    {
        if (!Plausible.IsVersion(version)) { return false; }
        if (version <= _model.Id) { return true; }
        return version.Epoch > _model.Epoch ? IsFollowable(version)
            : _mayBeBehind && version.Version - _model.Version <= Plausible.VersionWindow;
    }

    /// <summary>True for a version after which devices take one of the next epoch.</summary>
    private bool IsFollowable(ModelVersion version) =>
        Plausible.IsVersion(version) && Plausible.IsStart(version.Epoch + 1, _context.Now);

    /// <summary>The version that a device says it holds; null if there cannot be such a one.</summary>
    private ModelVersion? Possible(ModelVersion? held) => held is { } version && IsPossible(version) ? held : null;
}

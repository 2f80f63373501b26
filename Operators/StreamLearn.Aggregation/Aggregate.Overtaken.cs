using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <content>Devices that follow an aggregator that started later.</content>
internal sealed partial class Aggregate
{
    /// <summary>Devices are called back no more often: of two aggregators at work, each would call them all the time.</summary>
    private static readonly TimeSpan CallsBackEvery = TimeSpan.FromSeconds(5);

    private DateTimeOffset? _mayCallBack;        // null: at any time

    /// <summary>
    /// A device holds a version that is not one of this aggregator's: of another one that started later, or of its own from after the state
    /// that it goes on from, which is an older one then. Such a device takes no version that comes before. The open round ends, and its
    /// version is made under an epoch, and of its own versions a number, above what is held: devices take it, and go on.
    /// </summary>
    private void CallBackFrom(ModelVersion? held)
    {
        if (held is not { Epoch: < long.MaxValue } other || other <= _model.Id) { return; }
        if (_downlink is null || _restoreBy is not null || _context.Now < _mayCallBack) { return; }
        _mayCallBack = _context.Now + CallsBackEvery;
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

        Finish(valid: _round.Updates > 0);
        Continue();
    }
}

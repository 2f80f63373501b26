using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <content>Devices that follow an aggregator that started later.</content>
internal sealed partial class Aggregate
{
    /// <summary>Devices are called back no more often: of two aggregators at work, each would call them all the time.</summary>
    private static readonly TimeSpan CallsBackEvery = TimeSpan.FromSeconds(5);

    private DateTimeOffset? _mayCallBack;        // null: at any time

    /// <summary>
    /// A device holds a version of an aggregator that started later, and takes none of this one's. The open round ends, and its version is
    /// made under an epoch above the other's: devices take it, and go on.
    /// </summary>
    private void CallBackFrom(ModelVersion? held)
    {
        if (held is not { Epoch: < long.MaxValue } other || other.Epoch <= _model.Epoch) { return; }
        if (_downlink is null || _restoreBy is not null || _context.Now < _mayCallBack) { return; }
        _mayCallBack = _context.Now + CallsBackEvery;
        _context.Record("overtaken");
        _model.Overtake(other.Epoch);
        Finish(valid: _round.Updates > 0);
        Continue();
    }
}

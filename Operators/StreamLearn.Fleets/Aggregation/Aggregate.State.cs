namespace StreamLearn.Fleets;

internal sealed partial class Aggregate
{
    public string StateFormat => "aggregate/17";

    public IReadOnlyList<string> EarlierFormats => [ServerState.BeforeLeftOut];

    public void State(ref StateStream s)
    {
        if ((ulong)s.Value((long)_plan.SchemaHash) is var hash && hash != _plan.SchemaHash)
        {
            throw new StateException($"expected the model {_plan.SchemaHash:x16}, got {hash:x16}");
        }

        if (s.Value(_downlink is not null) != (_downlink is not null))
        {
            throw new StateException(_downlink is null ? "expected an aggregator without receipts, got one with them"
                : "expected an aggregator with receipts, got one without them");
        }

        if (s.Value(_strategy) is var strategy && s.IsReading && StrategyOf(strategy) is null)
        {
            throw new StateException($"expected a strategy of {nameof(AggregateOptions.Others)}, got '{strategy}', the saved strategy");
        }

        if (s.IsReading) { Use(strategy); }
        _model.State(ref s);
        _average.State(ref s);
        _check.State(ref s);
        _fleet.State(ref s);
        _directives.State(ref s);
        _steering?.State(ref s);
        if (s.IsReading) { _steering?.Show(_gauge); }
        _usual.State(ref s);
        if (s.Format != ServerState.BeforeLeftOut) { _present.State(ref s); }
        _round.State(ref s, _check, _model.Version, _fleet);
        _fates.State(ref s, _fleet);
        _downlink?.State(ref s, _plan);
        _sessions.State(ref s);
        s.Value(ref _mayRestore);
        s.ClockTime(ref _restoreBy);
        s.Value(ref _paused);
        s.Value(ref _leaseWatched);
        s.ClockTime(ref _mayCallBack);
        var pause = s.Value(_callBackPause.Ticks);
        if (s.IsReading) { _callBackPause = new(Math.Clamp(pause, CallsBackEvery.Ticks, CallsBackAtLeastEvery.Ticks)); }
        s.Value(ref _mayBeBehind);
        _choice = s.Value(_choice is not null) ? s.Value(_choice ?? "") : null;
        _seal.State(ref s);
        State(ref s, _fleet);
        var start = s.Value(Start);
        if (s.Format != ServerState.BeforeLeftOut) { _looks = (s.Value(_looks.Reported, -1, int.MaxValue), s.ClockTime(_looks.Next)); }
        if (s.IsWriting) { return; }
        if (!_context.ResumesInPlace)
        {
            BeginResuming();
            (_round.ReachedFrom, _looks) = (_context.Now, default);
        }

        if (start == Start || _options.Restore is not { } time) { return; }
        _sessions = new();      // the known sessions belong to an earlier start
        AwaitVersion(time);
    }
}

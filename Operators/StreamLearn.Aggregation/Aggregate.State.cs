namespace StreamLearn.Aggregation;

/// <content>Its state. What a rule of a program's own remembers is part of it where it stands in <see cref="ServerState"/> or in
/// <see cref="FleetView.Memory"/>.</content>
internal sealed partial class Aggregate
{
    /// <inheritdoc />
    public string StateFormat => "aggregate/11";

    /// <summary>Of before devices had shares, strikes and rows of their own.</summary>
    internal const string FormatBefore = "aggregate/9";

    /// <summary>Of before messages were counted that bring nothing.</summary>
    internal const string FormatWithoutIdle = "aggregate/10";

    /// <inheritdoc />
    public IReadOnlyList<string> EarlierFormats => [FormatBefore, FormatWithoutIdle];

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write((long)_plan.SchemaHash);
        writer.Write(_downlink is not null);
        writer.Write(_strategy);
        _model.Save(writer);
        _average.Save(writer);
        _check.Save(writer);
        _fleet.Save(writer);
        _directives.Save(writer);
        _steering?.Save(writer);
        _round.Save(writer);
        _fates.Save(writer);
        _downlink?.Save(writer);
        _sessions.Save(writer);
        writer.Write(_mayRestore);
        writer.Write(_restoreBy);
        writer.Write(_paused);
        writer.Write(_leaseWatched);
        writer.Write(_mayCallBack);
        writer.Write(_callBackPause.Ticks);
        writer.Write(_mayBeBehind);
        writer.Write(_choice is not null);
        if (_choice is not null) { writer.Write(_choice); }
        writer.Write(Start);
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        if ((ulong)reader.ReadInt64() is var hash && hash != _plan.SchemaHash)
        {
            throw new StateException($"expected the model {_plan.SchemaHash:x16}, got {hash:x16}");
        }

        if (reader.ReadBoolean() != (_downlink is not null))
        {
            throw new StateException($"expected an aggregator {(_downlink is null ? "without" : "with")} receipts, got another");
        }

        if (reader.ReadText() is var strategy && StrategyOf(strategy) is null)
        {
            throw new StateException($"expected a strategy of {nameof(AggregateOptions.Others)}, got '{strategy}', which was in use");
        }

        Use(strategy);
        _model.Load(ref reader);
        _average.Load(ref reader);
        _check.Load(ref reader);
        _fleet.Load(ref reader);
        if (reader.Format == FormatBefore) { _fleet.CountRowsBefore(_model.ScaleRows); }
        _directives.Load(ref reader);
        _steering?.Load(ref reader);
        _steering?.Show(_gauge);
        _round.Load(ref reader, _check, _model.Version, _fleet);
        _fates.Load(ref reader, _fleet);
        _downlink?.Load(ref reader, _plan, _fleet);
        _sessions.Load(ref reader);
        (_mayRestore, _restoreBy) = (reader.ReadBoolean(), reader.ReadClockTime());
        (_paused, _leaseWatched) = (reader.ReadBoolean(), reader.ReadBoolean());
        _mayCallBack = reader.ReadClockTime();
        if (reader.Format != FormatBefore)
        {
            _callBackPause = TimeSpan.FromTicks(Math.Clamp(reader.ReadInt64(), CallsBackEvery.Ticks, CallsBackAtLeastEvery.Ticks));
            _mayBeBehind = reader.ReadBoolean();
        }

        _mayBeBehind |= !_context.GoesOn;
        _choice = reader.ReadBoolean() ? reader.ReadText() : null;
        if (reader.ReadInt64() == Start || _options.Restore is not { } time) { return; }
        _sessions.Forget();
        AwaitVersion(time);
    }
}

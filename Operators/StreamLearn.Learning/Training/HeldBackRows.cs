namespace StreamLearn.Learning;

/// <summary>A device's validation rows.</summary>
/// <remarks>The best version is the last one measured before the aggregator announced a new best version; devices may receive different
/// versions. Cost: a forward pass per row and version.</remarks>
internal sealed class HeldBackRows(IModel model, HoldBackOptions options, OperatorContext context)
{
    private readonly ReplayBuffer _rows = new(
        options.BufferRows, model.Plan.Input.Size, Math.Max(1, model.Plan.Classes), targets: model.Plan.Target == TargetKind.Value);

    private readonly Scoreboard _board = new(model);
    private long _number;
    private ModelVersion? _asked;       // the aggregator's id of the best version
    private Measured _judged;
    private Measured _best;

    internal long Seen => _rows.Seen;

    internal void State(ref StateStream s)
    {
        _rows.State(ref s);
        s.Value(ref _number);
        if (s.Value(_asked is not null)) { _asked = new(s.Value(_asked?.Epoch ?? 0), s.Value(_asked?.Version ?? 0)); }
        _judged = _judged.State(ref s, model.Plan);
        _best = _best.State(ref s, model.Plan);
    }

    /// <summary>If false, the row may be used for training.</summary>
    internal bool Take(ReadOnlySpan<float> row, int label, float target)
    {
        if (!options.Holds(_number++)) { return false; }
        _rows.Add(row, label, context.Random, target);
        return true;
    }

    internal void Clear()
    {
        _rows.Clear();
        (_asked, _judged, _best) = (null, default, default);
    }

    /// <summary><paramref name="best"/>: the aggregator's id of the best version; null: none yet.</summary>
    internal HeldBackLoss? Measure(Weights version, ModelVersion? best, Workspace memory)
    {
        if (_rows.Count == 0 || version.Version <= model.Initial.Version) { return null; }
        if (best != _asked) { (_asked, _best) = (best, best is null ? default : _judged); }
        _judged = Of(_judged with { Version = version }, _judged.Version == version, memory);
        if (_best.Version is not null) { _best = Of(_best, isKnown: true, memory); }
        return new(_rows.Count, _judged.Loss, _best.Version is null ? null : _best.Loss);
    }

    private Measured Of(Measured measured, bool isKnown, Workspace memory)
    {
        if (isKnown && measured.Seen == _rows.Seen) { return measured; }
        var rows = new Sample(_rows.Rows(0, _rows.Count), _rows.Labels(0, _rows.Count)) { Targets = _rows.Targets(0, _rows.Count) };
        _board.Score(measured.Version!.Values.AsSpan(), rows, memory);
        context.Charge(model.Plan.MultiplyAdds * _rows.Count);
        var loss = (float)_board.TakeLoss();
        return measured with { Loss = float.IsFinite(loss) ? loss : float.MaxValue, Seen = _rows.Seen };
    }

    /// <summary><paramref name="Seen"/>: number of rows held back at that time.</summary>
    private readonly record struct Measured(Weights? Version, float Loss, long Seen)
    {
        internal Measured State(ref StateStream s, ModelPlan plan) => new(s.OptionalWeights(Version, plan), s.Value(Loss), s.Value(Seen));
    }
}

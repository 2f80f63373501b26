using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Measures a round's base version and the device's last model on the same batch.</summary>
/// <remarks>The first batch of a round is the last one of the previous round; with rounds of one step, a batch is used by three rounds.
/// Source: Wang et al., IEEE JSAC 37(6), 2019, and the authors' code; evaluating the device's own model on a new batch is ours.</remarks>
internal sealed class RoundEstimate(IModel model)
{
    private const int MaxUses = 3;

    private readonly PinnedBatch _batch = new(model.Plan);
    private readonly Memory<float> _own = model.Plan.Zeros();
    private readonly Memory<float> _ownGradient = model.Plan.Zeros();
    private readonly Memory<float> _unused = model.Plan.Zeros();
    private float? _ownLoss;        // null: the device has not completed a round
    private Weights? _base;
    private Weights? _best;
    private int _uses;
    private int _values = model.Plan.Values;        // number of gradient values to report
    private int _lateStep = -1;     // the second-to-last step of the round, from 0; below 0: only the first is reported
    private bool _isTimed;          // true if the round may end before its steps are done
    private ImmutableArray<float> _newest = [];     // the last step's gradient in a timed round
    private DeviceEstimate? _measured;

    internal void Begin(Weights version, in LocalSettings settings)
    {
        _values = Math.Min(model.Plan.Values, settings.GradientValues ?? int.MaxValue);
        _lateStep = settings.LocalSteps ? settings.StepsPerUpdate - 2 : -1;
        (_isTimed, _newest) = (settings.RoundTime is { } time && time < TimeSpan.MaxValue, []);
        if (settings.Best is { } best && best != _best?.Id) { _best = _base?.Id == best ? _base : null; }
        (_base, _measured) = (version, null);
    }

    /// <summary>True if the gradient of a step is reported. The step counts from 0.</summary>
    /// <remarks>The second and the second-to-last: the first and the last have the rows of the gradients they are compared with.</remarks>
    internal bool Looks(int step) => step == 0 || (_lateStep >= 0 && (step == 1 || _isTimed || step == _lateStep));

    /// <summary>Call it after <see cref="Measure"/> for the first step.</summary>
    internal void Look(int step, ReadOnlySpan<float> gradient)
    {
        if (_lateStep < 0 || _measured is null || !Looks(step)) { return; }
        if (step == 1) { _measured = _measured with { Early = Told(Trained(gradient)) }; }
        if (_isTimed)
        {
            _measured = _measured with { Late = _newest };
            _newest = Told(Trained(gradient));
        }
        else if (step == _lateStep) { _measured = _measured with { Late = Told(Trained(gradient)) }; }
    }

    /// <summary>Returns no rows if a new batch must be drawn.</summary>
    internal Sample First(int steps)
    {
        if (_batch.Rows == 0 || (steps == 1 && _uses >= MaxUses)) { return default; }
        _uses++;
        return _batch.Sample;
    }

    internal void Renew(in Sample batch, Workspace memory)
    {
        Pin(batch);
        if (_ownLoss is not null) { MeasureOwn(memory); }
    }

    internal void Pin(in Sample batch)
    {
        _batch.Take(batch);
        _uses = 1;
    }

    internal void Measure(ReadOnlySpan<float> weights, float loss, ReadOnlySpan<float> gradient, int rows, Workspace memory)
    {
        var copy = Trained(gradient);
        _measured = new()
        {
            Rows = rows,
            Loss = loss,
            BestLoss = _best is null ? null : model.Loss(_best.Values.AsSpan(), _batch.Sample, _unused.Span, memory),
            Curvature = _ownLoss is { } own ? Curvature.Of(own, loss, _own.Span, weights, _ownGradient.Span, copy) : null,
            Gradient = Told(copy),
        };
    }

    /// <summary>Called when the rows have changed: drops comparisons, but keeps the measurements of the current round.</summary>
    internal void Forget()
    {
        _batch.Clear();
        _ownLoss = null;
    }

    internal DeviceEstimate? End(ReadOnlySpan<float> weights, Workspace memory)
    {
        if (_measured is null || _batch.Rows == 0) { return _measured; }
        weights.CopyTo(_own.Span);
        KeepTrained(_own.Span, _base!.Values.AsSpan());
        MeasureOwn(memory);
        return _measured;
    }

    internal void State(ref StateStream s, int maxRows)
    {
        _batch.State(ref s, maxRows);
        s.Values(_own.Span);
        s.Values(_ownGradient.Span);
        _ownLoss = s.Value(_ownLoss ?? float.NaN) is var own && float.IsNaN(own) ? null : own;
        _base = s.OptionalWeights(_base, model.Plan);
        _best = s.OptionalWeights(_best, model.Plan);
        s.Value(ref _uses, 0, MaxUses);
        s.Value(ref _values, 1, model.Plan.Values);
        s.Value(ref _lateStep, -1, int.MaxValue);
        _isTimed = s.Value(_isTimed);
        if (!s.Value(_measured is not null)) { return; }
        var (rows, loss) = (s.Value(_measured?.Rows ?? 0, 1, int.MaxValue), s.Value(_measured?.Loss ?? 0));
        var best = s.Value(_measured?.BestLoss ?? float.NaN);
        var none = new Curvature(double.NaN, double.NaN);
        var curvature = _measured?.Curvature ?? none;
        curvature = new(s.Value(curvature.Rho), s.Value(curvature.Beta));
        var values = s.Value(_measured?.Gradient.Length ?? 0, 1, model.Plan.Values);
        var gradient = s.Values(_measured?.Gradient ?? [], values);
        var early = s.Value(_measured is { Early.IsEmpty: false }) ? s.Values(_measured?.Early ?? [], values) : [];
        var late = s.Value(_measured is { Late.IsEmpty: false }) ? s.Values(_measured?.Late ?? [], values) : [];
        var newest = s.Value(!_newest.IsEmpty) ? s.Values(_newest, values) : [];
        if (s.IsWriting) { return; }
        _newest = newest;
        _measured = new()
        {
            Rows = rows,
            Loss = loss,
            BestLoss = float.IsNaN(best) ? null : best,
            Curvature = double.IsNaN(curvature.Beta) ? null : curvature,
            Gradient = gradient,
            Early = early,
            Late = late,
        };
    }

    private float[] Trained(ReadOnlySpan<float> gradient)
    {
        var copy = gradient.ToArray();
        KeepTrained(copy, default);
        return copy;
    }

    private ImmutableArray<float> Told(float[] gradient)
    {
        if (_values == gradient.Length) { return ImmutableCollectionsMarshal.AsImmutableArray(gradient); }
        var sketch = new float[_values];
        GradientSketch.Of(gradient, sketch);
        return ImmutableCollectionsMarshal.AsImmutableArray(sketch);
    }

    private void MeasureOwn(Workspace memory)
    {
        _ownLoss = model.Loss(_own.Span, _batch.Sample, _ownGradient.Span, memory);
        KeepTrained(_ownGradient.Span, default);
    }

    /// <summary><paramref name="others"/>: empty: zeros.</summary>
    private void KeepTrained(Span<float> values, ReadOnlySpan<float> others)
    {
        foreach (var slice in model.Plan.Slices)
        {
            if (slice.Kind == SliceKind.Trained) { continue; }
            if (others.IsEmpty) { slice.Of(values).Clear(); }
            else { slice.Of(others).CopyTo(slice.Of(values)); }
        }
    }
}

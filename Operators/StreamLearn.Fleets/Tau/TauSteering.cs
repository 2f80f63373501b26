using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>Allocates nothing per round, unless a directive changes.</summary>
internal sealed class TauSteering(TauCourse course, ModelPlan model) : ISteering
{
    private const int MinTold = 64;

    private readonly float[] _mean = new float[SentValues(course, model)];
    private readonly float[] _early = course.Settings.UsesWorth ? new float[SentValues(course, model)] : [];
    private readonly float[] _late = course.Settings.UsesWorth ? new float[SentValues(course, model)] : [];
    private readonly List<double> _rows = [];
    private readonly List<Curvature> _curvatures = [];
    private readonly List<ReadOnlyMemory<float>> _gradients = [];
    private readonly double[] _local = new double[course.Budget.Length];
    private readonly double[] _whole = new double[course.Budget.Length];
    private readonly (string Step, string Aggregation, string Used)[] _gauges =
        [.. course.Budget.Select(static r => ($"c-{r.Name}", $"b-{r.Name}", $"used-{r.Name}"))];

    private Directive _directive = Directive.Unchanged;     // the last directive
    private Weights? _started;          // null: devices are still announcing themselves
    private bool _hasChanged;           // the data changed during the open round
    private bool _hasLate;              // the last steps of the previous round were reported
    private double _loss = double.NaN;
    private double _least = double.PositiveInfinity;

    public Directive Directive
    {
        get
        {
            if (_directive.StepsPerUpdate == course.Steps && _directive.RoundTime == course.RoundTime && _directive.Best == InUse?.Id)
            {
                return _directive;
            }

            _directive = new()
            {
                StepsPerUpdate = course.Steps,
                RoundTime = course.RoundTime,
                Pace = TrainPace.LockStep,
                Estimates = true,
                LocalSteps = course.Settings.UsesWorth ? true : null,
                GradientValues = _mean.Length < model.Values ? _mean.Length : null,
                Best = InUse?.Id,
            };
            return _directive;
        }
    }

    public Weights? InUse { get; private set; }

    public bool HasEnded => course.Stage == TauStage.Ended;

    public void After(in SteeredRound round)
    {
        if (_started is not null && !HasEnded)
        {
            if (!_hasChanged) { TakeLosses(round.Updates, _started); }
            var apart = _hasChanged ? null : DivergenceOf(round.Updates, round.Devices);
            MeasureLocal(round);
            MeasureWhole(round);
            var worth = _hasChanged || !course.Settings.UsesWorth ? null : WorthOf(round.Updates, round.Devices);
            course.After(StepsOf(round.Updates), _local, _whole, apart, isFinite: !round.Updates.IsEmpty, worth);
            _hasChanged = false;
        }

        _started = round.Made;
    }

    public void Restart()
    {
        course.Restart();
        _hasLate = false;
        _hasChanged = true;         // measurements of the open round are of the old data
        (_loss, _least, InUse) = (double.NaN, double.PositiveInfinity, null);
    }

    public void Show(Action<string, double> gauge)
    {
        gauge("tau", course.Steps);
        gauge("stage", (int)course.Stage);
        if (double.IsFinite(_loss)) { gauge("loss", _loss); }
        if (double.IsFinite(_least)) { gauge("least-loss", _least); }
        if (course.Divergence is { } apart)
        {
            gauge("rho", apart.Rho);
            gauge("beta", apart.Beta);
            gauge("delta", apart.Delta);
        }

        if (course.Decay is { } decay) { gauge("decay", decay); }
        for (var m = 0; m < _gauges.Length; m++)
        {
            gauge(_gauges[m].Step, course.Costs[m].Step);
            gauge(_gauges[m].Aggregation, course.Costs[m].Aggregation);
            gauge(_gauges[m].Used, course.Used[m]);
        }
    }

    public void State(ref StateStream s)
    {
        course.State(ref s);
        s.Optional(ref _started, LearningCodecs.Weights);
        InUse = s.Optional(InUse, LearningCodecs.Weights);
        s.Value(ref _loss);
        s.Value(ref _least);
        s.Value(ref _hasChanged);
        s.Value(ref _hasLate);
        if (_hasLate && _late.Length == 0) { throw new StateException("expected a rule that measures steps, got one that does not"); }
        if (_hasLate) { s.Values(_late.AsSpan()); }
    }

    /// <summary>Reads the losses of the base version and, on the same rows, of the best version.</summary>
    private void TakeLosses(ReadOnlySpan<(WeightDelta Update, long Bytes)> updates, Weights started)
    {
        var (rows, loss, best, comparesAll) = (0.0, 0.0, 0.0, InUse is not null);
        foreach (var (update, _) in updates)
        {
            if (update.Estimate is not { } estimate) { continue; }
            rows += estimate.Rows;
            loss += (double)estimate.Rows * estimate.Loss;
            best += (double)estimate.Rows * (estimate.BestLoss ?? 0);
            comparesAll &= estimate.BestLoss is not null;
        }

        if (!(rows > 0) || !double.IsFinite(loss)) { return; }
        _loss = loss / rows;
        if (comparesAll && double.IsFinite(best)) { _least = best / rows; }
        if (!(_loss < _least)) { return; }
        (_least, InUse) = (_loss, started);
    }

    private Divergence? DivergenceOf(ReadOnlySpan<(WeightDelta Update, long Bytes)> updates, int devices)
    {
        _rows.Clear();
        _curvatures.Clear();
        _gradients.Clear();
        foreach (var (update, _) in updates)
        {
            if (update.Estimate is not { Curvature: { } curvature } estimate || estimate.Gradient.Length != _mean.Length) { continue; }
            _rows.Add(estimate.Rows);
            _curvatures.Add(curvature);
            _gradients.Add(estimate.Gradient.AsMemory());
        }

        return _rows.Count == 0 || 2 * _rows.Count < devices ? null
            : Divergence.Of(CollectionsMarshal.AsSpan(_rows), CollectionsMarshal.AsSpan(_curvatures), CollectionsMarshal.AsSpan(_gradients),
                _mean);
    }

    private LocalWorth? WorthOf(ReadOnlySpan<(WeightDelta Update, long Bytes)> updates, int devices)
    {
        LocalWorth? worth = null;
        if (MeanOf(updates, devices, static e => e.Gradient, _mean))
        {
            var apart = 0.0;
            var rows = 0.0;
            foreach (var (update, _) in updates)
            {
                if (update.Estimate is not { } estimate || estimate.Gradient.Length != _mean.Length) { continue; }
                rows += estimate.Rows;
                apart += estimate.Rows * (double)TensorPrimitives.Distance(estimate.Gradient.AsSpan(), _mean);
            }

            worth = LocalWorth.Of(_mean, MeanOf(updates, devices, static e => e.Early, _early) ? _early : [], _hasLate ? _late : [],
                apart / rows);
        }

        _hasLate = MeanOf(updates, devices, static e => e.Late, _late);
        return worth;
    }

    /// <summary>Returns the number of gradient values to report; fewer if there is a budget for bytes.</summary>
    private static int SentValues(TauCourse course, ModelPlan model)
    {
        var values = Math.Min(model.Values, course.Settings.GradientValues);
        return course.Settings.UsesWorth && course.Budget.Any(static r => r.Name == Resource.BytesName)
            ? Math.Min(values, Math.Max(MinTold, model.Values / 16)) : values;
    }

    /// <summary>Averages values, weighted by rows. Returns false if fewer than half report, or a value is not finite.</summary>
    private static bool MeanOf(
        ReadOnlySpan<(WeightDelta Update, long Bytes)> updates, int devices, Func<DeviceEstimate, ImmutableArray<float>> told,
        Span<float> mean)
    {
        var (rows, count) = (0.0, 0);
        mean.Clear();
        foreach (var (update, _) in updates)
        {
            if (update.Estimate is not { } estimate || told(estimate) is var values && values.Length != mean.Length) { continue; }
            TensorPrimitives.MultiplyAdd(values.AsSpan(), estimate.Rows, mean, mean);
            (rows, count) = (rows + estimate.Rows, count + 1);
        }

        if (count == 0 || 2 * count < devices) { return false; }
        TensorPrimitives.Divide(mean, (float)rows, mean);
        return float.IsFinite(TensorPrimitives.Norm(mean));
    }

    private void MeasureLocal(in SteeredRound round)
    {
        for (var m = 0; m < _local.Length; m++)
        {
            var resource = course.Budget[m];
            _local[m] = 0;
            foreach (var (update, _) in round.Updates) { _local[m] = resource.With(_local[m], StepsOf(resource, update)); }
        }
    }

    /// <summary>Measures clock time and bytes, which include the version and refused updates.</summary>
    private void MeasureWhole(in SteeredRound round)
    {
        for (var m = 0; m < _whole.Length; m++)
        {
            var resource = course.Budget[m];
            var isBytes = resource.Name == Resource.BytesName;
            _whole[m] = isBytes ? ((double)round.Made.SizeBytes * round.Devices) + round.RefusedBytes : 0;
            foreach (var (update, bytes) in round.Updates)
            {
                _whole[m] = resource.With(_whole[m], isBytes ? bytes : StepsOf(resource, update) + resource.Aggregation);
            }

            if (resource.Name == Resource.TimeName) { _whole[m] = round.Elapsed.TotalSeconds; }
        }
    }

    private static int? StepsOf(ReadOnlySpan<(WeightDelta Update, long Bytes)> updates)
    {
        int? most = null;
        foreach (var (update, _) in updates) { most = Math.Max(most ?? 1, update.Steps); }
        return most;
    }

    private static double StepsOf(Resource resource, WeightDelta update) => resource.Name switch
    {
        Resource.TimeName => update.RoundTime.TotalSeconds,
        Resource.BytesName => 0,
        _ => resource.Step * update.Steps,
    };
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

/// <summary>What adaptive tau remembers: the plan, the version that the round at hand started from, and the best one.</summary>
/// <param name="plan">The plan of the first round.</param>
/// <param name="model">The model.</param>
internal sealed class TauSteering(TauPlan plan, ModelPlan model) : ISteering
{
    private readonly float[] _mean = new float[model.Values];
    private readonly List<double> _rows = [];
    private readonly List<Curvature> _curvatures = [];
    private readonly List<ReadOnlyMemory<float>> _gradients = [];
    private readonly double[] _uses = new double[plan.Budget.Length];
    private TauPlan _plan = plan;
    private Weights? _started;          // null: devices announce themselves
    private bool _hasChanged;           // the data, in the round under way
    private double _loss = double.NaN;
    private double _least = double.PositiveInfinity;

    /// <inheritdoc />
    public Directive Directive => new()
    {
        StepsPerUpdate = _plan.Steps,
        Pace = TrainPace.LockStep,
        Estimates = true,
        Best = InUse?.Id,
    };

    /// <inheritdoc />
    public Weights? InUse { get; private set; }

    /// <inheritdoc />
    public bool HasEnded => _plan.Stage == TauStage.Ended;

    /// <inheritdoc />
    public void After(in SteeredRound round)
    {
        if (_started is not null && !HasEnded)
        {
            if (!_hasChanged) { TakeLosses(round.Updates, _started); }
            var apart = _hasChanged ? null : DivergenceOf(round.Updates);
            var shown = new TauRound(Local(round), Whole(round), apart, IsFinite: !round.Updates.IsEmpty);
            _plan = _plan.After(shown with { Steps = StepsOf(round.Updates) });
            _hasChanged = false;
        }

        _started = round.Made;
    }

    /// <inheritdoc />
    public void Restart()
    {
        _plan = _plan.Restart();
        _hasChanged = true;         // what the round under way shows is of the data before
        (_loss, _least, InUse) = (double.NaN, double.PositiveInfinity, null);
    }

    /// <inheritdoc />
    public void Show(Action<string, double> gauge)
    {
        gauge("tau", _plan.Steps);
        gauge("stage", (int)_plan.Stage);
        if (double.IsFinite(_loss)) { gauge("loss", _loss); }
        if (double.IsFinite(_least)) { gauge("least-loss", _least); }
        if (_plan.Divergence is { } apart)
        {
            gauge("rho", apart.Rho);
            gauge("beta", apart.Beta);
            gauge("delta", apart.Delta);
        }

        var costs = _plan.Costs;
        for (var m = 0; m < costs.Length; m++)
        {
            var name = _plan.Budget[m].Name;
            gauge($"c-{name}", costs[m].Step);
            gauge($"b-{name}", costs[m].Aggregation);
            gauge($"used-{name}", _plan.Used[m]);
        }
    }

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        _plan.Save(writer);
        Write(writer, _started);
        Write(writer, InUse);
        writer.Write(_loss);
        writer.Write(_least);
        writer.Write(_hasChanged);
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        _plan = _plan.Load(ref reader);
        _started = reader.ReadBoolean() ? reader.Read(LearningCodecs.Weights) : null;
        InUse = reader.ReadBoolean() ? reader.Read(LearningCodecs.Weights) : null;
        (_loss, _least, _hasChanged) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean());
    }

    private static void Write(StateWriter writer, Weights? version)
    {
        writer.Write(version is not null);
        if (version is not null) { writer.Write(LearningCodecs.Weights, version); }
    }

    /// <summary>The loss of the version that the round started from, and, on the same rows, that of the best one so far.</summary>
    private void TakeLosses(ReadOnlySpan<SteeredUpdate> updates, Weights started)
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

    private Divergence? DivergenceOf(ReadOnlySpan<SteeredUpdate> updates)
    {
        _rows.Clear();
        _curvatures.Clear();
        _gradients.Clear();
        foreach (var (update, _) in updates)
        {
            if (update.Estimate is not { Curvature: { } curvature } estimate) { continue; }
            _rows.Add(estimate.Rows);
            _curvatures.Add(curvature);
            _gradients.Add(estimate.Gradient.AsMemory());
        }

        return _rows.Count == 0 ? null
            : Divergence.Of(CollectionsMarshal.AsSpan(_rows), CollectionsMarshal.AsSpan(_curvatures), CollectionsMarshal.AsSpan(_gradients),
                _mean);
    }

    /// <summary>What the local steps used.</summary>
    private ImmutableArray<double> Local(in SteeredRound round)
    {
        for (var m = 0; m < _uses.Length; m++)
        {
            var resource = _plan.Budget[m];
            _uses[m] = 0;
            foreach (var (update, _) in round.Updates) { _uses[m] = resource.With(_uses[m], StepsOf(resource, update)); }
        }

        return [.. _uses];
    }

    /// <summary>What the whole round used. Time is that of the clock; of bytes, the version counts too.</summary>
    private ImmutableArray<double> Whole(in SteeredRound round)
    {
        for (var m = 0; m < _uses.Length; m++)
        {
            var resource = _plan.Budget[m];
            var isBytes = resource.Name == Resource.BytesName;
            _uses[m] = isBytes ? (double)round.Made.SizeBytes * round.Devices : 0;
            foreach (var (update, bytes) in round.Updates)
            {
                _uses[m] = resource.With(_uses[m], isBytes ? bytes : StepsOf(resource, update) + resource.Aggregation);
            }

            if (resource.Name == Resource.TimeName) { _uses[m] = round.Elapsed.TotalSeconds; }
        }

        return [.. _uses];
    }

    /// <summary>The steps that devices made: those of an earlier plan, if the data have changed since.</summary>
    private static int? StepsOf(ReadOnlySpan<SteeredUpdate> updates)
    {
        int? most = null;
        foreach (var (update, _) in updates) { most = Math.Max(most ?? 1, update.Steps); }
        return most;
    }

    /// <summary>What a device's steps used of a resource.</summary>
    private static double StepsOf(Resource resource, WeightDelta update) => resource.Name switch
    {
        Resource.TimeName => update.RoundTime.TotalSeconds,
        Resource.BytesName => 0,
        _ => resource.Step * update.Steps,
    };
}

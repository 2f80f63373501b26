using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>The norm bound is fixed within a round, so order does not matter, unless the fleet outgrew it: the round would not
/// end.</summary>
internal sealed class UpdateCheck(IModel model, AggregateOptions options)
{
    /// <summary>Maximum ratio of norms, and of steps, to the fleet's median.</summary>
    internal const double Tolerance = 10;

    /// <summary>Maximum ratio of the norm to that of the initial model, while the fleet's norm is unknown.</summary>
    private const double FirstTolerance = 100;

    /// <summary>Ratio of the norm to the initial model's below which updates do not vote, such as from devices with one class.</summary>
    private const double Negligible = 1e-3;

    /// <summary>Ratio to the initial model's norm that is always accepted: some still learn when most have learned everything.</summary>
    private const double Harmless = 0.25;

    /// <summary>Maximum rise of the bound at once: it follows a fleet with larger steps, but not endless growth.</summary>
    private const double MaxRise = 10;

    /// <summary>Voters for a known median; one or two would refuse rare but informative updates, such as those with a rare class.</summary>
    private const int EnoughVoters = 3;

    private const long MaxRows = 1L << 32;

    private readonly ModelPlan _plan = model.Plan;
    private readonly long _firstVersion = model.Initial.Version;
    private int _maxStaleness = options.MaxStaleness;
    private readonly double _negligible = Negligible * NormOf(model.Initial.Values);
    private readonly double _harmless = Harmless * NormOf(model.Initial.Values);
    private double _bound = options.MaxNorm ?? (FirstTolerance * Math.Max(1, NormOf(model.Initial.Values)));
    private double _steps = double.PositiveInfinity;
    private int _unlike;        // number of updates refused for their norm since the bound was set
    private double _early;      // the greatest accepted norm before the fleet's bound was known

    internal bool KnowsBound { get; private set; } = options.MaxNorm is not null;

    internal int MaxStaleness => _maxStaleness;

    internal void Use(int bases) => _maxStaleness = bases == 0 ? options.MaxStaleness : Math.Min(bases, options.MaxStaleness);

    internal void State(ref StateStream s)
    {
        s.Value(ref _bound);
        s.Value(ref _steps);
        KnowsBound = s.Value(KnowsBound);
        s.Value(ref _unlike, 0, int.MaxValue);
        s.Value(ref _early);
    }

    internal void NoteEarly(double norm) => _early = KnowsBound ? _early : Math.Max(_early, norm);

    internal bool WasEarlyOutOfBounds => KnowsBound && !IsBounded(_early, steps: 0);

    internal static double NormOf(ImmutableArray<float> values) => Math.Sqrt(Sums.OfSquares(values.AsSpan()).Squares);

    internal UpdateRefusal? Form(WeightDelta update)
    {
        if (update.SchemaHash != _plan.SchemaHash) { return UpdateRefusal.Schema; }
        if (update.Values.Length != _plan.Values) { return UpdateRefusal.Shape; }
        if (update.Estimate is { } estimate && estimate.Gradient.Length > _plan.Values) { return UpdateRefusal.Shape; }
        return update.Moments is null || update.Moments.Channels == _plan.Input.Channels ? null : UpdateRefusal.Shape;
    }

    /// <summary>The first norm that is refused is a vote too, so that the bound follows the majority.</summary>
    internal UpdateRefusal? Content(WeightDelta update, long version, Member member, int steps, out double norm)
    {
        norm = 0;
        if (update.BaseVersion < _firstVersion || update.BaseVersion > version) { return UpdateRefusal.Version; }
        if (version - update.BaseVersion > _maxStaleness) { return UpdateRefusal.Stale; }
        norm = TrainedNorm(update.Values.AsSpan());
        if (!double.IsFinite(norm) || !HasFiniteStatistics(update.Values.AsSpan())) { return UpdateRefusal.NonFinite; }
        if (update.Moments is { } moments && !IsSound(moments)) { return UpdateRefusal.NonFinite; }
        if (update.Steps == 0) { return null; }
        var isRefused = !IsBounded(norm, steps);
        if (norm > _negligible) { member.Vote(Math.Min(norm, Tolerance * _bound), isRefused); }
        if (!isRefused) { return null; }
        _unlike++;
        return UpdateRefusal.Norm;
    }

    internal bool IsBounded(double norm, int steps) =>
        norm <= _bound * (options.MaxNorm is null ? Math.Clamp(steps / _steps, 1, Tolerance) : 1);

    internal WeightDelta Clip(WeightDelta update, double norm)
    {
        if (!(norm > options.ClipNorm)) { return update; }
        var factor = (float)(options.ClipNorm.Value / norm);
        var values = new float[update.Values.Length];
        for (var i = 0; i < values.Length; i++) { values[i] = factor * update.Values[i]; }
        foreach (var slice in _plan.Statistics) { slice.Of(update.Values.AsSpan()).CopyTo(slice.Of(values.AsSpan())); }
        return update with { Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    internal bool IsOutgrown(int devices) => _unlike >= Math.Max(devices, EnoughVoters);

    internal void Follow(FleetMedians medians)
    {
        _unlike = 0;
        if (options.MaxNorm is not null || medians.Voters < EnoughVoters) { return; }
        var most = _bound * (KnowsBound ? MaxRise : FirstTolerance);
        (_bound, _steps, KnowsBound) = (Math.Clamp(Tolerance * medians.Norm, _harmless, most), Math.Max(1, medians.Steps), true);
    }

    /// <summary>Trained values are the ranges between the statistics. Adds squares in the order of <see cref="Sums"/>.</summary>
    private double TrainedNorm(ReadOnlySpan<float> values)
    {
        double squares = 0;
        var next = 0;
        foreach (var slice in _plan.Statistics)
        {
            squares += Sums.OfSquares(values[next..slice.Offset]).Squares;
            next = slice.Offset + slice.Length;
        }

        return Math.Sqrt(squares + Sums.OfSquares(values[next..]).Squares);
    }

    private bool HasFiniteStatistics(ReadOnlySpan<float> values)
    {
        foreach (var slice in _plan.Statistics)
        {
            foreach (var value in slice.Of(values))
            {
                if (!float.IsFinite(value)) { return false; }
            }
        }

        return true;
    }

    /// <summary>Returns true if the moments are possible for float32 rows, so merging stays finite.</summary>
    private static bool IsSound(ChannelMoments moments)
    {
        if (moments.Count > MaxRows) { return false; }
        for (var c = 0; c < moments.Channels; c++)
        {
            var (mean, deviations) = (moments.Mean[c], moments.M2[c]);
            if (!(Math.Abs(mean) <= float.MaxValue && deviations >= 0 && deviations <= MaxRows * (double)float.MaxValue * float.MaxValue))
            {
                return false;
            }
        }

        return true;
    }
}

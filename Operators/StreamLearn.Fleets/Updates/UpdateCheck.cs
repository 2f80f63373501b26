using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// Validates the content of updates. The bound on norms stands still within a round, so that the order of arrival does not enter it, unless
/// the fleet has outgrown it: a round that takes nothing would never end.
/// </summary>
internal sealed class UpdateCheck(IModel model, AggregateOptions options)
{
    /// <summary>Norms, against the fleet's median, up to which an update is taken; so for its steps.</summary>
    internal const double Tolerance = 10;

    /// <summary>
    /// Norms, against that of the initial model and at least 1, up to which an update is taken while the fleet's are unknown.
    /// </summary>
    private const double FirstTolerance = 100;

    /// <summary>
    /// Norms, against that of the initial model, of updates that change nothing, such as those of devices that have seen one class: they
    /// do not say what an ordinary update is.
    /// </summary>
    private const double Negligible = 1e-3;

    /// <summary>
    /// Norms, against that of the initial model, up to which an update is taken whatever the fleet's are: where most devices have learned
    /// all that their rows teach, as those of one class soon have, the others still go on.
    /// </summary>
    private const double Harmless = 0.25;

    /// <summary>By how much the bound may rise at once: a fleet that begins to take greater steps is followed, and nobody who makes them
    /// greater without end.</summary>
    private const double MaxRise = 10;

    /// <summary>Devices whose norms make the median known. The median of one or two would be theirs: the few updates that say something
    /// new, such as those of a rare class, would be refused for not being like the many that do not.</summary>
    private const int EnoughVoters = 3;

    /// <summary>Rows that an update's moments may speak of.</summary>
    private const long MaxRows = 1L << 32;

    private readonly ModelPlan _plan = model.Plan;
    private readonly long _firstVersion = model.Initial.Version;
    private int _maxStaleness = options.MaxStaleness;
    private readonly double _negligible = Negligible * NormOf(model.Initial.Values);
    private readonly double _harmless = Harmless * NormOf(model.Initial.Values);
    private double _bound = options.MaxNorm ?? (FirstTolerance * Math.Max(1, NormOf(model.Initial.Values)));
    private double _steps = double.PositiveInfinity;
    private int _unlike;        // updates refused for their norm since the bound was set
    private double _early;      // the greatest norm of those that were accepted before the fleet's bound was known

    /// <summary>True once the bound comes from the fleet, or from the options.</summary>
    internal bool KnowsBound { get; private set; } = options.MaxNorm is not null;

    /// <summary>Versions that the base of an update may lie back.</summary>
    internal int MaxStaleness => _maxStaleness;

    /// <summary>Takes updates of so many versions back, where a rule asks for the values of their bases.</summary>
    internal void Use(int bases) => _maxStaleness = bases == 0 ? options.MaxStaleness : Math.Min(bases, options.MaxStaleness);

    internal void State(ref StateStream s)
    {
        s.Value(ref _bound);
        s.Value(ref _steps);
        KnowsBound = s.Value(KnowsBound);
        s.Value(ref _unlike, 0, int.MaxValue);
        s.Value(ref _early);
    }

    /// <summary>Remembers an update that was accepted and is in the model, before anybody could say what is ordinary.</summary>
    internal void NoteEarly(double norm) => _early = KnowsBound ? _early : Math.Max(_early, norm);

    /// <summary>True if one of those turns out to be no update of this fleet's.</summary>
    internal bool WasEarlyOutOfBounds => KnowsBound && !IsBounded(_early, steps: 0);

    internal static double NormOf(ImmutableArray<float> values) => Math.Sqrt(Sums.OfSquares(values.AsSpan()).Squares);

    /// <summary>Why an update is none of this model's, or null.</summary>
    internal string? Form(WeightDelta update)
    {
        if (update.SchemaHash != _plan.SchemaHash) { return "schema"; }
        if (update.Values.Length != _plan.Values) { return "shape"; }
        if (update.Estimate is { } estimate && estimate.Gradient.Length > _plan.Values) { return "shape"; }
        return update.Moments is null || update.Moments.Channels == _plan.Input.Channels ? null : "shape";
    }

    /// <summary>Why an update of the right form is refused at a version, or null. <paramref name="member"/>: the device: the norm of the
    /// first update that is refused is a vote too, so that the bound follows where most devices go.</summary>
    internal string? Content(WeightDelta update, long version, Member member, int steps, out double norm)
    {
        norm = 0;
        if (update.BaseVersion < _firstVersion || update.BaseVersion > version) { return "version"; }
        if (version - update.BaseVersion > _maxStaleness) { return "stale"; }
        norm = TrainedNorm(update.Values.AsSpan());
        if (!double.IsFinite(norm) || !HasFiniteStatistics(update.Values.AsSpan())) { return "non-finite"; }
        if (update.Moments is { } moments && !IsSound(moments)) { return "non-finite"; }
        if (update.Steps == 0) { return null; }
        var isRefused = !IsBounded(norm, steps);
        if (norm > _negligible) { member.Vote(Math.Min(norm, Tolerance * _bound), isRefused); }
        if (!isRefused) { return null; }
        _unlike++;
        return "norm";
    }

    /// <summary>True if a norm is one of those that the fleet's updates of so many steps have.</summary>
    internal bool IsBounded(double norm, int steps) =>
        norm <= _bound * (options.MaxNorm is null ? Math.Clamp(steps / _steps, 1, Tolerance) : 1);

    /// <summary>Cuts an update's values, except for statistics, to the norm that the options allow.</summary>
    internal WeightDelta Clip(WeightDelta update, double norm)
    {
        if (!(norm > options.ClipNorm)) { return update; }
        var factor = (float)(options.ClipNorm.Value / norm);
        var values = new float[update.Values.Length];
        for (var i = 0; i < values.Length; i++) { values[i] = factor * update.Values[i]; }
        foreach (var slice in _plan.Statistics) { slice.Of(update.Values.AsSpan()).CopyTo(slice.Of(values.AsSpan())); }
        return update with { Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    /// <summary>True if as many updates as there are devices have been refused for their norm since the bound was set: the fleet may
    /// have outgrown it.</summary>
    internal bool IsOutgrown(int devices) => _unlike >= Math.Max(devices, EnoughVoters);

    /// <summary>Sets the bound by what is ordinary in the fleet.</summary>
    internal void Follow(FleetMedians medians)
    {
        _unlike = 0;
        if (options.MaxNorm is not null || medians.Voters < EnoughVoters) { return; }
        var most = _bound * (KnowsBound ? MaxRise : FirstTolerance);
        (_bound, _steps, KnowsBound) = (Math.Clamp(Tolerance * medians.Norm, _harmless, most), Math.Max(1, medians.Steps), true);
    }

    /// <summary>The norm of all values but statistics: of those between two of them, in the order of <see cref="Sums"/>.</summary>
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

    /// <summary>True if moments can be those of rows of float32: merged, they then stay finite.</summary>
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

namespace StreamLearn.Fleets;

/// <summary>The mutable form of <see cref="TauPlan"/>; allocates nothing per round.</summary>
internal sealed class TauCourse
{
    private const int FewRounds = 20;
    private const int MaxOfFirst = 10;         // maximum steps of the first round before the second may grow
    private const double FirstShare = 0.3;      // maximum share of the time budget for the first round's steps
    private const double MaxSeconds = 1e9;

    private readonly double[] _limits;
    private readonly double[] _used;
    private readonly CostEstimate[] _estimates;
    private readonly RoundCost[] _costs;        // costs used to plan the next round
    private readonly double[] _left;
    private readonly double _firstSeconds;      // time for the steps of the first round; 0: it has one step
    private WorthCourse _worth;
    private int _stepsBefore;                   // steps of the second-to-last round; 0: there was none

    /// <summary><paramref name="budget"/>: at least one resource.</summary>
    internal TauCourse(ImmutableArray<Resource> budget, TauSettings settings)
    {
        if (budget.IsDefaultOrEmpty) { throw new ArgumentException("expected at least one resource", nameof(budget)); }
        foreach (var resource in budget) { resource.Check(); }
        settings.Check();
        (Budget, Settings) = (budget, settings);
        _firstSeconds = !settings.UsesWorth ? 0 : budget.Where(static r => r.Name == Resource.TimeName)
            .Select(static r => Math.Min(MaxSeconds, FirstShare * r.Limit)).DefaultIfEmpty().Min();
        Steps = settings.FixedSteps ?? (_firstSeconds > 0 ? settings.MaxSteps : 1);
        _limits = [.. budget.Select(static r => r.Limit)];
        (_used, _estimates, _costs) = (new double[budget.Length], new CostEstimate[budget.Length], new RoundCost[budget.Length]);
        _left = new double[budget.Length];
    }

    internal TauCourse(TauCourse other)
    {
        (Budget, Settings, Steps, _firstSeconds) = (other.Budget, other.Settings, other.Steps, other._firstSeconds);
        (Stage, Divergence, _limits) = (other.Stage, other.Divergence, other._limits);
        (_used, _estimates, _costs) = ([.. other._used], [.. other._estimates], [.. other._costs]);
        (_left, _worth, _stepsBefore) = (new double[other._used.Length], other._worth, other._stepsBefore);
    }

    internal ImmutableArray<Resource> Budget { get; }

    internal TauSettings Settings { get; }

    internal int Steps { get; private set; }

    /// <summary>The time for the first round; null if it is not set. Costs are unknown before that round, so its steps may fill the time
    /// that a device has waited: with slow links, a round of one step would use much of the budget.</summary>
    internal TimeSpan? RoundTime => !(_firstSeconds > 0) ? null
        : _stepsBefore == 0 && Steps > 1 ? TimeSpan.FromSeconds(_firstSeconds)
        : TimeSpan.MaxValue;

    internal TauStage Stage { get; private set; }

    internal Divergence? Divergence { get; private set; }

    /// <summary>Loss of worth per local step; null: unknown.</summary>
    internal double? Decay => Settings.UsesWorth ? _worth.Decay : null;

    internal ReadOnlySpan<double> Used => _used;

    internal ReadOnlySpan<RoundCost> Costs => _costs;

    /// <summary>Changes nothing if it throws an exception.</summary>
    internal void After(int? steps, ReadOnlySpan<double> local, ReadOnlySpan<double> whole, Divergence? apart, bool isFinite,
        LocalWorth? worth = null)
    {
        var made = steps ?? Steps;
        for (var m = 0; m < _used.Length; m++) { CostEstimate.Check(made, local[m], whole[m]); }
        for (var m = 0; m < _used.Length; m++)
        {
            _used[m] += whole[m];
            _estimates[m] = _estimates[m].With(made, local[m], whole[m]);
            _costs[m] = Cost(_estimates[m]);
        }

        Divergence = apart ?? Divergence;
        if (worth is { } measured) { _worth.After(measured, _stepsBefore, Settings.MaxSteps); }
        _stepsBefore = made;
        (Stage, Steps) = Stage switch
        {
            TauStage.Evaluating => (TauStage.Ended, Steps),
            TauStage.LastLearning => (TauStage.Evaluating, 1),
            _ => Choose(isFinite),
        };
    }

    internal void Restart()
    {
        if (Stage != TauStage.Learning) { return; }
        (Steps, Divergence, _worth, _stepsBefore) = (Settings.FixedSteps ?? 1, null, default, 0);
    }

    internal void State(ref StateStream s)
    {
        Steps = s.Value(Steps, 1, int.MaxValue);
        Stage = (TauStage)s.Value((int)Stage, 0, (int)TauStage.Ended);
        if (s.Value(_used.Length) is var resources && resources != _used.Length)
        {
            throw new StateException($"expected a budget of {_used.Length} resources, got {resources}");
        }

        foreach (ref var used in _used.AsSpan()) { s.Value(ref used); }
        for (var m = 0; m < resources; m++)
        {
            _estimates[m] = _estimates[m].State(ref s);
            if (s.IsReading) { _costs[m] = Cost(_estimates[m]); }
        }

        var apart = Divergence ?? default;
        Divergence = s.Value(Divergence is not null) ? new(s.Value(apart.Rho), s.Value(apart.Beta), s.Value(apart.Delta)) : null;
        _worth.State(ref s);
        s.Value(ref _stepsBefore, 0, int.MaxValue);
    }

    private RoundCost Cost(CostEstimate estimate) => Settings.IsSafe ? estimate.Careful : estimate.Last;

    private (TauStage Stage, int Steps) Choose(bool isFinite)
    {
        var wanted = !isFinite ? 1
            : Settings.FixedSteps is { } steps ? steps
            : Decay is { } decay ? ByWorth(decay)
            : Divergence is { } apart
                ? TauSearch.Best(Math.Min(Settings.MaxSteps, SaturatedProduct(Steps, Settings.Growth)), _limits, _costs, apart, Settings)
                : Steps;
        var fits = double.PositiveInfinity;
        var goesOn = true;
        for (var m = 0; m < _used.Length; m++)
        {
            var cost = _costs[m];
            var left = _limits[m] - _used[m] - (2 * cost.Aggregation) - cost.Step;      // the loss is evaluated after it
            goesOn &= cost.Step * wanted < left;
            fits = Math.Min(fits, cost.Step > 0 ? left / cost.Step : left >= 0 ? fits : 0);
        }

        return goesOn ? (TauStage.Learning, wanted)
            : fits < 1 ? (TauStage.Evaluating, 1)
            : (TauStage.LastLearning, (int)Math.Min(wanted, Math.Floor(fits)));
    }

    /// <summary>Returns the number of steps, at least two, because a single step gives no measurement.</summary>
    /// <remarks>A measurement is one round late, so measured rounds limit growth, but not a first guess for few rounds or equal
    /// gradients.</remarks>
    private int ByWorth(double decay)
    {
        for (var m = 0; m < _left.Length; m++) { _left[m] = Math.Max(0, _limits[m] - _used[m]); }
        var growth = SaturatedProduct(_worth.Measured > 0 ? _worth.Measured : Math.Clamp(_stepsBefore, 1, MaxOfFirst), Settings.Growth);
        var isShort = TauSearch.EffectiveSteps(growth, _left, _costs) < (double)FewRounds * growth;
        var most = _worth.Measured == 0 && (isShort || _worth.AreAlike) ? Settings.MaxSteps : Math.Min(Settings.MaxSteps, growth);
        return Math.Min(Settings.MaxSteps, Math.Max(2, TauSearch.MaxWorth(most, _left, _costs, decay)));
    }

    private static int SaturatedProduct(int a, int b) => (int)Math.Min(int.MaxValue, (long)a * b);
}

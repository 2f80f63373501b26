namespace StreamLearn.Fleets;

/// <summary>Uses the version with the smallest loss on held-back rows (<see cref="TrainOptions.HoldBackShare"/>). Without improvement,
/// devices slow down, and learning may end.</summary>
/// <remarks>A version is judged after one report per device, which compares it with the best version on the same rows; it is better if the
/// mean difference, weighted by rows, is below 0. Until then, the newest is in use. Strategy directives still apply. A drift
/// (<see cref="ISteering.Restart"/>) clears the best version. Gauges: <c>best-version</c>, <c>held-back-loss</c> of the last judged
/// version, <c>held-back-change</c> from the best, <c>no-better-for</c> in seconds. Source: Prechelt (1998) for early stopping.</remarks>
public sealed record BestVersion : Steer
{
    /// <summary>Time without improvement after which devices pause between rounds, for an eighth of that time; above 0. Default 10 minutes;
    /// null: never.</summary>
    public TimeSpan? SlowWhenNoBetterFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time without improvement after which learning ends, above 0; devices keep answering. Null (default): never.</summary>
    public TimeSpan? StopWhenNoBetterFor { get; init; }

    /// <inheritdoc />
    public override ISteering Begin(IModel model) => new BestVersionSteering(this);

    /// <inheritdoc />
    public override void Check()
    {
        Check(SlowWhenNoBetterFor, nameof(SlowWhenNoBetterFor));
        Check(StopWhenNoBetterFor, nameof(StopWhenNoBetterFor));
    }

    private static void Check(TimeSpan? time, string name)
    {
        if (time is { } t) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(t, TimeSpan.Zero, name); }
    }
}

internal sealed class BestVersionSteering(BestVersion rule) : ISteering
{
    private Directive _directive = Directive.Unchanged;
    private Weights? _best;
    private Weights? _judged;
    private long _since;                // earlier reports compare with an earlier best version
    private int _reports;
    private (double Rows, double Loss) _all;
    private (double Rows, double Change) _compared;
    private double _loss = double.NaN;
    private double _change = double.NaN;
    private TimeSpan _noBetterFor;

    public Directive Directive
    {
        get
        {
            var pause = HasEnded || !(_noBetterFor >= rule.SlowWhenNoBetterFor) ? (TimeSpan?)null : Rounded(_noBetterFor / 8);
            if (_directive.Best != _best?.Id || _directive.Pause != pause) { _directive = new() { Best = _best?.Id, Pause = pause }; }
            return _directive;
        }
    }

    public Weights? InUse => _best;

    public (long Version, TimeSpan NoBetterFor)? Best => _best is { } best ? (best.Version, _noBetterFor) : null;

    public bool HasEnded => _best is not null && _noBetterFor >= rule.StopWhenNoBetterFor;

    public void After(in SteeredRound round)
    {
        if (HasEnded) { return; }
        _noBetterFor += _best is null ? TimeSpan.Zero : round.Elapsed;
        if (_judged is { } judged)
        {
            foreach (var (update, _) in round.Updates) { Take(update); }
            if (_reports < round.Devices || _reports == 0) { return; }
            Judge(judged, round.Made.Version);
        }

        _judged = round.Averaged;
        (_reports, _all, _compared) = (0, default, default);
    }

    public void Restart()
    {
        (_best, _judged, _since, _reports) = (null, null, 0, 0);
        (_loss, _change, _noBetterFor) = (double.NaN, double.NaN, default);
    }

    public void Show(Action<string, double> gauge)
    {
        if (_best is { } best) { gauge("best-version", best.Version); }
        if (double.IsFinite(_loss)) { gauge("held-back-loss", _loss); }
        if (double.IsFinite(_change)) { gauge("held-back-change", _change); }
        gauge("no-better-for", _noBetterFor.TotalSeconds);
    }

    public void State(ref StateStream s)
    {
        s.Optional(ref _best, LearningCodecs.Weights);
        s.Optional(ref _judged, LearningCodecs.Weights);
        s.Value(ref _since);
        s.Value(ref _reports, 0, int.MaxValue);
        _all = (s.Value(_all.Rows), s.Value(_all.Loss));
        _compared = (s.Value(_compared.Rows), s.Value(_compared.Change));
        s.Value(ref _loss);
        s.Value(ref _change);
        s.Value(ref _noBetterFor);
    }

    private void Take(WeightDelta update)
    {
        if (update.HeldBack is not { } held || update.BaseVersion < _since) { return; }
        _reports++;
        _all = (_all.Rows + held.Rows, _all.Loss + (held.Rows * (double)held.Loss));
        if (held.BestLoss is not { } best) { return; }
        _compared = (_compared.Rows + held.Rows, _compared.Change + (held.Rows * ((double)held.Loss - best)));
    }

    private void Judge(Weights judged, long next)
    {
        _loss = _all.Loss / _all.Rows;
        _change = _compared.Change / _compared.Rows;
        if (_best is not null && _compared.Rows > 0 && !(_change < 0)) { return; }
        (_best, _since, _noBetterFor) = (judged, next, default);
    }

    /// <summary>Rounds down to a power of two in seconds, so that directives change rarely.</summary>
    private static TimeSpan Rounded(TimeSpan time) =>
        TimeSpan.FromSeconds(Math.Pow(2, Math.Floor(Math.Log2(Math.Max(time.TotalSeconds, 1.0 / 16)))));
}

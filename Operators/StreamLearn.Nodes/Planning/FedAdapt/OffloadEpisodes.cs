namespace StreamLearn.Nodes;

/// <summary>A fast simulation of split training for FedAdapt's agent: the planners' cost model with noise.</summary>
/// <remarks>The reward sums over devices: (b − t) / b if faster than with all layers local, else −(t − b) / t. An episode ends when the
/// slowest takes as long as the slowest with all layers local. Parts on the server do not queue. Source: Wu et al. (2022),
/// FedAdapt.</remarks>
internal sealed class OffloadEpisodes : IEnvironment
{
    private readonly DeviceGroups _groups;
    private readonly OffloadEpisodesOptions _options;
    private readonly RandomStream _random;
    private readonly OffloadPoints _points;
    private readonly ImmutableArray<SplitRoutes> _usual;
    private readonly ImmutableArray<SplitRoutes> _dropped;         // [i]: routes of device i while its link is slow
    private readonly double[] _shares;                              // [s]: share of multiply-adds with s layers on the device
    private readonly double[] _baselines;
    private readonly int[] _splits;
    private readonly int[] _groupOf;
    private readonly double[] _seconds;
    private readonly double[] _kept;
    private int _slow = -1;                                         // the device with the slow link
    private long _steps;

    public OffloadEpisodes(
        LayerCosts model, ResourceView view, Objective objective, DeviceGroups groups, RandomStream random,
        OffloadEpisodesOptions? options = null)
    {
        (_groups, _options, _random, _points) = (groups, options ?? new(), random, OffloadPoints.Of(model));
        _usual = SplitRoutes.Of(model, view, objective);
        if (_usual.Any(static routes => routes.Splits.IsEmpty))
        {
            throw new ArgumentException("expected devices with enough memory for a split");
        }

        var slow = view with { Links = [.. view.Links.Select(l => l with { BitsPerSecond = Math.Min(l.BitsPerSecond, Slow) })] };
        _dropped = SplitRoutes.Of(model, slow, objective);
        _shares = [.. Enumerable.Range(0, model.Count + 1).Select(split => OffloadPoints.ShareOf(model, split))];
        _baselines = [.. _usual.Select(static routes => routes.Device.BaselineSeconds ?? routes.Local.Cost.BatchSeconds)];
        Rates = [.. _usual.Select(routes => DeviceGroups.RateOf(view, routes.Device))];
        var devices = _usual.Length;
        (_splits, _groupOf, _seconds, _kept) = (new int[devices], new int[devices], new double[devices], new double[devices]);
    }

    public int StateValues => 2 * _groups.Count;

    public int ActionValues => _groups.Count;

    public ReadOnlySpan<int> Splits => _splits;

    /// <summary>Measured seconds per batch of each device in the last step.</summary>
    public ReadOnlySpan<double> Seconds => _seconds;

    private ImmutableArray<double> Rates { get; }

    private double Slow => _options.DropBitsPerSecond ?? double.PositiveInfinity;

    public void Reset(Span<float> state)
    {
        Redraw();
        for (var i = 0; i < _splits.Length; i++) { _splits[i] = _shares.Length - 1; }
        Measure();
        Show(state);
    }

    public bool Step(ReadOnlySpan<float> action, Span<float> state, out double reward)
    {
        for (var i = 0; i < _splits.Length; i++) { _splits[i] = _usual[i].Nearest(_points.SplitOf(action[_groupOf[i]])); }
        Measure();
        (reward, var slowest) = (0, 0.0);
        for (var i = 0; i < _splits.Length; i++)
        {
            var (seconds, baseline) = (_seconds[i], _baselines[i]);
            reward += seconds < baseline ? (baseline - seconds) / baseline : -(seconds - baseline) / seconds;
            slowest = Math.Max(slowest, seconds);
        }

        if (++_steps % _options.DropSteps == 0) { Redraw(); }
        Show(state);
        return slowest >= _baselines.Max();
    }

    private void Redraw()
    {
        if (_options.DropBitsPerSecond is not null) { _slow = _random.NextInt32(_splits.Length + 1) - 1; }
    }

    private void Measure()
    {
        var slowest = _baselines.Max();
        for (var i = 0; i < _splits.Length; i++)
        {
            var cost = (i == _slow ? _dropped : _usual)[i][_splits[i]].Cost;
            var batches = 10 * _baselines[i] < slowest ? _options.FastMeasuredBatches : _options.MeasuredBatches;
            var sum = 0.0;
            for (var b = 0; b < batches; b++) { sum += (cost.DeviceSeconds * Factor()) + (cost.ServerSeconds * Factor()); }
            _seconds[i] = (sum / batches) + cost.UpSeconds + cost.DownSeconds + cost.OverheadSeconds;
            _kept[i] = _shares[_splits[i]];
        }
    }

    private double Factor() => Math.Max(0.2, 1 + (_options.Jitter * _random.NextGaussian()));

    private void Show(Span<float> state)
    {
        for (var i = 0; i < _splits.Length; i++)
        {
            _groupOf[i] = _groups.GroupOf(_baselines[i], i == _slow ? Math.Min(Slow, Rates[i]) : Rates[i]);
        }

        GroupState.Write(_groupOf, _seconds, _kept, state);
    }
}

namespace StreamLearn.Fleets;

internal sealed class ServerModel
{
    private readonly OperatorContext _context;
    private readonly ModelPlan _plan;
    private Apply _apply = null!;     // set by Use
    private readonly ServerState _state;
    private readonly StatisticsMean _statistics;
    private readonly RecentVersions _recent;
    private readonly long _firstVersion;
    private readonly FleetScale _scale = new();
    private readonly long _start;
    private long? _restored;        // the version that it resumed from
    private ModelVersion? _former;  // last version of the previous epoch, from which this epoch continues
    private Weights? _base;         // the model before any update; null if it is no longer known
    private double _share = 1;      // weight of the open round
    private long _stalenessSum;
    private long _stalenessMax;

    internal ServerModel(IModel model, IReadOnlyList<Apply> applies, long epoch, OperatorContext context)
    {
        var initial = model.Initial;
        (_context, _plan, Epoch, _firstVersion, _start) = (context, model.Plan, epoch, initial.Version, epoch);
        _state = new(initial) { Statistics = _plan.Statistics };
        _base = initial;
        _statistics = new(_plan, initial, averages: applies.Any(static a => !a.TreatsStatistics));
        _recent = new(initial.Version, initial.Values, applies.Max(static a => a.Bases));
    }

    internal long Epoch { get; private set; }

    internal ModelVersion Id => new(Epoch, Version);

    internal long Version => _state.Version;

    internal int Updates => _state.Updates;

    /// <summary>Discards the memory of the previous rule.</summary>
    internal void Use(Apply apply)
    {
        _apply = apply;
        _state.Renew(apply.Slots);
        _state.ForgetBefore();
    }

    internal void State(ref StateStream s)
    {
        _state.State(ref s);
        _statistics.State(ref s);
        _recent.State(ref s, _plan.Values);
        Epoch = s.Value(Epoch);
        _scale.State(ref s, _plan.Input.Channels);
        _restored = s.Value(_restored ?? -1) is var version && version >= 0 ? version : null;
        if (_restored is not null) { _base = null; }
        var (epoch, last) = (s.Value(_former?.Epoch ?? -1), s.Value(_former?.Version ?? 0));
        _former = epoch < 0 ? null : new(epoch, last);
        s.Value(ref _stalenessSum);
        s.Value(ref _stalenessMax);
    }

    internal void ResumeFrom(Weights version)
    {
        version.Values.CopyTo(_state.Weights);
        _state.ForgetBefore();
        (_state.Version, _restored) = (version.Version, version.Version);
        _scale.ResumeFrom(version.Scale);
        _base = version;
        _recent.ResumeFrom(version.Version, version.Values);
        _statistics.ResumeFrom(version);
        _former = null;
        Overtake(version.Epoch);
    }

    /// <summary>Moves to an epoch above another and at least this start's, so that no other start makes its versions.</summary>
    internal void Overtake(long other) => Epoch = Math.Max(Math.Max(Epoch, _start), checked(other + 1));

    /// <summary>Starts an epoch that belongs to this start only; updates from earlier versions stay valid.</summary>
    internal void BeginEpoch()
    {
        _former = Id;
        Overtake(Epoch);
    }

    internal bool IsOfFirst(WeightDelta update) => update.BaseVersion == _firstVersion;

    /// <summary>The initial model is the same in every epoch, but its updates may already be in the restored version.</summary>
    internal bool IsOfThisEpoch(WeightDelta update) =>
        update.BaseEpoch == Epoch || (update.BaseEpoch == _former?.Epoch && update.BaseVersion <= _former?.Version)
            ? !(update.BaseVersion < _restored)
            : update.BaseEpoch == 0 && IsOfFirst(update) && _restored is null;

    internal DateTimeOffset? EmittedAt(long version) => _recent.EmittedAt(version);

    /// <summary>Merges moments whether or not the update is accepted, unless most devices have gone.</summary>
    internal long Merge(Member member, ChannelMoments moments, Fleet fleet) => _state.IsAnchored ? 0 : _scale.Take(member, moments, fleet);

    internal void Add(in HeldUpdate held)
    {
        var (update, weight, _) = held;
        _state.Updates++;
        _state.TotalWeight += weight;
        _apply.Add(_state, new(held.Header, weight, update.Values.AsSpan(), _recent.ValuesOf(update.BaseVersion)));
        if (!_apply.TreatsStatistics) { _statistics.Add(update, weight); }
        var staleness = _state.Version - update.BaseVersion;
        (_stalenessSum, _stalenessMax) = (_stalenessSum + staleness, Math.Max(_stalenessMax, staleness));
        _context.Charge(_plan.Values);
    }

    /// <summary>Reverts all updates. Later updates from versions made until now are refused.</summary>
    internal bool TryRestorePrevious()
    {
        if (_base is not { } before) { return false; }
        _restored = _state.Version + 1;
        before.Values.CopyTo(_state.Weights);
        _state.Renew(_apply.Slots);
        _state.ForgetBefore();
        _statistics.TakeBack(before.Values.AsSpan());
        return true;
    }

    internal long ScaleRows => _scale.Moments?.Count ?? 0;

    internal void Show(List<HeldUpdate> held) => _state.Set = new(held);

    /// <summary>Slots of a rule that streams cannot be divided, so the round changes them fully.</summary>
    internal void CountFor(double share, bool isShrunken)
    {
        _share = share;
        if (!isShrunken) { _state.ForgetBefore(); }
        if (share < 1) { _state.Remember(slots: !_apply.Streams, isShrunken); }
    }

    internal void Move(bool valid)
    {
        if (valid)
        {
            _apply.Finish(_state);
            if (!_apply.TreatsStatistics) { _statistics.Finish(_state.Weights); }
            if (_share < 1) { _state.Keep((float)_share, slots: !_apply.Streams); }
        }
        else if (_apply.Streams) { _apply.Discard(_state); }
    }

    internal void Clear() => (_state.Updates, _state.TotalWeight, _state.Set, _share) = (0, 0, default, 1);

    internal void EndRound()
    {
        _plan.SetScale(_scale.Moments, _state.Weights);
        _statistics.EndRound(_state.Weights);
        _state.Version++;
    }

    internal void Emitted(Weights version) => _recent.Add(version.Values, _context.Now);

    internal void ShowStaleness()
    {
        _context.Gauge("staleness-sum", _stalenessSum);
        _context.Gauge("staleness-max", _stalenessMax);
    }

    internal Weights ToWeights() => new()
    {
        Version = _state.Version,
        Epoch = Epoch,
        SchemaHash = _plan.SchemaHash,
        Values = ImmutableArray.Create<float>(_state.Weights),
        Scale = _scale.Moments,
    };
}

using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>The model that versions are made of, and what the updates of the open round have added to it.</summary>
internal sealed class ServerModel
{
    private readonly OperatorContext _context;
    private readonly ModelPlan _plan;
    private Apply _apply = null!;     // Use sets it
    private readonly ServerState _state;
    private readonly StatisticsMean _statistics;
    private readonly RecentVersions _recent;
    private readonly long _firstVersion;
    private readonly FleetScale _scale = new();
    private readonly long _start;
    private long? _restored;        // the version that it went on from
    private ModelVersion? _former;  // the last version of the epoch before, whose line this epoch continues
    private Weights? _base;         // the model before any update; null: that is not known any more
    private double _share = 1;      // for which the open round counts
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

    /// <summary>The start of the aggregator.</summary>
    internal long Epoch { get; private set; }

    /// <summary>The newest version.</summary>
    internal ModelVersion Id => new(Epoch, Version);

    /// <summary>The number of the newest version.</summary>
    internal long Version => _state.Version;

    /// <summary>Updates added in the open round.</summary>
    internal int Updates => _state.Updates;

    /// <summary>Applies updates by another rule from now on; what the rule before kept is forgotten.</summary>
    internal void Use(Apply apply)
    {
        _apply = apply;
        _state.Renew(apply.Slots);
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

    /// <summary>Goes on from a version of an earlier aggregator.</summary>
    internal void GoOnFrom(Weights version)
    {
        version.Values.CopyTo(_state.Weights);
        (_state.Version, _restored) = (version.Version, version.Version);
        _scale.GoOnFrom(version.Scale);
        _base = version;
        _recent.GoOnFrom(version.Version, version.Values);
        _statistics.GoOnFrom(version);
        _former = null;
        Overtake(version.Epoch);
    }

    /// <summary>Continues under an epoch above another one: that of this start, so that no other start makes versions of it.</summary>
    internal void Overtake(long other) => Epoch = Math.Max(Math.Max(Epoch, _start), checked(other + 1));

    /// <summary>Continues the line of versions under an epoch that no other start has. Updates from the versions so far stay
    /// good.</summary>
    internal void BeginEpoch()
    {
        _former = Id;
        Overtake(Epoch);
    }

    /// <summary>True for an update of the version that all devices have from their start.</summary>
    internal bool IsOfFirst(WeightDelta update) => update.BaseVersion == _firstVersion;

    /// <summary>
    /// The initial model is the same in every epoch. But what was learned from it may be in the version that this aggregator goes on from,
    /// before which it has made none.
    /// </summary>
    internal bool IsOfThisEpoch(WeightDelta update) =>
        update.BaseEpoch == Epoch || (update.BaseEpoch == _former?.Epoch && update.BaseVersion <= _former?.Version)
            ? !(update.BaseVersion < _restored)
            : update.BaseEpoch == 0 && IsOfFirst(update) && _restored is null;

    /// <summary>When a version was emitted; null if that is not known.</summary>
    internal DateTimeOffset? EmittedAt(long version) => _recent.EmittedAt(version);

    /// <summary>Takes in what a device tells of its rows, whatever became of what was learned from them.</summary>
    internal long Merge(Member member, ChannelMoments moments, Fleet fleet) => _scale.Take(member, moments, fleet);

    /// <summary>Adds an update to the open round.</summary>
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

    /// <summary>Takes back all that updates have made of the model. What was learned from a version until now is refused from now
    /// on.</summary>
    internal bool TryTakeBack()
    {
        if (_base is not { } before) { return false; }
        _restored = _state.Version + 1;
        before.Values.CopyTo(_state.Weights);
        _state.Renew(_apply.Slots);
        _statistics.TakeBack(before.Values.AsSpan());
        return true;
    }

    /// <summary>Rows of the fleet's scale.</summary>
    internal long ScaleRows => _scale.Moments?.Count ?? 0;

    /// <summary>Shows a rule that does not stream the whole set, in order.</summary>
    internal void Show(List<HeldUpdate> held) => _state.Set = new(held);

    /// <summary>Lets the open round count for a share. What a rule that streams has kept of updates is not told from what it keeps for
    /// later: of that, the round changes all.</summary>
    internal void CountFor(double share)
    {
        _share = share;
        if (share < 1) { _state.Remember(slots: !_apply.Streams); }
    }

    /// <summary>Moves the model by the updates that were added, or leaves it where it is.</summary>
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

    /// <summary>Forgets the round.</summary>
    internal void Clear() => (_state.Updates, _state.TotalWeight, _state.Set, _share) = (0, 0, default, 1);

    /// <summary>Ends the round with a version.</summary>
    internal void EndRound()
    {
        _plan.SetScale(_scale.Moments, _state.Weights);
        _statistics.EndRound(_state.Weights);
        _state.Version++;
    }

    /// <summary>Remembers a version that is emitted.</summary>
    internal void Emitted(Weights version) => _recent.Add(version.Values, _context.Now);

    internal void ShowStaleness()
    {
        _context.Gauge("staleness-sum", _stalenessSum);
        _context.Gauge("staleness-max", _stalenessMax);
    }

    /// <summary>The newest version, as a message.</summary>
    internal Weights ToWeights() => new()
    {
        Version = _state.Version,
        Epoch = Epoch,
        SchemaHash = _plan.SchemaHash,
        Values = ImmutableArray.Create<float>(_state.Weights),
        Scale = _scale.Moments,
    };
}

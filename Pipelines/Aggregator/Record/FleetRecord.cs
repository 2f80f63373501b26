using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Aggregator;

/// <summary>A fleet's history in bounded memory.</summary>
internal sealed class FleetRecord(FleetFacts facts) : IStateful
{
    internal const int MaxPoints = 2000;

    internal const int MaxDevices = 1000;

    private const int StalenessKept = 1024;
    private const int RateMoments = 10;
    private const int SlowRateMoments = 600;
    private static readonly TimeSpan MomentLength = TimeSpan.FromMilliseconds(950);     // timers fire every half second

    private readonly Lock _gate = new();
    private readonly DeviceList _devices = new(MaxDevices);
    private readonly StalenessWindow _staleness = new(StalenessKept);
    private readonly Curve<VersionScore> _scores = new(MaxPoints, static (_, newer) => newer);
    private readonly Curve<BudgetPoint> _budgets = new(MaxPoints, static (_, newer) => newer);
    private readonly Curve<OwnPoint> _owns = new(MaxPoints, static (_, newer) => newer);
    private readonly Curve<FleetMoment> _moments = new(MaxPoints, FleetMoment.Merge);
    private readonly Queue<FleetMoment> _recent = [];
    private (DateTimeOffset At, FleetCounters Counters)? _sampled;
    private (long Version, DateTimeOffset At, int Updates, int Missing)? _newest;
    private VersionScore? _score;
    private FleetAccuracy? _own;
    private bool _hasNewScores;     // true if scores arrived since the last summary
    private PlannedFleet? _plan;
    private long _ownWindows;           // windows of the newest point
    private long _budgeted = -1;        // version of the newest budget point
    private string _strategy = "";

    /// <summary>Adds a round with only a few look-ups per update, because the pipeline waits.</summary>
    internal ImmutableArray<RefusedUpdate> Add(Round round)
    {
        lock (_gate)
        {
            _strategy = round.Strategy;
            _newest = (round.Version, round.Ended, round.Contributions.Length, round.Missing);
            foreach (ref readonly var contribution in round.Contributions.AsSpan()) { _staleness.Add(contribution.Staleness); }
            return _devices.Add(round);
        }
    }

    /// <summary>Refusals are known before their round ends, if it ends.</summary>
    internal ImmutableArray<RefusedUpdate> Add(Receipt receipt, DateTimeOffset now)
    {
        lock (_gate)
        {
            return [.. _devices.Add(receipt, now)
                .Select(f => new RefusedUpdate(receipt.Device, receipt.Epoch, f.Sequence, f.Reason!))];
        }
    }

    internal void Add(Presence presence, DateTimeOffset now)
    {
        if (presence.Kind is PresenceKind.Holding or PresenceKind.Waiting) { return; }      // presence that devices send with each version
        if (!Plausible.IsStart(presence.Epoch, now)) { return; }        // such a start would make all later ones unacceptable
        lock (_gate) { _devices.Add(presence, now); }
    }

    internal void Add(DeviceScore score, DateTimeOffset now)
    {
        if (!Plausible.IsStart(score.Epoch, now)) { return; }
        lock (_gate)
        {
            _devices.Add(score, now);
            _hasNewScores = true;
        }
    }

    internal void Add(DeviceNews news, DateTimeOffset now)
    {
        lock (_gate) { _devices.Add(news, now); }
    }

    /// <summary>Records that the device has a different model.</summary>
    internal bool AddDifference(string device, string text, long epoch, DateTimeOffset now)
    {
        lock (_gate) { return _devices.AddDifference(device, text, epoch, now); }
    }

    internal void Add(PlannedSplits plan)
    {
        lock (_gate) { _plan = PlannedFleet.After(_plan, plan); }
    }

    /// <summary>Records the number of a device's layers; a device with fewer than all layers reports no accuracy.</summary>
    internal void AddSplit(string device, int layers, DateTimeOffset now)
    {
        lock (_gate)
        {
            _plan = PlannedFleet.After(_plan, device, layers, now);
            _hasNewScores |= layers < facts.Layers && _devices.ForgetOwn(device);
        }
    }

    internal bool Forget(string device, DateTimeOffset now)
    {
        lock (_gate) { return _devices.Forget(device, now); }
    }

    internal void AddLeave(string device, long epoch, DateTimeOffset now)
    {
        if (!Plausible.IsStart(epoch, now)) { return; }
        lock (_gate)
        {
            _devices.AddLeave(device, epoch, now);
            _plan = _plan?.Without(device);
        }
    }

    public string StateFormat => "fleet-record/7";

    internal const string FormatBeforeNews = "fleet-record/6";

    internal const string FormatBeforePlans = "fleet-record/5";

    internal const string FormatBeforeScores = "fleet-record/4";

    internal const string FormatBeforeCaps = "fleet-record/3";

    public IReadOnlyList<string> EarlierFormats => [FormatBeforeNews, FormatBeforePlans, FormatBeforeScores, FormatBeforeCaps];

    /// <summary>Saves the newest version and devices, to show them immediately after a restart.</summary>
    public void State(ref StateStream s)
    {
        lock (_gate)
        {
            var (version, at, updates, missing) = _newest ?? default;
            var isMade = s.Value(_newest is not null);
            version = s.Value(version);
            at = DateTimeOffset.FromUnixTimeMilliseconds(s.Value(at.ToUnixTimeMilliseconds()));
            (updates, missing) = (s.Value(updates, 0, int.MaxValue), s.Value(missing, 0, int.MaxValue));
            if (s.IsReading) { _newest = isMade ? (version, at, updates, missing) : null; }
            s.Value(ref _strategy);
            _devices.State(ref s);
            _hasNewScores |= s.IsReading;
            if (s.Format is not FormatBeforePlans and not FormatBeforeScores and not FormatBeforeCaps)
            {
                _plan = s.Value(_plan is not null) ? PlannedFleet.State(ref s, _plan) : null;
            }
        }
    }

    /// <summary>Ignores versions older than the newest evaluated one.</summary>
    internal void Add(VersionScore score)
    {
        lock (_gate)
        {
            if (score.Version <= _score?.Version) { return; }
            _score = score;
            _scores.Add(score);
        }
    }

    /// <summary>Starts counting; counts before the restart are excluded.</summary>
    internal void Begin(FleetCounters counters, DateTimeOffset now)
    {
        lock (_gate) { _sampled = (now, counters); }
    }

    /// <summary>Adds a point to the curves about once a second, and a point to the budget curve for each new version.</summary>
    internal FleetStatus At(FleetCounters counters, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_hasNewScores) { (_own, _hasNewScores) = (_devices.ToAccuracy(), false); }
            if (_sampled is not { } last) { _sampled = (now, counters); }
            else if (now - last.At >= MomentLength) { Sample(last.At, last.Counters, counters, now); }
            FleetStatus status = new()
            {
                Facts = facts,
                At = now,
                Strategy = _strategy.Length > 0 ? _strategy : facts.Strategy,
                Version = _newest?.Version ?? counters.RestoredVersion ?? 0,
                VersionAt = _newest?.At,
                VersionUpdates = _newest?.Updates ?? 0,
                Missing = _newest?.Missing ?? 0,
                Score = _score,
                Counters = counters,
                PerSecond = FleetMoment.RateOf(_recent.Skip(_recent.Count - RateMoments), TimeSpan.FromSeconds(1)),
                PerMinute = FleetMoment.RateOf(_recent, TimeSpan.FromMinutes(1)),
                Staleness = _staleness.Quantiles(),
                Devices = _devices.ToStatus(),
                Unlisted = _devices.Unlisted,
                Own = _own,
                Plan = _plan,
                Owns = _owns.ToPoints(),
                Scores = _scores.ToPoints(),
                Moments = _moments.ToPoints(),
            };
            if (status.Budget is { } budget && status.Version > _budgeted)
            {
                _budgeted = status.Version;
                _budgets.Add(new(_budgeted, budget.Steps, budget.Share, budget.Delta));
            }

            return status with { Budgets = _budgets.ToPoints() };
        }
    }

    private void Sample(DateTimeOffset since, FleetCounters before, FleetCounters counters, DateTimeOffset now)
    {
        var moment = new FleetMoment(now, (now - since).TotalSeconds,
            Math.Max(0, counters.Accepted - before.Accepted),
            Math.Max(0, counters.Refused.Values.Sum() - before.Refused.Values.Sum()),
            counters.Backlog,
            Math.Max(0, counters.BytesIn - before.BytesIn),
            Math.Max(0, counters.BytesOut - before.BytesOut));
        _moments.Add(moment);
        if (_own is { } own && own.Windows != _ownWindows)
        {
            _ownWindows = own.Windows;
            _owns.Add(new(now, own.NewestAccuracy, own.NewestLoss));
        }

        _recent.Enqueue(moment);
        if (_recent.Count > SlowRateMoments) { _recent.Dequeue(); }
        _sampled = (now, counters);
    }
}

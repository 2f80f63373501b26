using System.Collections.Immutable;

namespace Aggregator;

/// <summary>Facts that are constant while a program runs, with sanitized strings. <paramref name="Strategy"/>: the initial one.</summary>
internal sealed record FleetFacts(string Fleet, string Server, int Process, DateTimeOffset Started, bool Judges, string Strategy = "")
{
    /// <summary>Silence after which a device counts as quiet.</summary>
    internal TimeSpan QuietAfter { get; init; } = TimeSpan.FromMinutes(1);

    internal int Layers { get; init; }

    /// <summary>The names of classes; empty if they are numbers.</summary>
    internal ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>Devices that a round waits for, by strategy name; asynchronous strategies are absent.</summary>
    internal ImmutableDictionary<string, int> WaitsFor { get; init; } = ImmutableDictionary<string, int>.Empty;

    internal ImmutableDictionary<string, ImmutableArray<Resource>> Budgets { get; init; } =
        ImmutableDictionary<string, ImmutableArray<Resource>>.Empty;
}

/// <summary>Immutable snapshot for page, files and commands.</summary>
internal sealed record FleetStatus
{
    internal required FleetFacts Facts { get; init; }

    internal required DateTimeOffset At { get; init; }

    internal bool Running { get; init; } = true;

    /// <summary>The leader; null: single aggregator.</summary>
    internal LeadStatus? Lead { get; init; }

    internal string Strategy { get; init; } = "";

    internal long Version { get; init; }

    /// <summary>Time when the newest version was made; null if none was made yet.</summary>
    internal DateTimeOffset? VersionAt { get; init; }

    internal int VersionUpdates { get; init; }

    /// <summary>Devices for which the version did not wait.</summary>
    internal int Missing { get; init; }

    internal VersionScore? Score { get; init; }

    internal FleetCounters Counters { get; init; } = new();

    /// <summary>The used budget; null: no budget, or no round has ended.</summary>
    internal FleetBudget? Budget =>
        Facts.Budgets.TryGetValue(Strategy, out var budget) ? FleetBudget.Of(Counters.Gauges, budget) : null;

    /// <summary>Updates per second over the last ten seconds.</summary>
    internal (double Accepted, double Refused) PerSecond { get; init; }

    /// <summary>Updates per minute over the last ten minutes, for slow fleets.</summary>
    internal (double Accepted, double Refused) PerMinute { get; init; }

    /// <summary>Staleness of the newest updates; null: none accepted.</summary>
    internal (int P50, int P95)? Staleness { get; init; }

    internal ImmutableArray<DeviceStatus> Devices { get; init; } = [];

    internal long Unlisted { get; init; }

    /// <summary>The devices' own accuracy; null: nothing reported.</summary>
    internal FleetAccuracy? Own { get; init; }

    /// <summary>The planned splits; null: no device has a split.</summary>
    internal PlannedFleet? Plan { get; init; }

    internal CurvePoints<OwnPoint> Owns { get; init; }

    internal CurvePoints<VersionScore> Scores { get; init; }

    internal CurvePoints<BudgetPoint> Budgets { get; init; }

    internal CurvePoints<FleetMoment> Moments { get; init; }

    internal int CountOf(DeviceStanding standing) => Devices.Count(d => d.StateAt(At, Facts.QuietAfter) == standing);

    /// <summary>True if the leader has not yet received an update.</summary>
    internal bool IsWaiting => Lead is not { Leads: false }
        && Counters is { Accepted: 0, InRound: 0, Refused.IsEmpty: true } && VersionAt is null;
}

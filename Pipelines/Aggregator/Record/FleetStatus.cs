using System.Collections.Immutable;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary>Who writes a status: the same while a program runs. Its texts may be shown anywhere. <paramref name="Judges"/> true: versions
/// are judged. <paramref name="Strategy"/>: the strategy that it begins with, by its name.</summary>
internal sealed record FleetFacts(string Fleet, string Server, int Process, DateTimeOffset Started, bool Judges, string Strategy = "")
{
    /// <summary>After this time without a word of it, a device is quiet.</summary>
    internal TimeSpan QuietAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Layers of the model.</summary>
    internal int Layers { get; init; }

    /// <summary>Names of the classes; empty: they are numbers.</summary>
    internal ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>For how many devices each strategy waits, by its name; one that waits for none is not there.</summary>
    internal ImmutableDictionary<string, int> WaitsFor { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The budget of each strategy that learns under one, by its name.</summary>
    internal ImmutableDictionary<string, ImmutableArray<Resource>> Budgets { get; init; } =
        ImmutableDictionary<string, ImmutableArray<Resource>>.Empty;
}

/// <summary>How a fleet stands at one moment: what the page, the files and the commands show. Immutable.</summary>
internal sealed record FleetStatus
{
    /// <summary>Who says so.</summary>
    internal required FleetFacts Facts { get; init; }

    /// <summary>When.</summary>
    internal required DateTimeOffset At { get; init; }

    /// <summary>False: the program has come to its end.</summary>
    internal bool Running { get; init; } = true;

    /// <summary>How it stands to the other aggregators of its fleet; null: there are none.</summary>
    internal LeadStatus? Lead { get; init; }

    /// <summary>The strategy that is followed, by its name.</summary>
    internal string Strategy { get; init; } = "";

    /// <summary>The newest version.</summary>
    internal long Version { get; init; }

    /// <summary>When it was made; null: none has been made.</summary>
    internal DateTimeOffset? VersionAt { get; init; }

    internal int VersionUpdates { get; init; }

    /// <summary>Devices for which it did not wait.</summary>
    internal int Missing { get; init; }

    /// <summary>The newest version that was judged; null: none.</summary>
    internal VersionScore? Score { get; init; }

    internal FleetCounters Counters { get; init; } = new();

    /// <summary>How its budget stands; null: it learns under none, or none of its rounds has ended.</summary>
    internal FleetBudget? Budget =>
        Facts.Budgets.TryGetValue(Strategy, out var budget) ? FleetBudget.Of(Counters.Gauges, budget) : null;

    /// <summary>Updates accepted and refused per second, over the last ten seconds.</summary>
    internal (double Accepted, double Refused) PerSecond { get; init; }

    /// <summary>The same per minute, over the last ten minutes: for fleets that are slow.</summary>
    internal (double Accepted, double Refused) PerMinute { get; init; }

    /// <summary>Staleness of the fleet's newest updates; null: none was accepted.</summary>
    internal (int P50, int P95)? Staleness { get; init; }

    /// <summary>The devices that are listed.</summary>
    internal ImmutableArray<DeviceStatus> Devices { get; init; } = [];

    /// <summary>Updates of devices that are not listed.</summary>
    internal long Unlisted { get; init; }

    /// <summary>How the devices answered their own windows; null: none has said.</summary>
    internal FleetAccuracy? Own { get; init; }

    /// <summary>Where the layers of devices run; null: no device has a split.</summary>
    internal PlannedFleet? Plan { get; init; }

    /// <summary>The same over time.</summary>
    internal CurvePoints<OwnPoint> Owns { get; init; }

    /// <summary>The versions that were judged.</summary>
    internal CurvePoints<VersionScore> Scores { get; init; }

    /// <summary>How it learned under its budget.</summary>
    internal CurvePoints<BudgetPoint> Budgets { get; init; }

    /// <summary>What happened over time.</summary>
    internal CurvePoints<FleetMoment> Moments { get; init; }

    /// <summary>How many of the listed devices stand so.</summary>
    internal int CountOf(DeviceStanding standing) => Devices.Count(d => d.StateAt(At, Facts.QuietAfter) == standing);

    /// <summary>True: no update has come, and it is the one to which they go.</summary>
    internal bool IsWaiting => Lead is not { Leads: false }
        && Counters is { Accepted: 0, InRound: 0, Refused.IsEmpty: true } && VersionAt is null;
}

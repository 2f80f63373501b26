namespace StreamLearn.Simulated;

/// <summary>Totals over all lives.</summary>
internal sealed record DeviceFacts(string Name, long UpdatesSent, long UpdatesAnswered, long UpdatesLost, long UpdatesUnknown);

/// <summary>Measurements that bear on a result's credibility.</summary>
internal sealed record RunFacts
{
    public required string Mode { get; init; }
    public bool IsBarrier { get; init; }                                    // true: a round waits for every device
    public required IReadOnlyList<DeviceFacts> Devices { get; init; }       // in fleet order
    public IReadOnlyList<LinkFacts> Links { get; init; } = [];      // participants with connections; empty without a server
    public required int UpdatesUnderWay { get; init; }                      // maximum updates of a device in flight
    public required int UpdatesPerVersion { get; init; }
    public required long Versions { get; init; }
    public required IReadOnlyList<long> Staleness { get; init; }            // sorted staleness of the updates in versions

    /// <summary>Refused updates by reason, without duplicates.</summary>
    public required SortedDictionary<string, long> UpdatesRefused { get; init; }

    public long DevicesMissing { get; init; }                   // reports not awaited, summed over rounds
    public IReadOnlyList<string> Older { get; init; } = [];     // participants that resumed from an older checkpoint than their newest
    public bool LedgerAddsUp { get; init; } = true;             // true if rows in = windowed + dropped + held
    public bool MessagesAddUp { get; init; } = true;            // true: every message of the devices has a column
    public LinkPace? Pace { get; init; }                        // null: no link
    public TimeSpan Length { get; init; }                       // 0: unknown

    internal long? StalenessP50 => Staleness.Count == 0 ? null : Figures.Percentile(Staleness, 0.5);

    internal long? StalenessP95 => Staleness.Count == 0 ? null : Figures.Percentile(Staleness, 0.95);

    internal static RunFacts Of(RunningFleet fleet)
    {
        var cut = fleet.CutOff ?? CutOff.Of(fleet, fleet.Elapsed());
        var rounds = cut.Rounds;
        return new()
        {
            Mode = fleet.Mode.Name,
            IsBarrier = fleet.Mode.Barrier,
            Devices = [.. fleet.Members.Select(m => Of(m, fleet.WasGivenUp))],
            Links = fleet.Connections.Links,
            UpdatesUnderWay = FleetSettings.UpdatesUnderWay,
            UpdatesPerVersion = fleet.UpdatesPerVersion,
            Versions = rounds.Count,
            Staleness = [.. rounds.SelectMany(r => r.Contributions).Select(c => c.Staleness).Order()],
            UpdatesRefused = cut.Updates.Refused,
            DevicesMissing = rounds.Sum(r => (long)r.Missing),
            Older = fleet.Saved?.Older ?? [],
            LedgerAddsUp = cut.Rows.AddsUp,
            MessagesAddUp = cut.Updates.AddsUp,
            Pace = fleet.WasGivenUp ? null : LinkPace.Of(fleet, cut.At),
            Length = fleet.Connections.Ended ?? default,
        };
    }

    /// <summary>Lost updates, including those with unknown result.</summary>
    internal static long UpdatesLost(RunningFleet fleet) =>
        fleet.Members.Select(m => Of(m, fleet.WasGivenUp)).Sum(d => d.UpdatesLost + d.UpdatesUnknown);

    private static DeviceFacts Of(FleetMember member, bool wasGivenUp)
    {
        var (sent, answered) = (member.Total("updates-sent"), member.Total("updates-answered"));
        return new(member.Name, sent, answered, member.Total("updates-lost"),
            wasGivenUp ? sent - answered : member.Total("updates-unknown"));
    }
}

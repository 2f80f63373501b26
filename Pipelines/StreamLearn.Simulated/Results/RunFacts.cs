namespace StreamLearn.Simulated;

internal sealed record DeviceFacts(string Name, long UpdatesSent, long UpdatesAnswered, long UpdatesLost, long UpdatesUnknown);

internal sealed record RunFacts
{
    public required string Mode { get; init; }
    public bool IsBarrier { get; init; }                                    // true if a round waits for every device
    public required IReadOnlyList<DeviceFacts> Devices { get; init; }
    public required int UpdatesUnderWay { get; init; }                      // maximum updates of a device that may be in flight at once
    public required int UpdatesPerVersion { get; init; }
    public required long Versions { get; init; }
    public required IReadOnlyList<long> Staleness { get; init; }            // staleness of the updates in versions, sorted

    /// <summary>Refused updates by reason, without duplicates.</summary>
    public required SortedDictionary<string, long> UpdatesRefused { get; init; }

    public long DevicesMissing { get; init; }                   // reports of devices that rounds did not wait for, over all rounds
    public bool LedgerAddsUp { get; init; } = true;             // true if rows in = windowed + dropped + held
    public bool MessagesAddUp { get; init; } = true;            // true if every message of the devices is in a column

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
            Devices = [.. fleet.Members.Select(static m => new DeviceFacts(m.Name, m.Total("updates-sent"), m.Total("updates-answered"),
                m.Total("updates-lost"), m.Total("updates-unknown")))],
            UpdatesUnderWay = FleetSettings.UpdatesUnderWay,
            UpdatesPerVersion = fleet.UpdatesPerVersion,
            Versions = rounds.Count,
            Staleness = [.. rounds.SelectMany(r => r.Contributions).Select(c => c.Staleness).Order()],
            UpdatesRefused = cut.Updates.Refused,
            DevicesMissing = rounds.Sum(r => (long)r.Missing),
            LedgerAddsUp = cut.Rows.AddsUp,
            MessagesAddUp = cut.Updates.AddsUp,
        };
    }
}

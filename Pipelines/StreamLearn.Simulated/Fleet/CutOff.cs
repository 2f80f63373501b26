using StreamLearn.Fleets;

namespace StreamLearn.Simulated;

/// <summary>A run's state at the end of its virtual time, for console, JSON and page. The drain afterwards is not in the result.</summary>
internal sealed record CutOff(
    TimeSpan At, IReadOnlyList<Round> Rounds, IReadOnlyList<DeviceResult> Devices, RowLedger Rows, UpdateLedger Updates,
    IReadOnlyList<RowsDropped> Drops, SortedDictionary<string, long> RowsUnlearned)
{
    internal double BytesPerUpdate =>
        Math.Round((double)Devices.Sum(static d => d.UpdateBytes) / Math.Max(1, Devices.Sum(static d => d.Updates)), 1);

    internal static CutOff Of(RunningFleet fleet, TimeSpan at) => new(
        at,
        [.. fleet.Watch.Rounds],
        [.. fleet.Members.Select(m => DeviceResult.Of(m, fleet))],
        RowsOf(fleet),
        UpdateLedger.Of(fleet),
        [.. fleet.Members.SelectMany(m => DropsOf(m, fleet.Mode.Name, at))],
        new(fleet.Members.SelectMany(m => m.Lives()).SelectMany(l => l["train"].RowsDropped).GroupBy(r => r.Key)
            .ToDictionary(g => g.Key, g => g.Sum(r => r.Value)), StringComparer.Ordinal));

    internal CutOff Ended(RunningFleet fleet) => this with
    {
        Updates = Updates.Ended(UpdateLedger.Of(fleet)),
        Devices = [.. Devices.Zip(fleet.Members, static (d, m) => m.Failure is not { } failure
            ? d with { EndedAtVirtualSeconds = m.EndedAt?.TotalSeconds }
            : d with { Failure = failure, State = "failed" })],
    };

    /// <summary>The fleet is still running, and rows wait for space.</summary>
    private static RowLedger RowsOf(RunningFleet fleet)
    {
        var ledger = RowLedger.Of(fleet.Members.SelectMany(m => m.Lives()));
        return ledger with { Held = ledger.Held + fleet.Members.Where(m => m.IsRunning).Sum(m => RowLedger.Waiting(m.Lives()[^1])) };
    }

    private static IEnumerable<RowsDropped> DropsOf(FleetMember member, string mode, TimeSpan at) =>
        from life in member.Lives()
        from block in life.Blocks
        where FleetSettings.IsUpToWindow(block.Block)
        from reason in block.RowsDropped
        where reason.Value > 0
        group reason.Value by (block.Block, reason.Key) into rows
        select new RowsDropped(member.Name, rows.Key.Block, rows.Key.Key, rows.Sum()) { Mode = mode, Seconds = at.TotalSeconds };
}

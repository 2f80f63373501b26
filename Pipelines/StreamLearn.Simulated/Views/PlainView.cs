using System.Globalization;

namespace StreamLearn.Simulated;

/// <summary>Writes a line per second and run, and a final table, for logs and files.</summary>
internal sealed class PlainView : JobView
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
    private readonly long _started = TimeProvider.System.GetTimestamp();

    internal override Task<List<FinishedRun>> ShowAsync(Func<Action<RunningFleet>, Task<List<FinishedRun>>> run) => run(Look);

    protected override void End(FleetResult result)
    {
        Line("  device        speed   windows  updates   own rows    sent up   busy     waited   state");
        foreach (var d in result.Devices)
        {
            var own = d.PrequentialAccuracy?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";
            Line(string.Create(CultureInfo.InvariantCulture,
                $"  {d.Name,-12} {d.Speed,6:0.00} {d.Windows,9:N0} {d.Updates,8:N0} {own,10} "
                    + $"{d.BytesUp / 1024.0,6:N0} KiB {d.BusySeconds,6:0.0} s {d.CreditWaitSeconds,6:0.0} s  {d.State}"));
        }
    }

    private void Look(RunningFleet fleet)
    {
        lock (_gate)
        {
            var last = _last.GetValueOrDefault(fleet.Mode.Name, _started);
            if (TimeProvider.System.GetElapsedTime(last) < TimeSpan.FromSeconds(1)) { return; }
            _last[fleet.Mode.Name] = TimeProvider.System.GetTimestamp();
            var ownRows = fleet.Watch.RecentAccuracy?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";
            Line(string.Create(CultureInfo.InvariantCulture,
                $"simulating the fleet ({fleet.Mode.Name}): {fleet.Elapsed().TotalSeconds:0} s, "
                    + $"{fleet.Members.Sum(m => m.RowsMade):N0} rows, version {fleet.Watch.Newest?.Version ?? 0}, "
                    + $"accuracy on own rows {ownRows}"));
        }
    }
}

using System.Globalization;

namespace Quickstart;

/// <summary>One line a second of <c>key=value</c>, and a table at the end: for logs and files.</summary>
internal sealed class PlainView : FleetView
{
    private long _last = TimeProvider.System.GetTimestamp();

    internal override Task<RunningFleet> ShowAsync(Func<Action<RunningFleet>, Task<RunningFleet>> run) => run(Look);

    protected override void End(FleetResult result)
    {
        Line("  device        speed   windows  updates   accuracy    sent up   busy");
        foreach (var d in result.Devices)
        {
            Line(string.Create(CultureInfo.InvariantCulture,
                $"  {d.Name,-12} {d.Speed,6:0.00} {d.Windows,9:N0} {d.Updates,8:N0} {d.PrequentialAccuracy,10:0.000} "
                    + $"{d.BytesUp / 1024.0,6:N0} KiB {d.BusySeconds,6:0.0} s{(d.Failure is null ? "" : "  FAILED")}"));
        }
    }

    private void Look(RunningFleet fleet)
    {
        if (TimeProvider.System.GetElapsedTime(_last) < TimeSpan.FromSeconds(1)) { return; }
        _last = TimeProvider.System.GetTimestamp();
        var judged = fleet.Watch.Newest;
        Line(string.Create(CultureInfo.InvariantCulture,
            $"elapsed={fleet.Elapsed().TotalSeconds:0.0}s rows={fleet.Members.Sum(m => m.RowsMade)} version={judged?.Weights.Version ?? 0} "
                + $"accuracy={judged?.Evaluation.Accuracy ?? 0:0.000}"));
    }
}

using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal static class FleetEvents
{
    internal static void Sample(RunningFleet fleet, TimeSpan at)
    {
        foreach (var member in fleet.Members)
        {
            fleet.Events.Add(new DeviceSampled
            {
                Mode = fleet.Mode.Name,
                Seconds = at.TotalSeconds,
                Device = member.Name,
                Backlog = member.Backlog,
                RowsIn = member.RowsMade,
                RowsWindowed = member.Total("rows-windowed"),
                RowsTrained = member.Total("rows-trained"),
                Updates = fleet.Watch.SentBy(member.Name).Updates,
                BytesUp = member.BytesUp,
                BytesDown = member.BytesDown,
                BusySeconds = member.Busy.TotalSeconds,
                WaitedSeconds = member.Waited.TotalSeconds,
                PrequentialAccuracy = fleet.Watch.Of(member.Name)?.Accuracy,
            });
            foreach (var (reason, rows) in member.RowsRefused.Where(r => r.Rows >= FleetMember.RowsOfAFault
                && r.Reason != FleetMember.Crashed))
            {
                var (kind, text) = reason switch
                {
                    "stuck" => ("stuck", "an axis is stuck: its rows are not used for learning"),
                    "future" => ("clock", "its clock is ahead of the stream's: its rows are not used for learning"),
                    RowLedger.Stopped => (reason, "it was stopped: its rows in flight were not used"),
                    _ => (reason, $"its rows are not used for learning: {reason}"),
                };
                if (fleet.Events.OfType<FaultSeen>().Any(f => f.Device == member.Name && f.Kind == kind)) { continue; }
                Add(fleet, at, member.Name, kind, text);
            }
        }
    }

    internal static void Note(RunningFleet fleet, TimeSpan at, string device, FailureKind kind)
    {
        var text = kind switch
        {
            FailureKind.Crash => "it crashed and lost its state: the fleet stops waiting for it when its lease expires",
            FailureKind.Leave => "it left the fleet",
            _ => "it rejoined with a new epoch, and starts from the newest version",
        };
        Add(fleet, at, device, kind.ToString().ToLowerInvariant(), text);
    }

    private static void Add(RunningFleet fleet, TimeSpan at, string device, string kind, string text) =>
        fleet.Events.Add(new FaultSeen(device, kind, text) { Mode = fleet.Mode.Name, Seconds = at.TotalSeconds });
}

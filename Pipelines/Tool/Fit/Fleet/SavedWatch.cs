using StreamLearn;

namespace Tool;

/// <summary>A device's report data, saved with it.</summary>
internal sealed class DeviceWatch(FleetWatch watch, string device) : IStateful
{
    public string StateFormat => "quickstart-device/1";

    public void State(ref StateStream s) => watch.State(ref s, device);
}

/// <summary>Report data of a threaded fleet, saved with its aggregator. <paramref name="events"/>: lock while writing.
/// <paramref name="startedAt"/>: run start on the clock of the latest start.</summary>
internal sealed class AggregatorWatch(FleetWatch watch, List<RunEvent> events, DateTimeOffset startedAt) : IStateful
{
    public string StateFormat => "quickstart-aggregator/1";

    public void State(ref StateStream s)
    {
        watch.State(ref s, Judging.IsJudged, startedAt - (s.Time(startedAt) ?? startedAt));
        lock (events) { SavedReport.State(ref s, events); }
    }
}

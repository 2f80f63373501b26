using StreamLearn.Simulation;

namespace StreamLearn.Simulated;

internal static class World
{
    internal static List<string> RolesOf(FleetRun run, FleetOptions options, string name, int index)
    {
        List<string> roles = [];
        var speed = run.Scenario.ProfileOf(name, index, run.Seed).Device.Speed;
        if (speed < FleetMember.SlowSpeed) { roles.Add(FormattableString.Invariant($"straggler, 1/{1 / speed:0} of the rate")); }

        roles.AddRange(run.Scenario.FaultsOf(name, index).Where(f => !f.IsClock || !run.FullSpeed).Select(f => f.ToString()));
        var length = SimulatedRuns.LengthOf(options, run.Scenario).TotalSeconds;
        roles.AddRange(run.Scenario.Failures.Where(f => f.Hits(name, index) && f.AtSeconds < length).Select(static f => f.ToString()));
        return roles;
    }

    internal static string TextOf(FleetRun run, FleetOptions options)
    {
        var fleet = run.Source.Devices.Select((name, i) => (Name: name, Index: i)).ToList();
        var (scenario, length) = (run.Scenario, SimulatedRuns.LengthOf(options, run.Scenario).TotalSeconds);
        var slow = fleet.ConvertAll(d => scenario.ProfileOf(d.Name, d.Index, run.Seed).Device.Speed)
            .FindAll(static s => s < FleetMember.SlowSpeed);
        var faults = fleet.SelectMany(d => scenario.FaultsOf(d.Name, d.Index)).ToList();
        var failures = scenario.Failures.Where(f => f.AtSeconds <= length && fleet.Exists(d => f.Hits(d.Name, d.Index))).ToList();
        List<string> parts =
        [
            .. Devices(slow.Count, slow.Count == 0 ? ""
                : FormattableString.Invariant($"{1 / slow.Max():0} times slower{(slow.Count > 1 ? " or more" : "")}")),
            .. Devices(faults.Count(f => !f.IsClock), "with a stuck axis"),
            .. Devices(run.FullSpeed ? 0 : faults.Count(f => f.IsClock), "with a wrong clock"),
            .. Devices(failures.Count(f => f.Kind == FailureKind.Crash), "that crashes"),
            .. Devices(failures.Count(f => f.Kind == FailureKind.Leave), "that leaves"),
        ];
        if (parts.Count == 0) { parts.Add("no faults"); }
        parts.Add(Links(run));
        return string.Join(", ", parts.Where(p => p.Length > 0));
    }

    private static IEnumerable<string> Devices(int count, string what) =>
        count == 0 ? [] : [FormattableString.Invariant($"{(count == 1 ? "one device" : $"{count} devices")} {what}")];

    private static string Links(FleetRun run)
    {
        var links = run.Source.Devices.Select((name, i) => run.Scenario.ProfileOf(name, i, run.Seed).Link).ToList();
        var outages = links.Count(l => !l.Outages.IsDefaultOrEmpty);
        var slowest = links.Min(l => l.UpBitsPerSecond);
        var text = double.IsFinite(slowest) ? FormattableString.Invariant($"links of {slowest / 1e6:0.##} Mbit/s") : "";
        return outages == 0
            ? text
            : $"{text}{(text.Length > 0 ? ", " : "")}{(outages == 1 ? "one link" : $"{outages} links")} with an outage";
    }
}

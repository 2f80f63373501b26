namespace StreamLearn.Simulated;

internal static class NoticedSection
{
    internal static Fragment Of(RunStory story)
    {
        var faults = story.Main.SelectMany(m => m.Faults.Select(f => (Mode: m, Fault: f)))
            .GroupBy(f => (f.Fault.Device, f.Fault.Kind, f.Fault.Text)).Select(g => Fault(g.Key, [.. g])).ToList();
        var slow = story.Main.SelectMany(m => m.Slow.Select(s => (Mode: m, Slow: s)))
            .GroupBy(s => s.Slow.Device, StringComparer.Ordinal).Select(g => Straggler(g.First().Mode, g.First().Slow)).ToList();
        var refused = story.Main.SelectMany(m => m.Refused.Select(r => (Mode: m, Refused: r))).GroupBy(r => r.Refused.Reason)
            .OrderByDescending(g => g.Sum(r => r.Refused.Updates)).Select(RefusedOf).ToList();
        return faults.Count + slow.Count + refused.Count == 0 ? Fragment.Empty : Fragment.Of(
            $"""
            <h2 class="minor">Notable events</h2>
            <ul class="caught">
            {slow}{refused}{faults}</ul>

            """);
    }

    private static Fragment Fault((string Device, string Kind, string Text) fault, List<(ModeStory Mode, FaultSeen Fault)> seen)
    {
        var times = seen.GroupBy(s => s.Mode)
            .Select(g => $"{string.Join(", ", g.Select(s => Figures.Seconds(s.Fault.Seconds)))} ({g.Key.Kind})");
        return Fragment.Of(
            $"""
            <li><span class="tag">{fault.Kind}</span><span><b>{fault.Device}</b>: {fault.Text}
            <small>at {Figures.Listed([.. times])}</small></span></li>

            """);
    }

    private static string Behind(ModeStory mode, string device)
    {
        List<long> sorted = [.. mode.Updates[device].Select(u => u.Staleness).Order()];
        return sorted.Count == 0
            ? ""
            : $"; its updates were {Figures.Count(Figures.Percentile(sorted, 0.5), "version")} behind in the median";
    }

    /// <summary>One line for each reason, however many devices it concerns.</summary>
    private static Fragment RefusedOf(IGrouping<string, (ModeStory Mode, UpdateRefused Refused)> refused)
    {
        var devices = refused.Select(r => r.Refused.Device).Distinct(StringComparer.Ordinal).ToList();
        return Fragment.Of(
            $"""
            <li><span class="tag">{(refused.Key.StartsWith("late", StringComparison.Ordinal) ? "late" : "refused")}</span><span>
            {Figures.Count(refused.Sum(r => r.Refused.Updates), "update")} refused: {refused.Key}
            <small>of {(devices.Count == 1 ? devices[0] : Figures.Count(devices.Count, "device"))}
            ({Figures.Listed([.. refused.Select(r => r.Mode.Kind).Distinct(StringComparer.Ordinal)])})</small></span></li>

            """);
    }

    private static Fragment Straggler(ModeStory mode, StragglerSeen seen)
    {
        var rounds = seen.Rounds > 0 ? $"in {Figures.Count(seen.SlowRounds)} of {Figures.Count(seen.Rounds, "round")} " : "";
        var score = Figures.Ratio(seen.Score);
        return Fragment.Of(
            $"""
            <li><span class="tag">straggler</span><span><b>{seen.Device}</b> took {score} times as long for a step as the
            median device{(seen.Reason.Length == 0 ? "" : $", most of it {seen.Reason}")}{Behind(mode, seen.Device)}
            <small>{rounds}({mode.Kind})</small></span></li>

            """);
    }
}

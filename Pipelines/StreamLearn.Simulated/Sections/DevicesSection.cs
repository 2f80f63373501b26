namespace StreamLearn.Simulated;

internal static class DevicesSection
{
    private static readonly string[] PaceHeads =
        ["<device", "<given role", "step time / median", "<reason", "slow rounds", "updates", "refused"];

    private static readonly string[] WorkHeads =
        ["<device", "samples processed", "busy", "waited", "most messages queued", "accuracy on own rows", "speed", "link up", "link down"];

    internal static Section? Of(RunStory story)
    {
        var modes = story.Main.Where(m => m.Samples.Count + m.Stragglers.Count > 0).ToList();
        if (modes.Count == 0 && story.Start?.Devices.Count is null or 0) { return null; }
        var isNoneSlow = !modes.Exists(static m => m.Slow.Any());
        return new("devices", isNoneSlow ? "Devices" : "Devices and stragglers", [
            .. modes.Select(Said),
            story.Devices.Count < story.AllDevices.Count
                ? $"Shown here and below: {story.Devices.Count} of {story.AllDevices.Count} devices, the most notable first."
                : ""],
            (isNoneSlow ? "The time per step" : "The straggler score")
                + " is a device’s time per step (computing, transfer and waiting) over the fleet’s median, computed at the end of each "
                + "round; shown is the median over rounds. "
                + (isNoneSlow ? "" : "From 2 on a device is a straggler; the reason is where most of the time is spent. ")
                + "Waiting is the time without credit for another update; it does not count as busy.",
            modes.Count == 0 ? Table(story, null)
                : Fragment.Of($"{FleetStrips.Of(story, modes)}{Table(story, modes[0])}{modes.Skip(1).Select(m => Folded(story, m))}"));
    }

    private static string Said(ModeStory mode)
    {
        var slow = mode.Slow.ToList();
        return slow.Count == 0 && mode.Devices.Count < 3 ? "A straggler is found among three devices or more."
            : slow.Count == 0 ? $"No device of {mode.Subject} took twice the median time for a step over the run."
            : $"{Figures.Sentence(mode.Subject)} had {Figures.Count(slow.Count, "straggler")}: "
                + $"{Figures.Listed([.. slow.Select(Spoken)])}.";
    }

    private static string Spoken(StragglerSeen slow) =>
        $"{slow.Device} ({Figures.Ratio(slow.Score)} times{(slow.Reason.Length == 0 ? "" : $", {slow.Reason}")})";

    private static Fragment Table(RunStory story, ModeStory? mode)
    {
        var (most, kind) = (Math.Max(2, mode?.Stragglers.Values.Select(s => s.Score).DefaultIfEmpty().Max() ?? 2),
            mode is null ? "" : $", {mode.Kind}");
        var devices = story.Devices
            .OrderByDescending(d => mode?.Stragglers.GetValueOrDefault(d) is { Score: >= StragglerSeen.Slow } slow ? slow.Score : 0)
            .ToList();
        return Fragment.Of(
            $"""
            {Tables.Table($"Pace{kind}", PaceHeads, devices.Select(d => Pace(story, mode, d, most)))}
            {Tables.Table($"Work{kind}", WorkHeads, devices.Select(d => Work(story, mode, d)))}
            """);
    }

    private static Fragment Folded(RunStory story, ModeStory mode) => Fragment.Of(
        $"""
        <details><summary>Devices, {mode.Kind}</summary>
        {Table(story, mode)}</details>

        """);

    private static IReadOnlyList<Fragment> Pace(RunStory story, ModeStory? mode, string device, double most)
    {
        var (last, seen) = (mode?.Last(device), mode?.Stragglers.GetValueOrDefault(device));
        var refused = mode?.Refused.Where(r => r.Device == device).Sum(r => r.Updates) ?? 0;
        var score = seen is null ? Fragment.Of($"–")
            : Tables.Tinted("barred", Figures.Number(seen.Score, "0.00"), seen.Score / most,
                seen.Score >= StragglerSeen.Slow ? "alarm" : "quiet");
        return
        [
            Fragment.Of($"{device}"), Fragment.Of($"{story.RoleOf(device)}"), score,
            .. Tables.Cells(seen?.Reason is { Length: > 0 } reason ? reason : "–",
                seen is { Rounds: > 0 } ? $"{Figures.Count(seen.SlowRounds)} of {Figures.Count(seen.Rounds)}" : "–",
                last is null ? "–" : Figures.Count(last.Updates), refused == 0 ? "–" : Figures.Count(refused)),
        ];
    }

    private static IReadOnlyList<Fragment> Work(RunStory story, ModeStory? mode, string device)
    {
        var (described, last) = (story.Described(device), mode?.Last(device));
        return Tables.Cells(device, last is null ? "–" : Figures.Count(last.RowsTrained),
            last is not { BusySeconds: > 0 } ? "–" : Figures.Percent(last.BusySeconds / last.Seconds),
            last is null ? "–" : Figures.Percent(last.WaitedSeconds / last.Seconds),
            last is null ? "–" : Figures.Count(mode!.Samples[device].Max(static s => s.Backlog)),
            Figures.Percent(last?.PrequentialAccuracy),
            Figures.Number(described?.Speed, "0.00"), Figures.BitRate(described?.UpBitsPerSecond ?? 0),
            Figures.BitRate(described?.DownBitsPerSecond ?? 0));
    }
}

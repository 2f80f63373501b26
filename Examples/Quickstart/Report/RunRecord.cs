namespace Quickstart;

/// <summary>Makes the record of the whole job: all events, in the order in which the report reads them.</summary>
internal static class RunRecord
{
    internal static List<RunEvent> Of(QuickstartOptions options, FleetRun main, List<JudgedRun> runs, ExitStudy exits)
    {
        List<RunEvent> events = [Started(options, main)];
        foreach (var run in runs)
        {
            events.Add(new ModeStarted { Mode = run.Mode, Text = TextOf(run.Run.Fleet.Mode) });
            events.AddRange(FleetEvents.Of(run.Run.Fleet).Concat(run.Judgments.Select(j => Judged(run.Mode, j))).OrderBy(e => e.Seconds));
            var end = run.Judgments[^1].At.TotalSeconds;
            if (run == runs[0]) { events.AddRange(exits.Events(run.Mode, end, main.Network)); }
            events.Add(FleetEvents.Ledger(run.Mode, end, run.Ledger));
            events.AddRange(run.Doubts.Select(d => FleetEvents.Raised(d, end)));
            events.Add(new ModeEnded
            {
                Mode = run.Mode,
                Seconds = end,
                VirtualSeconds = options.IsVirtual ? end : null,
                WallSeconds = Math.Round(run.Run.Wall.TotalSeconds, 3),
                SecondsToTarget = run.ToTarget?.TotalSeconds,
                Accuracy = run.Final.Accuracy,
                Kappa = run.Final.Kappa,
                WeightsSha256 = run.Run.Last.Sha256(),
                UpdatesLost = run.Run.Fleet.UpdatesLost,
            });
        }

        return events;
    }

    private static RunStarted Started(QuickstartOptions options, FleetRun main) => new()
    {
        Command = options.CommandLine,
        Seed = options.Seed,
        Data = main.Source.Description,
        Host = options.HostName,
        TargetAccuracy = options.Target,
        Scenario = main.Scenario.Description,
        Model = $"{main.Network.Plan.Values:N0} values in {main.Network.Layers.Length} layers, {main.Network.Exits.Length} exits",
        VectorBits = FleetResult.WidestVector,
        Classes = main.Source.Classes,
        ExitMultiplyAdds = main.Network.MultiplyAddsTo,
        Devices = [.. main.Source.Devices.Select((name, i) => Described(main, name, i))],
    };

    private static DeviceDescribed Described(FleetRun main, string name, int index)
    {
        var (profile, link) = main.Scenario.ProfileOf(name, index, main.Seed);
        var roles = main.Scenario.FaultsOf(name, index).Select(f => f.ToString()).ToList();
        if (profile.Speed < 0.5) { roles.Insert(0, $"straggler, 1/{1 / profile.Speed:0} of the rate"); }
        roles.AddRange(main.Scenario.Failures.Where(f => f.Hits(name, index)).Select(f => f.ToString()));
        return new()
        {
            Name = name,
            Speed = profile.Speed,
            UpBitsPerSecond = double.IsFinite(link.UpBitsPerSecond) ? link.UpBitsPerSecond : 0,
            DownBitsPerSecond = double.IsFinite(link.DownBitsPerSecond) ? link.DownBitsPerSecond : 0,
            Role = string.Join("; ", roles),
        };
    }

    private static Judged Judged(string mode, Judgment judgment) => new()
    {
        Mode = mode,
        Seconds = judgment.At.TotalSeconds,
        Version = judgment.Weights.Version,
        Accuracy = judgment.Evaluation.Accuracy,
        Kappa = judgment.Evaluation.Kappa,
        Loss = judgment.Evaluation.Loss,
        Rows = judgment.Evaluation.Rows,
    };

    private static string TextOf(TrainingMode mode) => mode.Barrier
        ? $"a round waits for every device; recordings at {mode.ReplaySpeed:0.#}x"
        : $"a version follows from every ten updates, nobody waits; recordings at {mode.ReplaySpeed:0.#}x";
}

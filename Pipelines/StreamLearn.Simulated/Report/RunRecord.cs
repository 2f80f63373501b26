namespace StreamLearn.Simulated;

internal static class RunRecord
{
    internal static List<RunEvent> Of(FleetOptions options, FleetRun main, List<JudgedRun> runs, ExitStudy exits, FleetResult result)
    {
        List<RunEvent> events = [Started(options, main, result)];
        foreach (var (run, figures) in runs.Zip(result.Runs))
        {
            events.Add(new ModeStarted(TextOf(run.Run.Fleet)) { Mode = run.Mode });
            events.AddRange(ClosedEvents.Of(run.Run.Fleet).Concat(run.Judgments.Select(j => Judged(run.Mode, j))).OrderBy(e => e.Seconds));
            var end = run.CutOff.At.TotalSeconds;
            if (run == runs[0])
            {
                events.AddRange(exits.Events(run.Mode, end, main.Network).Select(e => e is not PeopleJudged people ? e
                    : people with
                    {
                        Interval = result.PromisedInterval is { IsEmpty: false } promised ? promised : AnswerSection.OfOthers(people),
                    }));
            }

            events.Add(ClosedEvents.Ledger(run.Mode, end, run.CutOff.Rows));
            events.Add(ClosedEvents.Closed(run, figures));
            events.AddRange(run.Doubts.Select(d => new DoubtRaised(d.Kind, d.Text) { Mode = d.Mode, Seconds = end }));
            events.Add(new ModeEnded
            {
                Mode = run.Mode,
                Seconds = end,
                VirtualSeconds = end,
                WallSeconds = Math.Round(run.Run.Wall.TotalSeconds, 3),
                SecondsToTarget = run.ToTarget?.TotalSeconds,
                Accuracy = figures.Accuracy,
                Kappa = figures.Kappa,
                WeightsSha256 = figures.WeightsSha256,
            });
        }

        events.AddRange((result.Seeds ?? []).Select(s => new SeedsJudged(s.Seeds) { Mode = s.Mode }));
        return events;
    }

    private static RunStarted Started(FleetOptions options, FleetRun main, FleetResult result) => new()
    {
        Command = options.CommandLine,
        Seed = options.Seed,
        Data = main.Source.Description,
        Host = options.HostName,
        TargetAccuracy = options.Goal,
        Judges = main.Source.Judges,
        Scenario = result.Scenario,
        Model = $"{main.Network.Plan.Values:N0} values in {main.Network.Layers.Length} layers, {main.Network.Exits.Length} exits",
        VectorBits = FleetResult.WidestVector,
        Classes = main.Source.Classes,
        ExitMultiplyAdds = main.Network.MultiplyAddsTo,
        Devices = [.. main.Source.Devices.Select((name, i) => Described(main, options, name, i))],
        Notes = main.Source.Notes,
        Bound = result.BoundText ?? result.BoundMissing,
        Next = options.AnswerCommand(Path.Join(options.Out.ToString(), "model.safetensors")) is { } answers ? [answers] : [],
    };

    private static DeviceDescribed Described(FleetRun main, FleetOptions options, string name, int index)
    {
        var (profile, link) = main.Scenario.ProfileOf(name, index, main.Seed);
        static double BitsOf(double rate) => double.IsFinite(rate) ? rate : 0;
        return new(name, profile.Speed, BitsOf(link.UpBitsPerSecond), BitsOf(link.DownBitsPerSecond),
            string.Join("; ", World.RolesOf(main, options, name, index)));
    }

    private static Judged Judged(string mode, Judgment judgment)
    {
        var (version, said) = (judgment.Weights.Version, judgment.Evaluation);
        return new(version, said.Accuracy, said.Kappa, said.Loss, said.Rows) { Mode = mode, Seconds = judgment.At.TotalSeconds };
    }

    private static string TextOf(RunningFleet fleet)
    {
        var played = FormattableString.Invariant($"recordings at {fleet.Mode.ReplaySpeed:0.#}x");
        var updates = fleet.UpdatesPerVersion;
        return fleet.Mode.Barrier
            ? $"a round waits for every device that is there; {played}"
            : $"a version is made from every {(updates == 1 ? "update" : $"{updates} updates")}, without waiting; {played}";
    }
}

namespace StreamLearn.Simulated;

internal sealed record JudgedJob(List<JudgedRun> Runs, ExitStudy Exits, LabelledWindows Training, HeldAnswers Unseen, FleetResult Result)
{
    /// <summary>Maximum number of windows for choosing thresholds; 21 people have fewer.</summary>
    private const int MaxThresholdWindows = 40_000;

    internal static JudgedJob Of(FleetOptions options, FleetRun main, List<FinishedRun> finished, long started)
    {
        var (source, network, chosen) = (main.Source, main.Network, finished[0].Chosen);
        var training = LabelledWindows.Collect(source, source.Devices, options.Seed, MaxThresholdWindows);
        var rule = ExitStudy.Choose(network, chosen, training);
        var test = LabelledWindows.Collect(source, source.Unseen, options.Seed);      // read only after the thresholds are fixed
        var judged = finished.ConvertAll(f => JudgedRun.Of(f, network, test, options.Goal));
        var exits = ExitStudy.Of(network, chosen, rule, test);
        var unseen = HeldAnswers.Of(network, chosen, test);
        var result = FleetResult.Of(options, main, judged, exits, TimeProvider.System.GetElapsedTime(started)) with
        {
            Chance = unseen.Chance(options.Seed),
            Majority = Majority.OfLabels(source.Classes, test.Labels),
            AccuracyOfNow = test.AccuracyOfNow,
        };
        return new(judged, exits, training, unseen, result);
    }

    internal void Write(FleetOptions options, FleetRun main, FleetResult result) =>
        FleetReport.Write(options, main, result, RunRecord.Of(options, main, Runs, Exits, result));
}

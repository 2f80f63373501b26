using StreamLearn.Learning;
using StreamLearn.Simulation;

namespace Quickstart;

/// <summary>The main job: load, run, show, judge, write.</summary>
internal static class Job
{
    internal static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        var scenario = LoadScenario(options);
        var source = FleetSource.From(options);
        var network = HarNetwork.Create(options.Seed);
        var runs = TrainingMode.Of(options, scenario)
            .ConvertAll(m => new FleetRun(source, network, scenario, m, options.Seed, options.Continuous, FullSpeed: !options.IsVirtual));
        if (Texts.Wanted(options, runs[0]) is { } text)
        {
            Console.Out.Write(text);
            return ExitCode.Done;
        }

        Files.RequireFolder(options.Out);
        var started = TimeProvider.System.GetTimestamp();
        var view = FleetView.Create();
        FleetView.Start(options, runs);
        var finished = await view.ShowAsync(look => AllRuns.RunAsync(options, runs, look, cancellationToken)).ConfigureAwait(false);

        var training = LabelledWindows.Collect(source, source.Devices, options.Seed);
        var rule = ExitStudy.Choose(network, finished[0].Last, training);
        var test = LabelledWindows.Collect(source, source.Unseen, options.Seed);      // read only now: the thresholds are frozen
        var judged = finished.ConvertAll(f => JudgedRun.Of(f, network, test, options.Target));
        var exits = ExitStudy.Of(network, finished[0].Last, rule, test);

        var result = FleetResult.Of(options, runs[0], judged, exits, TimeProvider.System.GetElapsedTime(started));
        await FleetReport.WriteAsync(options, runs[0], result, RunRecord.Of(options, runs[0], judged, exits)).ConfigureAwait(false);
        view.Finish(options, result);
        return ExitCodeOf(result);
    }

    /// <summary>0 only if no device failed, no update was lost, every row is accounted for, and nothing makes the result
    /// doubtful.</summary>
    internal static int ExitCodeOf(FleetResult result) =>
        result is not { LedgerAddsUp: true, UpdatesLost: 0 } || result.Devices.Exists(d => d.Failure is not null) ? ExitCode.Failed
            : result.Doubts.Count > 0 ? ExitCode.Doubtful
            : ExitCode.Done;

    private static Scenario LoadScenario(QuickstartOptions options)
    {
        try
        {
            return Scenario.Load(options.Scenario?.FullName ?? Path.Join(AppContext.BaseDirectory, "faults.json"));
        }
        catch (ScenarioException e)
        {
            throw new QuickstartException(e.Message, ExitCode.BadScenario);
        }
    }
}

using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Simulated;

namespace Quickstart;

internal static class Job
{
    internal static async Task<int> RunAsync(FleetOptions options, PartialResult known, CancellationToken cancellationToken)
    {
        if (Hardware.Warning is { } slow) { await Console.Error.WriteLineAsync($"{options.Program}: {slow}").ConfigureAwait(false); }
        var scenario = ScenarioCheck.Load(options);
        var source = FleetSource.From(options);
        ScenarioCheck.Require(scenario, source, options);
        var network = HarNetwork.Create(options.Seed);
        var runs = TrainingMode.Of(options, scenario, source.ReplaySpeed).ConvertAll(mode =>
            new FleetRun(source, network, Pipelines.Both, scenario, mode, options.Seed, options.Continuous, FullSpeed: false));
        if (Texts.Wanted(options, runs[0]) is { } text)
        {
            Console.Out.Write(text);
            return ExitCode.Done;
        }

        Files.RequireFolder(options.Out);
        known.Expect(runs);
        var started = TimeProvider.System.GetTimestamp();
        var view = JobView.Create();
        JobView.Start(options, runs);
        var finished = await view.ShowAsync(look => SimulatedRuns.RunAsync(options, runs, fleet =>
        {
            known.See(fleet);
            look(fleet);
        }, cancellationToken)).ConfigureAwait(false);

        var judged = JudgedJob.Of(options, runs[0], finished, started);
        var result = known.Result = judged.Result.Closed();
        var file = SavedModel.Write(options.Out, runs[0], finished[0].Last, judged.Exits);
        judged.Write(options, runs[0], result);
        view.Finish(options, result, file);
        return result.ExitCode;
    }
}

using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool;

/// <summary>The fleet's two pipelines, as in the programs of a fleet.</summary>
internal static class Pipelines
{
    private static readonly RunPipelines Both = new(
        static (run, life, edge, watch) => Sensor(run, life, EdgeLink.Over(edge), watch),
        static (run, edge, watch) => Aggregator(run, EdgeLink.Over(edge), watch));

    internal static FleetRun Run(FleetSource source, Network network, Scenario scenario, TrainingMode mode, long seed, bool continuous,
        bool fullSpeed, string topics = "sl/quickstart") =>
        new(source, network, Both, scenario, mode, seed, continuous, fullSpeed, topics);

    /// <summary>Returns the runs of a job; with a code, the first mode also runs without it, for comparison.</summary>
    internal static List<FleetRun> Runs(JobOptions options, FleetModel model, Scenario scenario, List<TrainingMode> modes)
    {
        var runs = modes.ConvertAll(m => Run(options, model, scenario, m));
        runs[0] = runs[0] with { BestAt = model.BestAt };
        if (options.Code is not null)
        {
            runs.Add(runs[0] with { Code = null, Mode = modes[0] with { Name = modes[0].Name + TrainingMode.Float32 } });
        }

        return runs;
    }

    internal static FleetRun Run(JobOptions options, FleetModel model, Scenario scenario, TrainingMode mode) =>
        Run(model.Source, model.Network, scenario, mode, options.Seed, options.Continuous, fullSpeed: false) with { Code = options.Code };

    internal static Pipeline Sensor(FleetRun run, DeviceLife life, EdgeLink edge, FleetWatch watch) => SensorPipeline.Create(
        new(life.Name, new(run.Topics), run.Network, p => FleetSettings.Measure(p, run, life), run.Source.Schema, run.Source.Windows)
        {
            Quality = FleetSettings.Quality(run, life),
            Training = FleetSettings.Training(run, life),
            HeartbeatEvery = FleetSettings.HeartbeatEvery(run),
            Deltas = new CountedDeltas(watch),
            Code = run.Code is { } code ? new() { Code = code } : null,
            OnEvaluation = watch.Add,
        }, edge);

    internal static Pipeline Aggregator(FleetRun run, EdgeLink edge, FleetWatch watch) => AggregatorPipeline.Create(
        new(new(run.Topics), run.Network, FleetSettings.StrategyOf(run), FleetSettings.WindowOf(run))
        {
            Rules = FleetSettings.Rules(run),
            ResumesFromRetained = run.AggregatorEpoch > 0,
            OnRound = watch.Add,
        }, edge);
}

using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool;

/// <summary>The fleet's two pipelines, as the programs of a fleet have them.</summary>
internal static class Pipelines
{
    private static readonly RunPipelines Both = new(
        static (run, life, edge, watch) => Sensor(run, life, EdgeLink.Over(edge), watch),
        static (run, edge, watch) => Aggregator(run, EdgeLink.Over(edge), watch));

    internal static FleetRun Run(FleetSource source, Network network, Scenario scenario, TrainingMode mode, long seed, bool continuous,
        bool fullSpeed, string topics = "sl/quickstart") =>
        new(source, network, Both, scenario, mode, seed, continuous, fullSpeed, topics);

    internal static Pipeline Sensor(FleetRun run, DeviceLife life, EdgeLink edge, FleetWatch watch) => SensorPipeline.Create(
        new(life.Name, new(run.Topics), run.Network, p => FleetSettings.Measure(p, run, life), run.Source.Schema, run.Source.Windows)
        {
            Quality = FleetSettings.Quality(run, life),
            Training = FleetSettings.Training(run, life),
            HeartbeatEvery = FleetSettings.HeartbeatEvery(run),
            Deltas = new CountedDeltas(watch),
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

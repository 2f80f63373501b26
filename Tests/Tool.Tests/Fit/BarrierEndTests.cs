using StreamLearn.Fleets;
using StreamLearn.Simulation;

namespace Tool.Tests;

/// <summary>
/// Fleets with a barrier whose devices run out of rows one by one: the model in use at the end is within a point of the run's best. Every
/// version is judged on people from whom no device learns. It prints the table, before and after.
/// </summary>
public sealed class BarrierEndTests(ITestOutputHelper output)
{
    /// <summary>The points that the end may be below the best version.</summary>
    private const double Point = 0.01;

    private static readonly FleetCase[] Cases =
    [
        // The job of the Quickstart: 20 generated devices, 300 s of virtual time.
        new("default", null, 20, "faults.json", IsVirtual: true, [42, 43, 44]),
        // Eight generated devices on real threads, until they have no rows left. These two give the same bits each time.
        new("eight", null, 8, "straggler.json", IsVirtual: false, [0, 1, 2]),
        new("recorded", Recordings.Folder, null, "straggler.json", IsVirtual: false, [0, 1, 2]),
        // With a wrong clock, which real threads do not notice, and a stuck axis: the bits differ from run to run.
        new("eight with faults", null, 8, "faults.json", IsVirtual: false, [0, 1, 2]),
    ];

    public static TheoryData<string, long> Runs =>
    [
        .. from fleet in Cases
           from seed in fleet.Seeds
           where fleet.Name != "recorded" || fleet.Recordings is not null
           select (fleet.Name, seed),
    ];

    [LongTheory]
    [MemberData(nameof(Runs))]
    public async Task A_fleet_with_a_barrier_ends_within_a_point_of_its_best_version(string name, long seed)
    {
        var fleet = Array.Find(Cases, c => c.Name == name)!;
        Report("before", await RunAsync(fleet, seed, Before));

        var after = await RunAsync(fleet, seed, static run => run);

        Report("after", after);
        Assert.True(after.End >= after.Best - Point, $"{after.End} at the end, {after.Best} at best");

        void Report(string when, (double Best, double End, int Versions) figures) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name,-17} seed {seed,2}   {when,-6}   {figures.Versions} versions   "
                + $"best {figures.Best:0.000}   end {figures.End:0.000}   {100 * (figures.End - figures.Best):0.0} points"));
    }

    private static FleetRun Before(FleetRun run) => run with
    {
        Strategy = FleetSettings.StrategyOf(run).Rounds with { WholeFrom = 0 },
        Averaging = Averaging.None,
    };

    private static async Task<(double Best, double End, int Versions)> RunAsync(FleetCase fleet, long seed, Func<FleetRun, FleetRun> change)
    {
        var source = FleetSource.From(new()
        {
            Data = fleet.Recordings is null ? null : new(fleet.Recordings),
            Devices = fleet.Devices,
            Seed = seed,
        });
        var scenario = Scenario.Load(Path.Join(AppContext.BaseDirectory, fleet.Scenario));
        var run = change(Pipelines.Run(source, HarNetwork.Create(seed), scenario, new("barrier", Barrier: true, scenario.ReplaySpeed), seed,
            continuous: fleet.IsVirtual, fullSpeed: !fleet.IsVirtual));
        var stop = TestContext.Current.CancellationToken;
        var rounds = fleet.IsVirtual
            ? SimulatedFleet.Run(run, TimeSpan.FromSeconds(SimulatedRuns.DefaultSeconds), static _ => { }, stop).CutOff!.Rounds
            : (await ThreadedFleet.RunAsync(run)).Rounds;
        var judged = Judging.Judge(run.Network, LabelledWindows.Collect(source, source.Unseen, seed),
            [.. rounds.Select(r => (r.Ended - rounds.First().StartedAt, r.Averaged))]);
        return (judged.Max(static j => j.Evaluation.Accuracy), judged[^1].Evaluation.Accuracy, judged.Count);
    }

    /// <summary>A fleet, and the seeds that it is run with.</summary>
    private sealed record FleetCase(string Name, string? Recordings, int? Devices, string Scenario, bool IsVirtual, long[] Seeds);
}

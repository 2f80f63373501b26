using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool.Tests;

/// <summary>A fleet on real threads learns as one in virtual time does, and its recording gives its bits again.</summary>
public sealed class RealThreadsTests
{
    private const long Seed = 42;

    private static readonly FleetSource Source = FleetSource.From(new() { Devices = 2, Seed = Seed }, generatedSeconds: 60);

    [Fact]
    public async Task The_recording_of_a_fleet_gives_its_weights_again()
    {
        var (run, text, again) = (RunOf(barrier: false, fullSpeed: true), new StringWriter(), new FleetWatch());
        FleetWatch watch;
        using (var recorder = new RunRecorder(text)) { watch = await ThreadedFleet.RunAsync(run, recorder); }

        using var replay = RunReplay.Run(
            new StringReader(text.ToString()), ThreadedFleet.Of(run, EdgeLink.Over(new InProcessTransport("edge")), again), Seed);

        Assert.Empty(replay.Failures);
        Assert.Equal(Weights(watch), Weights(again));
    }

    [Fact]
    public async Task Behind_a_barrier_both_hosts_give_the_same_weights_and_so_do_rows_that_come_over_a_transport()
    {
        var simulated = SimulatedFleet.Run(RunOf(barrier: true, fullSpeed: false), TimeSpan.FromSeconds(30_000), static _ => { },
            TestContext.Current.CancellationToken);
        var threaded = await ThreadedFleet.RunAsync(RunOf(barrier: true, fullSpeed: true));
        var sent = await ThreadedFleet.RunAsync(RunOf(barrier: true, fullSpeed: true), sendsRows: true);

        Assert.Equal(Weights(simulated.Watch), Weights(threaded));
        Assert.Equal(Weights(simulated.Watch), Weights(sent));
    }

    private static string Weights(FleetWatch watch) => watch.Newest!.Averaged.Sha256();

    private static FleetRun RunOf(bool barrier, bool fullSpeed) => Pipelines.Run(Source, HarNetwork.Create(Seed),
        Scenario.Load(Path.Join(AppContext.BaseDirectory, "straggler.json")), new(barrier ? "barrier" : "async", barrier, 8), Seed,
        continuous: false, fullSpeed);
}

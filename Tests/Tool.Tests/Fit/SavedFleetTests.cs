using StreamLearn.Simulation;

namespace Tool.Tests;

/// <summary>The simulated fleet, interrupted again and again: the report tells the same.</summary>
public sealed class SavedFleetTests
{
    private const int Interrupts = 12;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(50);

    [Theory]
    [InlineData("async", false)]
    [InlineData("barrier", true)]
    public void A_fleet_that_is_interrupted_at_any_event_tells_the_same_story(string mode, bool barrier)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("scenario.json"), """
            { "defaults": { "megaMultiplyAddsPerSecond": 12.5, "jitter": 0.05, "upMegabitsPerSecond": 2, "delayMilliseconds": 30 },
              "speedSpread": 0.2, "replaySpeed": 8, "randomPhase": true,
              "failures": [ { "atSeconds": 10, "device": "#1", "kind": "crash" }, { "atSeconds": 20, "device": "#1", "kind": "rejoin" },
                { "atSeconds": 30, "device": "#0", "kind": "leave" } ] }
            """);
        var source = FleetSource.From(new() { Devices = 4, Seed = 3 });
        var run = Pipelines.Run(source, HarNetwork.Create(3), Scenario.Load(folder.File("scenario.json")), new(mode, barrier, 8), 3,
            continuous: true, fullSpeed: false);

        var alone = SimulatedFleet.Run(run, Length, static _ => { }, TestContext.Current.CancellationToken,
            static world => Plan(world, static () => { }));
        var again = Interrupted(run, folder.File("saved"));

        Assert.Equal(StoryOf(alone), StoryOf(again));
        Assert.True(alone.CutOff!.Rounds.Count > 2 && alone.Members[1].Lives().Count == 2);
    }

    /// <summary>Over a slow link, what a device has still to send when it leaves takes longer than two seconds.</summary>
    [Fact]
    public void A_device_that_is_to_rejoin_before_it_has_left_is_back_when_it_has()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("scenario.json"), """
            { "defaults": { "megaMultiplyAddsPerSecond": 12.5, "upMegabitsPerSecond": 0.02, "downMegabitsPerSecond": 0.02,
                "delayMilliseconds": 200 },
              "replaySpeed": 8,
              "failures": [ { "atSeconds": 20, "device": "#1", "kind": "leave" }, { "atSeconds": 22, "device": "#1", "kind": "rejoin" } ] }
            """);
        var source = FleetSource.From(new() { Devices = 4, Seed = 42 });
        var run = Pipelines.Run(source, HarNetwork.Create(42), Scenario.Load(folder.File("scenario.json")), new("async", false, 8), 42,
            continuous: true, fullSpeed: false);

        var fleet = SimulatedFleet.Run(run, TimeSpan.FromSeconds(60), static _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(2, fleet.Members[1].Lives().Count);
    }

    /// <summary>It is saved again and again while it waits to rejoin.</summary>
    [Fact]
    public void A_device_that_waits_to_rejoin_while_the_job_is_saved_is_back_as_if_it_had_not_been()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("scenario.json"), """
            { "defaults": { "megaMultiplyAddsPerSecond": 12.5, "upMegabitsPerSecond": 0.1, "downMegabitsPerSecond": 0.1,
                "delayMilliseconds": 200 },
              "replaySpeed": 8,
              "failures": [ { "atSeconds": 5, "device": "#1", "kind": "leave" }, { "atSeconds": 7, "device": "#1", "kind": "rejoin" } ] }
            """);
        var source = FleetSource.From(new() { Devices = 4, Seed = 42 });
        var run = Pipelines.Run(source, HarNetwork.Create(42), Scenario.Load(folder.File("scenario.json")), new("async", false, 8), 42,
            continuous: true, fullSpeed: false);

        var alone = SimulatedFleet.Run(run, Length, static _ => { }, TestContext.Current.CancellationToken,
            static world => Plan(world, static () => { }));
        var again = Interrupted(run, folder.File("saved"));

        Assert.Equal(2, again.Members[1].Lives().Count);
        Assert.Equal(StoryOf(alone), StoryOf(again));
    }

    /// <summary>Runs it until it comes to its end, again and again: each plan interrupts it once.</summary>
    private static RunningFleet Interrupted(FleetRun run, string folder)
    {
        for (var interrupts = 0; ; interrupts++)
        {
            using var stop = new CancellationTokenSource();
            try
            {
                var fleet = SimulatedFleet.Run(run, Length, static _ => { }, stop.Token, world => Plan(world, stop.Cancel),
                    new SavedRun(folder, Checkpoint.Newest(folder), static () => { }).Run);
                Assert.Equal(Interrupts, interrupts);
                return fleet;
            }
            catch (OperationCanceledException)
            {
                // and again
            }
        }
    }

    private static void Plan(VirtualWorld world, Action action)
    {
        var random = new RandomStream(1, "moments");
        for (var i = 0; i < Interrupts; i++) { world.At(Length * random.NextDouble(), action); }
    }

    private static string StoryOf(RunningFleet fleet)
    {
        var story = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        RunEvents.Write(story, ClosedEvents.Of(fleet));
        foreach (var device in fleet.CutOff!.Devices) { story.WriteLine(device); }
        story.WriteLine(fleet.CutOff.Rows.Text);
        story.WriteLine(fleet.CutOff.Updates.Text);
        foreach (var (at, weights) in Judging.Grid(fleet, Length)) { story.WriteLine($"{at} {weights.Sha256()}"); }
        story.WriteLine(fleet.Calls());
        return story.ToString();
    }
}

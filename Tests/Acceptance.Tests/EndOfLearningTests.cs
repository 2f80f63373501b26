using StreamLearn.Operators;
using StreamLearn.Programs;

namespace Acceptance.Tests;

public sealed class EndOfLearningTests
{
    private static readonly FleetTopics Topics = new("sl/end");
    private static readonly TimeSpan Rows = TimeSpan.FromSeconds(120);

    /// <summary>They used to wait for a version that never came, and their rows with them.</summary>
    [Fact]
    public void When_the_budget_is_spent_devices_take_the_rest_of_their_rows_and_end_and_so_does_one_that_comes_later()
    {
        using var world = new VirtualWorld(new() { Seed = 1 });
        var edge = EdgeLink.Over(world.Transport("edge"));
        Round? last = null;
        var aggregator = world.Add(AggregatorPipeline.Create(new(Topics, HarNetwork.Create(1), new AdaptiveTau(3)
        {
            Budget = [Resource.Time(TimeSpan.FromSeconds(30))],
            Settings = new() { LearningRate = 0.05, Phi = 5e-5 },
        }, 8)
        { OnRound = round => last = round }, edge));
        List<VirtualDevice> devices = [.. Enumerable.Range(1, 3).Select(user => world.Add(SensorPipeline.Create(Device(user), edge)))];
        void RunWhile(Func<bool> goesOn, TimeSpan until)
        {
            while (goesOn() && world.Elapsed < until) { world.RunFor(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken); }
        }

        RunWhile(() => last is not { IsLast: true }, Rows);
        Assert.InRange(world.Elapsed, TimeSpan.FromSeconds(25), Rows - TimeSpan.FromSeconds(20));
        devices.Add(world.Add(SensorPipeline.Create(Device(4), edge)));

        RunWhile(() => devices.Exists(static d => d.EndedAt is null), 4 * Rows);
        world.Drain(TestContext.Current.CancellationToken);

        Assert.Equal([], last!.Made.Invited!.Value);
        foreach (var device in devices)
        {
            Assert.Null(device.Failure);
            Assert.Equal(Rows.TotalSeconds * 50, SensorPipeline.RowsMeasured(device.Metrics));
            Assert.Equal(1, device.Metrics["train"].Gauges["learning-ended"]);
            Assert.Equal(0, device.Metrics["train"].Counter("updates-unknown"));
        }

        Assert.Equal(0, devices[^1].Metrics["train"].Counter("steps"));
        Assert.Equal(0, aggregator.Metrics["aggregate"].Gauges["devices-alive"]);
        Assert.DoesNotContain("ended", aggregator.Metrics["aggregate"].Drops.Keys);
    }

    private static SensorOptions Device(int user) => new($"user-{user}", Topics, HarNetwork.Create(1),
        p => p.FromHarStream(new() { User = user, Duration = Rows }), HarStream.Schema, static rows => rows.Window(128, 64))
    {
        Quality = new() { Clock = EventClock.FullSpeed, DropFaulty = true },
        Training = new()
        {
            Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: 2),
            Announce = true,
            Pace = TrainPace.LockStep,
            Epoch = 0,
            Credit = new(),
        },
    };
}

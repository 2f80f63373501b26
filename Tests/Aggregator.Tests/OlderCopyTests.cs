using System.Collections.Immutable;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Aggregator.Tests;

public sealed class OlderCopyTests
{
    private static readonly FleetTopics Topics = new("sl/plant");
    private static readonly TimeSpan Copied = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Crashed = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Ends = TimeSpan.FromSeconds(100);

    private static readonly DeviceCheckpoints Disk = new()
    {
        Every = TimeSpan.FromSeconds(2),
        HoldAtMost = TimeSpan.FromMilliseconds(100),
        SyncTime = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>A server that keeps the newest version has it still, whatever the copy holds; else a device gives it back.</summary>
    [Theory]
    [InlineData(true, "restored")]
    [InlineData(false, "recovered")]
    public void Nothing_that_was_learned_since_is_lost_and_no_device_is_quarantined(bool serverKeeps, string counter)
    {
        var rounds = new List<Round>();
        using var world = new VirtualWorld(new() { Seed = 7 });
        var link = EdgeLink.Over(world.Transport("server"));
        var edge = world.Add(Edge(link, rounds, epoch: 1, serverKeeps), null, null, Disk);
        List<VirtualDevice> devices = [.. Enumerable.Range(1, 3).Select(user => world.Add(SensorPipeline.Create(Device(user), link)))];
        world.RunFor(Copied);
        var copy = edge.LastCheckpoint!;
        world.RunFor(Crashed - Copied);
        edge.Crash();
        var (made, newest) = (rounds.Count, rounds[^1].Version);

        var pipeline = Edge(link, rounds, epoch: 2, serverKeeps);
        edge = world.Add(pipeline, null, null, Disk, copy.Without([.. OfEachStart(serverKeeps).Where(b => HasBlock(copy, b))]));
        if (!serverKeeps)
        {
            devices.ForEach(static d => d.Disconnect());
            devices.ForEach(static d => d.Connect());
        }

        world.RunFor(Ends - Crashed);

        Assert.Null(edge.Failure);
        var counters = edge.Metrics["aggregate"];
        Assert.Equal((1, 0, 0), (counters.Counter(counter), counters.Counter("devices-quarantined"), counters.Counter("versions-unknown")));
        Assert.Equal(rounds.Count, rounds.DistinctBy(static r => r.Made.Id).Count());
        Assert.InRange(rounds[made].Version, newest, newest + 1);       // the last one may have reached nobody
        Assert.InRange(rounds.Count, made + 5, int.MaxValue);
    }

    /// <summary>Its owner is told by blocks that other keys replace or leave out.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_device_resumes_though_its_file_now_answers_elsewhere_or_not_at_all(bool answers)
    {
        using var world = new VirtualWorld(new() { Seed = 7 });
        var link = EdgeLink.Over(world.Transport("server"));
        var told = Device(1) with { Answering = new(HarStream.Activities), News = new(TimeSpan.FromSeconds(5)) };
        var device = world.Add(SensorPipeline.Create(told, link), null, null, Disk);
        world.RunFor(Copied);
        var copy = device.LastCheckpoint!;
        device.Crash();
        var changed = answers
            ? told with { Answering = new(HarStream.Activities) { Answers = new(world.Transport("field"), "plant/{device}") } } : Device(1);
        var pipeline = SensorPipeline.Create(changed, link);

        device = world.Add(pipeline, null, null, Disk,
            copy.Without([.. SensorPipeline.BlocksOfOtherSettings(changed, pipeline).Where(b => HasBlock(copy, b))]));
        world.RunFor(Crashed - Copied);

        Assert.Null(device.Failure);
        Assert.True(HasBlock(copy, "news"));
        Assert.True(device.Metrics["train"].RowsIn > 0);
    }

    private static bool HasBlock(Checkpoint checkpoint, string block) => checkpoint.Parts.Any(p => p.Name == $"block/{block}");

    private static ImmutableArray<string> OfEachStart(bool serverKeeps) => AggregatorPipeline.OfEachStart(Options([], 1, serverKeeps));

    private static Pipeline Edge(EdgeLink link, List<Round> rounds, long epoch, bool serverKeeps) =>
        AggregatorPipeline.Create(Options(rounds, epoch, serverKeeps), link);

    private static AggregatorOptions Options(List<Round> rounds, long epoch, bool serverKeeps) =>
        new(Topics, HarNetwork.Create(42), new FedBuff(2), 64)
        {
            OnRound = rounds.Add,
            ResumesFromRetained = serverKeeps,
            Rules = new()
            {
                Epoch = epoch,
                Restore = TimeSpan.FromSeconds(2),
                Lease = TimeSpan.FromSeconds(30),
                Secret = [.. Enumerable.Repeat((byte)epoch, 32)],       // that of the copy counts
            },
        };

    private static SensorOptions Device(int user) => new($"user-{user}", Topics, HarNetwork.Create(42),
        p => p.FromHarStream(new() { User = user, Duration = TimeSpan.FromHours(2) }),
        HarStream.Schema, static rows => rows.Window(128, 64))
    {
        Quality = new() { Clock = EventClock.FullSpeed, DropFaulty = true },
        Training = new() { Announce = true, AdjustLogits = false, StepsPerUpdate = 1 },
    };
}

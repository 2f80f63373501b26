using System.Threading.Channels;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace Aggregator.Tests;

public sealed class SplitRestartTests
{
    private static readonly FleetTopics Topics = new("sl/plant");

    private static readonly SplitTrainOptions Training = new()
    {
        BatchRows = 4,
        RoundBatches = 2,
        GradientTimeout = TimeSpan.FromSeconds(1),
    };

    [Fact]
    public async Task A_fleet_goes_on_from_the_version_that_the_server_kept_though_the_aggregator_has_lost_its_state()
    {
        await using var air = new InProcessTransport();
        var (before, after) = (Channel.CreateUnbounded<long>(), Channel.CreateUnbounded<long>());
        var edge = Edge(air, before.Writer, restore: null);
        await using var device = SensorPipeline.Create(Device("a"), EdgeLink.Over(air)).Start();
        await UntilAsync(before.Reader, 2);
        await edge.DisposeAsync();

        await using var again = Edge(air, after.Writer, restore: TimeSpan.FromMinutes(3));

        await UntilAsync(after.Reader, 5);
        Assert.Equal(1, again.Metrics["aggregate"].Counter("restored"));
    }

    private static async Task UntilAsync(ChannelReader<long> made, long version)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        while (await made.ReadAsync(patience.Token) < version) { }
    }

    private static PipelineRun Edge(ITransport air, ChannelWriter<long> made, TimeSpan? restore) => AggregatorPipeline.Create(
        new(Topics, HarNetwork.Create(42), new FedAvg(1), 64)
        {
            OnRound = round => made.TryWrite(round.Version),
            ResumesFromRetained = true,
            Rules = new() { Restore = restore },
            Split = new(new() { Training = Training }),
        }, EdgeLink.Over(air)).Start();

    private static SensorOptions Device(string name) => new(name, Topics, HarNetwork.Create(42),
        p => p.FromHarStream(new() { User = 1, Duration = TimeSpan.FromHours(2), SpeedUp = double.PositiveInfinity }),
        HarStream.Schema, static rows => rows.Window(128, 64))
    {
        Quality = new() { Clock = EventClock.FullSpeed, DropFaulty = true },
        Training = new() { Announce = true },
        Split = new(Training, 3),
    };
}

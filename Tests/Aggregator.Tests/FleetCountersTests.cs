using System.Buffers;
using System.Net.Sockets;
using System.Text;
using StreamLearn.Nats;

namespace Aggregator.Tests;

public sealed class FleetCountersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly FleetTopics Topics = new("sl/plant");

    [Fact]
    public async Task A_heartbeat_of_an_earlier_start_is_refused_and_is_no_update()
    {
        await using var air = new InProcessTransport();
        await using var run = Start(air);

        var said = 0;
        await UntilAsync(async () =>
        {
            await SayAsync(air, epoch: 2, ++said);
            return run.Metrics["aggregate"].Gauges.GetValueOrDefault("devices-alive") == 1;
        });
        await UntilAsync(async () =>
        {
            await SayAsync(air, epoch: 1, ++said);
            return run.Metrics["aggregate"].Drops.ContainsKey("fenced");
        });
        await run.DrainAsync(TestContext.Current.CancellationToken);

        Assert.InRange(run.Metrics["aggregate"].Drops["fenced"], 1, said);
        Assert.Empty(FleetCounters.Of(run.Metrics, [air]).Refused);
    }

    [Fact]
    public async Task What_a_transport_cannot_read_is_counted()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var link = new NatsTransport(new() { Servers = [server.Uri], Keep = new() });
        await using var run = Start(link);
        var garbage = Encoding.ASCII.GetBytes("CONNECT {\"verbose\":false}\r\nPUB sl.plant.pump.up.delta 3\r\nabc\r\nPING\r\n");

        await UntilAsync(async () =>
        {
            using var client = new TcpClient("127.0.0.1", server.Port);
            await client.GetStream().WriteAsync(garbage);
            await client.GetStream().ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false);
            return FleetCounters.Of(run.Metrics, [link]).Refused.GetValueOrDefault("malformed") > 0;
        });
    }

    private static PipelineRun Start(ITransport air) => AggregatorPipeline.Create(
        new(Topics, HarNetwork.Create(42), new FedBuff(4), 64), EdgeLink.Over(air)).Start();

    private static async Task SayAsync(InProcessTransport air, long epoch, int sequence)
    {
        var bytes = new ArrayBufferWriter<byte>();
        LearningCodecs.Presences.Encode(new() { Device = "pump", Epoch = epoch, Kind = PresenceKind.Waiting }, bytes);
        await new EnvelopedTransport(air).PublishAsync(
            Topics.PresencesOf("pump"), new(bytes.WrittenMemory), new(new("pump", sequence, epoch)), TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var over = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            over.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

using System.Buffers;
using StreamLearn.Fleets;
using StreamLearn.Mqtt;

namespace Sensor.Tests;

public sealed class PieceCostTests
{
    private const int Cuts = 10;

    [Fact]
    public Task An_update_over_a_link_with_ten_cuts_costs_little_more_than_its_bytes() => SendAsync(1_000_000, 4 << 10, 2_000_000);

    [LongFact]
    public Task An_update_of_20_MB_over_1_Mbit_a_second_with_ten_cuts_costs_little_more_than_its_bytes() =>
        SendAsync(20_000_000, 64 << 10, 125_000);

    private static async Task SendAsync(int bytes, int piece, int bytesPerSecond)
    {
        await using var server = await Mosquitto.StartAsync();
        await using var proxy = new FaultProxy(server.Uri.Port);
        await using var near = new MqttTransport(new() { Server = server.Uri });
        await using var far = new MqttTransport(new() { Server = proxy.Uri, ClientId = "device" });
        var values = bytes / sizeof(float);
        var plan = new ModelPlan(new Shape(1), 2, values, [("weights", SliceKind.Trained, values)]);
        var update = new WeightDelta
        {
            Device = "device",
            Epoch = 7,
            Sequence = 1,
            BaseVersion = 0,
            Samples = 16,
            Steps = 4,
            SchemaHash = plan.SchemaHash,
            Values = [.. Enumerable.Range(0, values).Select(static v => (float)Math.Sin(v))],
        };
        var arrived = new TaskCompletionSource<WeightDelta>();
        await using var edge = Pipeline.Define("edge", p => p
            .Subscribe(near, "sl/f/{device}/up/piece", UpdatePiece.Codec)
            .JoinPieces(plan, bytes + 1000)
            .ForEach("take", u => arrived.TrySetResult(u))).Start();
        await foreach (var change in near.ConnectionsAsync(TestContext.Current.CancellationToken))
        {
            if (change.IsConnected) { break; }
        }

        proxy.Set(Direction.Up, new() { BytesPerSecond = bytesPerSecond, CutAfter = bytes / (Cuts + 1) });
        await using var device = Pipeline.Define("device", p => p
            .From("updates", new OneUpdate(update.SizeBytes), (OneUpdate _, OperatorContext own) => new OneUpdateSource(update, own))
            .SendInPieces(piece)
            .Publish(far, "sl/f/device/up/piece", UpdatePiece.Codec)).Start();
        while (proxy.Connections <= Cuts)
        {
            if (device.Completion.IsFaulted) { await device.Completion; }
            if (edge.Completion.IsFaulted) { await edge.Completion; }
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        proxy.Set(Direction.Up, new() { BytesPerSecond = bytesPerSecond });
        var got = await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Bytes(update), Bytes(got));
        Assert.InRange(proxy.Connections, Cuts + 1, Cuts + 4);      // a busy machine sees the last cut late
        var cost = (double)proxy.Passed(Direction.Up) / Bytes(update).Length;
        TestContext.Current.SendDiagnosticMessage($"{bytes} bytes in pieces of {piece}, {Cuts} cuts: {cost:0.000} of its bytes");
        Assert.InRange(cost, 1, 1.1);
    }

    private static byte[] Bytes(WeightDelta update)
    {
        var bytes = new ArrayBufferWriter<byte>();
        LearningCodecs.Deltas.Encode(update, bytes);
        return bytes.WrittenMemory.ToArray();
    }

    private sealed record OneUpdate(long MessageBytes) : IBlockOptions;

    private sealed class OneUpdateSource(WeightDelta update, OperatorContext context) : Source<WeightDelta>
    {
        private DateTimeOffset? _at = context.Now;

        public override DateTimeOffset? NextAt => _at;

        public override WeightDelta Next()
        {
            _at = null;
            return update;
        }
    }
}

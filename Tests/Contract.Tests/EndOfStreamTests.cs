using StreamLearn.Arrow;

namespace Contract.Tests;

public sealed class EndOfStreamTests
{
    [Fact]
    public void In_the_virtual_world_the_subscription_ends_after_the_last_rows()
    {
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Sensor(air), null, new() { Delay = TimeSpan.FromMilliseconds(3) });
        var device = world.Add(Device(air));

        world.RunFor(TimeSpan.FromSeconds(10));      // and nobody ends the world

        Assert.NotNull(device.EndedAt);
        Check(device.Metrics);
    }

    [Fact]
    public async Task In_the_dataflow_host_the_subscription_ends_after_the_last_rows()
    {
        await using var air = new InProcessTransport();
        await using var device = Device(air).Start(null, TestContext.Current.CancellationToken);

        await Sensor(air).RunAsync(TestContext.Current.CancellationToken);
        await device.Completion;

        Check(device.Metrics);
    }

    private static Pipeline Sensor(ITransport air) => Pipeline.Define("sensor", p => new Script(Rows.Ordinary).SensorRows(p)
        .Filter("some", static b => b.Rows > 0).EndWithEmpty().Publish(air, "rows", ArrowCodec.Batches));

    private static Pipeline Device(ITransport air) => Pipeline.Define("device", p => p
        .Subscribe(air, "rows", ArrowCodec.Batches, new() { EndsOnEmpty = true }).Discard());

    private static void Check(RunMetrics metrics)
    {
        var rows = metrics["subscribe rows"];
        Assert.Equal((50 + 7 + 128 + 1 + 64 + 200 + 3, 0), (rows.RowsOut, rows.Drops.Count));
    }
}

namespace StreamLearn.Mqtt.Tests;

/// <summary>Links that break without a word, or again and again.</summary>
public sealed class BrokenLinkTests(ITestOutputHelper output)
{
    private const int MaxConnects = 12;
    private static readonly Topic Level = new("plant/level");
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Flapping = TimeSpan.FromSeconds(LongForm.IsAsked ? 60 : 10);

    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true)]
    public async Task A_half_open_connection_is_found_within_one_and_a_half_times_the_keep_alive(bool swallowsDown, bool swallowsUp)
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { More = ["log_type subscribe"] });
        await using var proxy = new FaultProxy(mosquitto.Port);
        await using var transport = new MqttTransport(new()
        {
            Server = proxy.Uri,
            KeepAlive = KeepAlive,
            InitialReconnectDelay = TimeSpan.FromMilliseconds(10),
        });
        using var end = new CancellationTokenSource();
        var first = FirstAsync(transport, end.Token);
        await mosquitto.Process.WaitForAsync($" 1 {Level}");

        proxy.Set(Direction.Down, new() { Swallow = swallowsDown });
        proxy.Set(Direction.Up, new() { Swallow = swallowsUp });
        var silent = TimeProvider.System.GetTimestamp();
        await Long.UntilAsync(() => proxy.Connections > 1, () => $"{Long.Text(transport.Status)}");
        var found = TimeProvider.System.GetElapsedTime(silent);
        proxy.Set(Direction.Down, Fault.None);
        proxy.Set(Direction.Up, Fault.None);
        await Long.UntilAsync(
            () => mosquitto.Log.Split("New client connected").Length > 2, () => $"{Long.Text(transport.Status)}\n{mosquitto.Log}");
        await using var writer = new MqttTransport(new() { Server = mosquitto.Uri });
        await writer.PublishAsync(Level, new("7"u8.ToArray()), new(new("test", 0)), Cancellation);

        Assert.Equal("7"u8.ToArray(), await first.WaitAsync(ServerProcess.Patience));
        output.WriteLine($"found after {found.TotalSeconds:0.00} s at a keep-alive of {KeepAlive.TotalSeconds} s");
        Assert.True(found <= 1.5 * KeepAlive, $"found after {found.TotalSeconds:0.00} s");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_flapping_broker_is_not_stormed(bool accepts)
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var proxy = new FaultProxy(mosquitto.Port) { Refuses = !accepts };
        await using var transport = new MqttTransport(new() { Server = proxy.Uri });
        using var end = new CancellationTokenSource(Flapping, TimeProvider.System);
        var reading = FirstAsync(transport, end.Token);

        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        while (!end.IsCancellationRequested)
        {
            await second.WaitForNextTickAsync(Cancellation);
            proxy.Cut();
        }
        await reading.WaitAsync(ServerProcess.Patience);
        output.WriteLine($"{proxy.Connections} connects in {Flapping.TotalSeconds} s");
        Assert.InRange(proxy.Connections, 2, MaxConnects);
    }

    /// <summary>The payload of the first message; empty if the subscription ended before.</summary>
    private static async Task<byte[]> FirstAsync(MqttTransport transport, CancellationToken end)
    {
        await foreach (var message in transport.SubscribeAsync(Level, new(), end))
        {
            using (message)
            {
                message.Acknowledge();
                return message.Payload.ToArray();
            }
        }
        return [];
    }
}

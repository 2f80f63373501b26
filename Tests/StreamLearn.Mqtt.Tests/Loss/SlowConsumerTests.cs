namespace StreamLearn.Mqtt.Tests;

/// <summary>A consumer that is ten times too slow. No other test runs meanwhile: the memory of the process is measured.</summary>
[Collection(nameof(SlowConsumerTests))]
[CollectionDefinition(nameof(SlowConsumerTests), DisableParallelization = true)]
public sealed class SlowConsumerTests(ITestOutputHelper output)
{
    private const int Capacity = 32, PerSecond = 500, TooSlow = 10;
    private const double MaxMemory = 1.3;
    private static readonly Topic Filter = new("numbers/all");
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(LongForm.IsAsked ? 600 : 8);

    [Theory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task A_slow_consumer_holds_back_the_server_and_nothing_grows(MqttVersion version)
    {
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync(new() { InFlight = Capacity, More = ["log_type subscribe"] });
        await using var writer = new MqttTransport(new() { Server = mosquitto.Uri, ClientId = "writer" });
        await using var transport = new MqttTransport(
            new() { Server = mosquitto.Uri, Version = version, ClientId = "slow", KeepAlive = KeepAlive });
        using var numbers = new NumberedMessages(writer, Filter, folder.File("sent"));
        using CancellationTokenSource endPublishing = new(), endReading = new();
        var held = new HeldMessages();
        var reading = held.ReadAsync(transport.SubscribeAsync(Filter, new() { Capacity = Capacity }, endReading.Token));
        await mosquitto.Process.WaitForAsync($" 1 {Filter}");
        var publishing = numbers.PublishAsync(endPublishing.Token, Cancellation);

        var memory = new List<long>();
        var start = TimeProvider.System.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds((double)TooSlow / PerSecond), TimeProvider.System);
        for (var tick = 0; TimeProvider.System.GetElapsedTime(start) < Length; tick++)
        {
            await ticks.WaitForNextTickAsync(Cancellation);
            held.ReleaseOldest();
            if (tick % (PerSecond / TooSlow) == 0) { memory.Add(GC.GetTotalMemory(forceFullCollection: true)); }
        }
        await endPublishing.CancelAsync();
        held.Drain();
        await Long.UntilAsync(() => !held.ReleaseOldest() && held.Released >= numbers.Confirmed,
            () => $"{held.Released} of {numbers.Confirmed}, {Long.Text(transport.Status)}\n{mosquitto.Log}");
        await publishing.WaitAsync(ServerProcess.Patience);
        await endReading.CancelAsync();
        await reading.WaitAsync(ServerProcess.Patience);
        var steady = memory.Skip(memory.Count / 4).Take(memory.Count / 4).Max();
        var growth = memory.Skip(memory.Count / 2).Max() / (double)steady;
        output.WriteLine(
            $"{numbers.Confirmed} messages, most unacknowledged {held.Most}, memory {steady / 1024} KiB, "
                + $"at most {growth:0.00} times that");

        Assert.InRange(held.Most, 1, Capacity);
        Assert.InRange(growth, 0, MaxMemory);
        Assert.DoesNotContain("exceeded timeout", mosquitto.Log, StringComparison.Ordinal);
        Assert.Equal(2, mosquitto.Log.Split("New client connected").Length - 1);
    }

    private sealed class HeldMessages
    {
        private readonly Lock _gate = new();
        private readonly Queue<Message> _messages = [];
        private long _released;
        private bool _drains;
        internal int Most { get; private set; }
        internal long Released => Interlocked.Read(ref _released);

        internal async Task ReadAsync(IAsyncEnumerable<Message> messages)
        {
            await foreach (var message in messages)
            {
                lock (_gate)
                {
                    _messages.Enqueue(message);
                    Most = Math.Max(Most, _messages.Count);
                    while (_drains && ReleaseOldest()) { }
                }
            }
        }

        internal void Drain() { lock (_gate) { _drains = true; } }

        internal bool ReleaseOldest()
        {
            lock (_gate)
            {
                if (!_messages.TryDequeue(out var message)) { return false; }
                message.Acknowledge();
                message.Dispose();
                _released++;
                return true;
            }
        }
    }
}

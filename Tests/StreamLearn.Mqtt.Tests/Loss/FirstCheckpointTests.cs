using System.Collections.Concurrent;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A relay is killed before the first checkpoint of a life, several times in a row, and around the writing of one.</summary>
public sealed class FirstCheckpointTests(ITestOutputHelper output)
{
    private const int Capacity = 64;
    private const int MaxDelay = 12_000;        // microseconds: acknowledgements go out within 5 ms
    private const int KilledCode = 128 + 9;
    private static readonly int Rounds = LongForm.IsAsked ? 10 : 1;
    private static readonly (string Name, int Min, int Max)[] Moments =
    [
        ("written", 0, MaxDelay), ("taken", 1, Capacity), ("taken", 1, Capacity), ("taken", 1, Capacity),
        ("written", 0, 0),          // before the first acknowledgement
        ("writing", 0, MaxDelay),
    ];

    [Theory]
    [InlineData(MqttVersion.V5, "sl/numbers", null)]
    [InlineData(MqttVersion.V5, "line/numbers", 0)]
    [InlineData(MqttVersion.V311, "sl/numbers", 0)]
    [InlineData(MqttVersion.V311, "line/numbers", null)]
    public async Task Lives_that_end_before_their_first_checkpoint_lose_nothing(MqttVersion version, string topic, int? inFlight)
    {
        var numbers = 400 + (Rounds * 400);
        var seed = LongForm.IsAsked ? Environment.TickCount : 1;
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync(new() { InFlight = inFlight, More = ["log_type subscribe"] });
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, Version = version, ClientId = "watcher" });
        using var end = new CancellationTokenSource();
        var (sent, made, often) = (new ConcurrentDictionary<int, int>(), new ConcurrentDictionary<int, int>(), 0);
        Task[] watching =
        [
            WatchAsync(transport, topic, text => sent[int.Parse(text, CultureInfo.InvariantCulture)] = 1, end.Token),
            WatchAsync(transport, "sl/made", Made, end.Token),
        ];
        await mosquitto.Process.WaitForAsync(" 1 sl/made");
        await using (var first = Start("never", 0)) { await mosquitto.Process.WaitForAsync($"relay.1 1 {topic}"); }
        var publishing = PublishAsync(transport, topic, numbers);
        var lives = new StringBuilder();

        for (var kill = 0; kill < Rounds * Moments.Length; kill++)
        {
            var moment = Moments[kill % Moments.Length];
            var count = random.Next(moment.Min, moment.Max + 1);
            await using var life = Start(moment.Name, count);
            var code = await life.EndAsync();
            Assert.True(code == KilledCode, $"ended with {code}: {life.Log}");
            lives.Append(CultureInfo.InvariantCulture, $"{life.Log.Trim()}, {moment.Name} {count}; ");
        }
        await using (Start("never", 0))
        {
            await publishing.WaitAsync(ServerProcess.Patience);
            await UntilAsync(() => made.Count == numbers);
        }
        await UntilAsync(() => sent.Count == numbers);
        await end.CancelAsync();
        await Task.WhenAll(watching).WaitAsync(ServerProcess.Patience);
        var missing = Enumerable.Range(0, numbers).Where(n => !made.ContainsKey(n)).ToArray();
        output.WriteLine($"seed {seed}, {Rounds * Moments.Length} kills, {missing.Length} missing, {often} taken again: {lives}");
        Assert.Equal(numbers, sent.Count);
        Assert.Empty(missing);
        // without an identity a message whose acknowledgement was lost is taken again
        if (topic.StartsWith("sl/", StringComparison.Ordinal)) { Assert.Equal(0, often); }

        void Made(string text)
        {
            var parts = text.Split(' ');
            if (parts[1] != "1") { Interlocked.Increment(ref often); }
            made[int.Parse(parts[0], CultureInfo.InvariantCulture)] = 1;
        }

        ServerProcess Start(string moment, int count) => new(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "reader",
            mosquitto.Uri.ToString(), version.ToString(), "relay",
            topic, "sl/made", folder.File("state"), moment, count.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>What came first over a session of the run before is not what comes first over that of the next.</summary>
    [Theory, InlineData("sl/numbers")]
    [InlineData("line/numbers")]
    public async Task A_run_that_goes_on_takes_every_message_that_is_new(string topic)
    {
        const int Each = 10;
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, ClientId = "relay" });
        var taken = new ConcurrentQueue<float>();
        var pipeline = Pipeline.Define("relay", p => p
            .Subscribe(transport, topic, RowCodec.Default).ForEach("take", b => taken.Enqueue(b.Channels[0].Values<float>()[0])));
        for (var start = 0; start < 3; start++)
        {
            var run = pipeline.Start(new RunOptions
            {
                Checkpoints = new(folder.File("state")),
                StartFrom = Checkpoint.Newest(folder.File("state")),
            });
            for (var number = start * Each; number < (start + 1) * Each; number++)
            {
                await new EnvelopedTransport(transport).PublishAsync(
                    new(topic), new(BitConverter.GetBytes((float)number)), new(new("sensor", number, 1)),
                    Cancellation);
            }
            await Long.UntilAsync(() => taken.Count == (start + 1) * Each, () => $"{start}: {string.Join(' ', taken)}");
            await run.StopAsync();
        }
        Assert.Equal(Enumerable.Range(0, 3 * Each).Select(static n => (float)n), taken);
    }

    /// <summary>Waits until a condition holds, or for so long that it never will.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (!condition() && !patience.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }

    private static async Task PublishAsync(MqttTransport transport, string topic, int numbers)
    {
        for (var number = 0; number < numbers; number++)
        {
            var payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
            await new EnvelopedTransport(transport).PublishAsync(new(topic), new(payload), new(new("sensor", number, 1)), Cancellation);
        }
    }

    private static async Task WatchAsync(MqttTransport transport, string topic, Action<string> take, CancellationToken end)
    {
        await foreach (var message in new EnvelopedTransport(transport).SubscribeAsync(new(topic), new(), end))
        {
            using (message)
            {
                take(Encoding.UTF8.GetString(message.Payload));
                message.Acknowledge();
            }
        }
    }
}

using System.Collections.Concurrent;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A program that keeps checkpoints is killed again and again, and yet takes each message once.</summary>
public sealed class CheckpointKillTests(ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int Numbers = 6000;
    private const int Added = 5;

    [Theory, InlineData(MqttVersion.V5, 1), InlineData(MqttVersion.V311, 2)]
    public async Task Killing_the_program_loses_nothing_and_does_nothing_twice(MqttVersion version, int seed)
    {
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync(new() { More = ["log_type subscribe", "max_queued_messages 100000"] });
        await using var transport = new MqttTransport(new() { Server = mosquitto.Uri, Version = version, ClientId = "watcher" });
        using var end = new CancellationTokenSource();
        var (sums, copies) = (new ConcurrentDictionary<MessageOrigin, string>(), 0);
        var contradictions = new ConcurrentBag<MessageOrigin>();
        var watching = WatchAsync(transport, sums, contradictions, () => Interlocked.Increment(ref copies), end.Token);
        await mosquitto.Process.WaitForAsync(" 1 sl/sums");
        await using (var first = Start(mosquitto, version, folder)) { await mosquitto.Process.WaitForAsync(" 1 sl/numbers"); }
        var publishing = PublishAsync(transport);
        var random = new Random(seed);
        var starts = new List<TimeSpan>();

        for (var kill = 0; kill < Kills; kill++)
        {
            var (before, begun) = (sums.Count, TimeProvider.System.GetTimestamp());
            await using var program = Start(mosquitto, version, folder);
            await program.WaitForAsync("started");
            await Long.UntilAsync(() => sums.Count > before, () => $"{before} sums, {mosquitto.Log}");
            starts.Add(TimeProvider.System.GetElapsedTime(begun));
            var until = sums.Count + random.Next(30);
            await Long.UntilAsync(() => sums.Count >= Math.Min(until, Numbers / Added), () => $"{until} sums, {mosquitto.Log}");
            await program.KillAsync();
        }
        await using (Start(mosquitto, version, folder))
        {
            await publishing.WaitAsync(ServerProcess.Patience);
            await Long.UntilAsync(() => sums.Count >= Numbers / Added, () => $"{sums.Count} sums, {mosquitto.Log}");
        }
        await end.CancelAsync();
        await watching.WaitAsync(ServerProcess.Patience);
        output.WriteLine($"{Kills} kills, {sums.Count} sums, {copies} came again; from the start of the program to its first sum: "
            + $"median {Long.Median(starts).TotalSeconds:0.00} s, most {starts.Max().TotalSeconds:0.00} s");
        Assert.Empty(contradictions);
        Assert.Equal(Numbers / Added, sums.Count);
        Assert.Equal((long)Numbers * (Numbers - 1) / 2, sums.Values.Sum(static s => long.Parse(s, CultureInfo.InvariantCulture)));
    }

    private static ServerProcess Start(Mosquitto mosquitto, MqttVersion version, TemporaryFolder folder) => new(
        "dotnet", Path.Combine(AppContext.BaseDirectory, "FleetProcess.dll"), "reader",
        mosquitto.Uri.ToString(), version.ToString(), "sums",
        folder.File("state"));

    private static async Task PublishAsync(MqttTransport transport)
    {
        for (var number = 0; number < Numbers; number++)
        {
            var payload = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
            await new EnvelopedTransport(transport).PublishAsync("sl/numbers", new(payload), new(new("sensor", number, 1)), Cancellation);
        }
    }

    private static async Task WatchAsync(MqttTransport transport, ConcurrentDictionary<MessageOrigin, string> sums,
        ConcurrentBag<MessageOrigin> contradictions, Action comesAgain, CancellationToken end)
    {
        await foreach (var message in new EnvelopedTransport(transport).SubscribeAsync("sl/sums", new(), end))
        {
            using (message)
            {
                var text = Encoding.UTF8.GetString(message.Payload);
                if (!sums.TryAdd(message.Origin, text))
                {
                    comesAgain();
                    if (sums[message.Origin] != text) { contradictions.Add(message.Origin); }
                }
                message.Acknowledge();
            }
        }
    }
}

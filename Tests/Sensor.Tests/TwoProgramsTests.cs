namespace Sensor.Tests;

public sealed class TwoProgramsTests
{
    private const string Sensor = """
        streamlearn: 1
        fleet: plant
        link: { url: URL }
        source: { generator: { users: [1], length: 100h } }
        pipeline: [ check: {}, window: {}, learn: {} ]
        exchange: { heartbeat: 200ms, steps_per_update: 8 }
        """;

    private const string Aggregator = """
        streamlearn: 1
        fleet: plant
        link: { url: URL }
        aggregate: { strategy: { fedbuff: { updates: 2, deadline: 1s } } }
        """;

    public static TheoryData<string> Brokers { get; } = LongForm.IsAsked ? ["nats", "mosquitto", "own"] : ["nats"];

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Both_are_told_and_neither_counts(string broker)
    {
        await using IAsyncDisposable? server = broker switch
        {
            "nats" => await RealNats.StartAsync(new() { JetStream = true }),
            "own" => null,
            _ => await Mosquitto.StartAsync(),
        };
        var url = (server is RealNats nats ? nats.Uri : server is Mosquitto mqtt ? mqtt.Uri
            : new($"mqtt://127.0.0.1:{LoopbackPort.Take()}")).ToString().TrimEnd('/');
        using var folder = new TemporaryFolder();
        var own = broker == "own" ? $"\nbroker: {{ listen: '{new Uri(url).Authority}' }}" : "";
        await File.WriteAllTextAsync(folder.File("s.yaml"), Sensor.Replace("URL", $"'{url}'", StringComparison.Ordinal), Cancellation);
        await File.WriteAllTextAsync(folder.File("a.yaml"), Aggregator.Replace("URL", $"'{url}'", StringComparison.Ordinal) + own,
            Cancellation);
        StartedProgram Run(string state) => Programs.Start(Programs.Sensor, "run", "-c", folder.File("s.yaml"), "--set",
            $"state={folder.File(state)}");
        using var aggregator = Programs.Start(Programs.Aggregator, "run", "-c", folder.File("a.yaml"));
        await aggregator.UntilSaysAsync("waiting for updates");
        using (var first = Run("one"))
        {
            await aggregator.UntilSaysAsync("version=2");
            await Programs.StopAsync(first);
        }

        TemporaryFolder.Copy(folder.File("one"), folder.File("two"));
        using var one = Run("one");
        using var two = Run("two");
        const string Copy = "with a copy of this state";        // over MQTT perhaps because the other one took the session
        await Task.WhenAll(one.UntilComplainsAsync(Copy), two.UntilComplainsAsync(Copy));
        await aggregator.UntilComplainsAsync("two programs use this name");
        var told = new[] { await Programs.StopAsync(one), await Programs.StopAsync(two), await Programs.StopAsync(aggregator) };

        Assert.All(told[..2], t => Assert.Contains(Copy, t.Error, StringComparison.Ordinal));
        Assert.Contains("'user-001' is refused: two programs use this name", told[2].Error, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}

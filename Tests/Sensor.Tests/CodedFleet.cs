using StreamLearn.Mqtt;

namespace Sensor.Tests;

/// <summary><paramref name="Received"/>: bytes that the server has counted, of both programs: <c>$SYS/broker/bytes/received</c>.</summary>
internal sealed partial record CodedFleet(double Accuracy, long Received, long Updates, long Version)
{
    /// <summary><paramref name="code"/>: the code of updates; null: as they are. <paramref name="piece"/>: bytes of an update in a message;
    /// null: all.</summary>
    internal static async Task<CodedFleet> RunAsync(string? code, string? piece = null)
    {
        await using var server = await Mosquitto.StartAsync(new() { LogsPackets = true, More = ["sys_interval 1"] });
        using var folder = new TemporaryFolder();
        string Sensor(string source) => $$"""
            streamlearn: 1
            fleet: coded
            state: {{folder.File("state")}}
            link: { url: '{{server.Uri.ToString().TrimEnd('/')}}' }
            source: {{source}}
            model: { channels: 6, samples: 128, classes: 6 }
            pipeline: [check: { stuck: 5s }, window: { samples: 128, hop: 64 }, learn: { batch: 16, steps: 60 }]
            exchange: { mode: barrier, {{(code is null ? "" : $"code: '{code}'")}}{{(piece is null ? "" : $"piece: {piece}")}} }
            """;
        await File.WriteAllTextAsync(folder.File("sensor"), Sensor("{ generator: { users: [1, 2, 3], length: 4m, speed: 0 } }"),
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("aggregator"), $$"""
            streamlearn: 1
            fleet: coded
            state: {{folder.File("state")}}
            link: { url: '{{server.Uri.ToString().TrimEnd('/')}}' }
            model: { channels: 6, samples: 128, classes: 6 }
            aggregate: { strategy: { fedavg: { devices: 3 } }, lease: 90s }
            """, TestContext.Current.CancellationToken);
        using var aggregator = Programs.Start(Programs.Aggregator, "run", "-c", folder.File("aggregator"), "--drain=60s");
        await aggregator.UntilSaysAsync("waiting for updates");
        var ends = new[]
        {
            await Programs.RunAsync(Programs.Sensor, "run", "-c", folder.File("sensor")),
            await Programs.StopAsync(aggregator),
        };
        Assert.All(ends, static end => Assert.True(end.ExitCode == 0, $"{end.ExitCode}: {end.Output}{end.Error}"));
        var received = await ReceivedAsync(server.Uri);
        var updates = UpdateInLog().Matches(server.Log).Sum(static m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));
        var (model, weights, _) = ModelFile.Load(
            Directory.EnumerateFiles(folder.File("state"), "v*.safetensors", SearchOption.AllDirectories).Max()!);
        var rows = OneClassFleet.WindowsOf(OneClassFleet.Read(Sensor("{ generator: { users: [11], length: 10m, speed: 0 } }")));
        var judged = Evaluation.Of(model, weights, new Sample(rows.Features.Span, rows.Labels.Span));
        return new(judged.Accuracy, received, updates, weights.Version);
    }

    /// <summary>The bytes that a server has received. Its first answer is up to a second old, its second is newer than the
    /// question.</summary>
    private static async Task<long> ReceivedAsync(Uri server)
    {
        await using var transport = new MqttTransport(new() { Server = server });
        var answers = 0;
        await foreach (var message in transport.SubscribeAsync(
            "$SYS/broker/bytes/received", new(), TestContext.Current.CancellationToken))
        {
            var text = Encoding.UTF8.GetString(message.Payload);
            message.Acknowledge();
            message.Dispose();
            if (++answers == 2) { return long.Parse(text, CultureInfo.InvariantCulture); }
        }

        throw new InvalidOperationException("expected two counts of bytes");
    }

    [GeneratedRegex(@"Received PUBLISH from \S+ \(.*/up/delta', \.\.\. \((\d+) bytes\)")]
    private static partial Regex UpdateInLog();
}

namespace Sensor.Tests;

public sealed class CodedFleetTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fleet_with_a_code_learns_and_sends_fewer_bytes()
    {
        var plain = await CodedFleet.RunAsync(null);
        var coded = await CodedFleet.RunAsync("qsgd:4");

        output.WriteLine($"{plain}, {coded}");
        Assert.InRange(coded.Updates, 1, plain.Updates / 6);        // 8 times, but for what a frame has beside its values
        Assert.InRange(coded.Received, 1, 0.75 * plain.Received);   // versions, which go to each device, are as they were
        Assert.InRange(coded.Accuracy, 0.5, 1);                     // of six classes
        var pieces = await CodedFleet.RunAsync(null, piece: "1KiB");

        output.WriteLine($"{pieces}");
        Assert.Equal(0, pieces.Updates);                            // none is a message
        Assert.InRange(pieces.Received, 0.9 * plain.Received, 1.3 * plain.Received);
        Assert.InRange(pieces.Version, plain.Version - 2, plain.Version + 2);
        Assert.InRange(pieces.Accuracy, plain.Accuracy - 0.02, 1);
    }

    /// <summary>What was under way in a block that is gone is sent again, or told again.</summary>
    [Fact]
    public async Task A_state_goes_on_where_pieces_and_the_comparison_of_devices_are_switched_on_and_off()
    {
        await using var server = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        (string Piece, string Compare)[] settings = [("", "false"), ("piece: 1KiB", "true"), ("piece: 4KiB", "true"), ("", "false")];
        foreach (var (piece, compare) in settings)
        {
            await File.WriteAllTextAsync(folder.File("sensor"), $$"""
                streamlearn: 1
                fleet: switched
                state: {{folder.File("state")}}
                link: { url: '{{server.Uri.ToString().TrimEnd('/')}}' }
                source: { generator: { users: [1], length: 1h, speed: 50 } }
                model: { channels: 6, samples: 128, classes: 6 }
                pipeline: [check: { stuck: 5s }, window: { samples: 128, hop: 64 }, learn: { batch: 16 }]
                exchange: { {{piece}} }
                anomalies: { learn_rows: 300, compare: {{compare}} }
                """, TestContext.Current.CancellationToken);

            var (exitCode, text, error) = await Programs.RunAsync(Programs.Sensor, "run", "-c", folder.File("sensor"), "--for", "2s");

            Assert.True(exitCode == 0, $"{piece} {compare}: {exitCode}\n{text}{error}");
        }
    }
}

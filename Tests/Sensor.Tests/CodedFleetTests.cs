using StreamLearn.Testing;

namespace Sensor.Tests;

/// <summary>Updates as codes over a real server.</summary>
public sealed class CodedFleetTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fleet_with_a_code_learns_and_sends_fewer_bytes()
    {
        var plain = await RunAsync(null);
        var coded = await RunAsync("qsgd:4");

        output.WriteLine($"{plain}, {coded}");
        Assert.InRange(coded.Updates, 1, plain.Updates / 6);        // 8 times, but for what a frame has beside its values
        Assert.InRange(coded.Received, 1, 0.75 * plain.Received);   // versions, which go to each device, are as they were
        Assert.InRange(coded.Accuracy, 0.5, 1);                     // of six classes
        var pieces = await RunAsync(null, piece: "1KiB");

        output.WriteLine($"{pieces}");
        Assert.Equal(0, pieces.Updates);                            // none is a message
        Assert.InRange(pieces.Received, 0.9 * plain.Received, 1.3 * plain.Received);
        Assert.InRange(pieces.Version, plain.Version - 2, plain.Version + 2);
        Assert.InRange(pieces.Accuracy, plain.Accuracy - 0.02, 1);

        static Task<CodedFleet> RunAsync(string? code, string? piece = null) => CodedFleet.RunAsync(code, devices: 3, steps: 60,
            "{ generator: { users: [1, 2, 3], length: 4m, speed: 0 } }", "{ generator: { users: [11], length: 10m, speed: 0 } }",
            piece: piece);
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

            var (exitCode, text, error) = await Programs.RunAsync(
                Programs.Sensor, "run", "-c", folder.File("sensor"), "--for", "2s");

            Assert.True(exitCode == 0, $"{piece} {compare}: {exitCode}\n{text}{error}");
        }
    }

    /// <summary>Of real recordings where they are there, of generated ones otherwise: within a point of a fleet that sends all.</summary>
    [LongFact]
    public async Task A_fleet_of_people_is_as_good_with_a_code_as_without()
    {
        var people = SharedStreams.Folder("har");
        var (devices, learned, unseen) = people is null
            ? (8, "{ generator: { users: [1, 2, 3, 4, 5, 6, 7, 8], length: 40m, speed: 0 } }",
                "{ generator: { users: [11, 12, 13, 14], length: 40m, speed: 0 } }")
            : (21, Recorded(people, "1, 3, 5, 6, 7, 8, 11, 14, 15, 16, 17, 19, 21, 22, 23, 25, 26, 27, 28, 29, 30"),
                Recorded(people, "2, 4, 9, 10, 12, 13, 18, 20, 24"));
        List<CodedFleet> plain = [];
        foreach (var code in new[] { null, "qsgd:4", "top-k:0.01" })
        {
            List<CodedFleet> fleets = [];
            for (var seed = 1; seed <= 3; seed++)
            {
                fleets.Add(await CodedFleet.RunAsync(code, devices, steps: 1200, learned, unseen, seed));
                output.WriteLine($"{(people is null ? "generated" : "har")} {code ?? "plain"} {seed}: {fleets[^1]}");
            }

            if (code is null)
            {
                plain = fleets;
                continue;
            }

            Assert.InRange(fleets.Average(static f => f.Accuracy), plain.Average(static f => f.Accuracy) - 0.01, 1);
            Assert.InRange(fleets.Sum(static f => f.Updates), 1, plain.Sum(static f => f.Updates) / 6);
            Assert.InRange(fleets.Sum(static f => f.Received), 1, 0.75 * plain.Sum(static f => f.Received));
        }
    }

    private static string Recorded(string folder, string people) =>
        $"{{ recordings: {{ folder: '{folder}', people: [{people}], speed: 0 }} }}";
}

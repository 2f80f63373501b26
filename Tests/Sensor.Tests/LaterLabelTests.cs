using StreamLearn.Mqtt;

namespace Sensor.Tests;

/// <summary>Labels that come later, as a user meets them: the program is killed while windows wait, and learns from them
/// afterwards.</summary>
public sealed class LaterLabelTests : IDisposable
{
    private const int Rows = 2000;
    private const int Windows = ((Rows - 32) / 16) + 1;

    private static readonly DateTimeOffset First = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Windows_that_waited_over_a_kill_are_learned_from_when_their_labels_come()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await WriteAsync(mosquitto.Uri);
        using (var aggregator = Programs.Start(Programs.Aggregator, "run", "-c", _folder.File("a.yaml")))
        {
            await aggregator.UntilSaysAsync("waiting for updates");
            using (var killed = Programs.Start(Programs.Sensor, "run", "-c", _folder.File("s.yaml")))
            {
                await UntilAsync(killed, s => Count(s, "windows_waiting_for_label") == Windows && Count(s, "rows") == Rows);
                await UntilAsync(killed, _ => Told()?.GetProperty("waiting").GetInt64() == Windows);       // so the owner is told too
                Assert.Equal($"streamlearn label plant pump-7 CLASS --from '10m ago' --url {mosquitto.Uri.ToString().TrimEnd('/')}",
                    Told()!.Value.GetProperty("label").GetString());
                while (Checkpoint.Newest(_folder.File("state/plant/pump-7")) is null) { await WaitAsync(); }
                killed.Process.Kill();
                await Programs.EndAsync(killed);
            }

            await using var person = new MqttTransport(new() { Server = mosquitto.Uri });
            using var sensor = Programs.Start(Programs.Sensor, "run", "-c", _folder.File("s.yaml"));
            await sensor.UntilSaysAsync("devices=1 ");
            await TellAsync(person, "broken", 0, Rows);
            await TellAsync(person, "good", 0, Rows / 2);
            await TellAsync(person, "worn", Rows / 2, Rows);
            // one that spans both classes is no labelled window, and what waits on would end after the last label
            await UntilAsync(sensor, s => Count(s, "windows_waiting_for_label") <= 1 && Count(s, "rows_trained") > 0);
            var (exit, output, error) = await Programs.StopAsync(sensor);

            Assert.Equal(0, exit);
            Assert.Contains("resumed from checkpoint", output, StringComparison.Ordinal);
            Assert.Contains("pump-7: the class of a label is not in the configuration: expected one of good, worn, got 'broken'", error,
                StringComparison.Ordinal);
            Assert.DoesNotContain("accuracy=", output, StringComparison.Ordinal);     // no version had come that could answer
            Assert.Equal(3, Count(Status(), "labels"));
            await Programs.StopAsync(aggregator);
        }
    }

    [Fact]
    public void How_windows_wait_and_what_goes_to_disk_is_read_from_the_file()
    {
        var text = Config(new("mqtt://h")).Replace("later: true", "later: true, keep: 2MiB, wait: 2d", StringComparison.Ordinal)
            + "\nsave_every: 30s\n";

        var config = ConfigTree.Parse("f", text).Read(SensorConfig.Read).Value;
        var usual = ConfigTree.Parse("f", Config(new("mqtt://h"))).Read(SensorConfig.Read).Value;

        Assert.Equal((new(2 << 20, TimeSpan.FromDays(2)), TimeSpan.FromSeconds(30)),
            (config.Columns.Label!.Later, config.SaveEvery!.Value));
        Assert.Equal((new(64 << 20, TimeSpan.FromDays(7)), null), (usual.Columns.Label!.Later, usual.SaveEvery));
        Assert.Equal(-1, config.Columns.Schema().IndexOf(Schema.LabelColumn));
        var labels = Assert.Single(SensorDevices.Of(config, epoch: 1, [])).Labels!;
        Assert.Equal(new LaterLabels(["good", "worn"])
        {
            Folder = _folder.File("state/plant/pump-7/labels"),
            MaxBytes = 2 << 20,
            MaxWait = TimeSpan.FromDays(2),
        }, labels);
        Assert.Equal([true, false], new[] { text, text.Replace(", later: true, keep: 2MiB, wait: 2d", "", StringComparison.Ordinal) }
            .Select(static file => ConfigTree.Parse("f", file).Read(SensorConfig.Read).Value).SelectMany(static read =>
                new ModelWatch(static _ => { }).Of(SensorDevices.Of(read, epoch: 1, [])[0], read.Model)!.Own.Later));
    }

    [Theory]
    [InlineData("state: { label: [good, worn], later: true, next: { mean_of: x, levels: [1] } }", "expected 'next' or 'later'")]
    [InlineData("state: { label: [good, worn], keep: 2MiB }", "expected 'later: true' with 'keep' and 'wait'")]
    [InlineData("state: { label: [good, worn], later: true, keep: 2KiB }", "columns.state.keep: expected")]
    public void Keys_that_do_not_fit_are_refused(string label, string expected)
    {
        var text = Config(new("mqtt://h")).Replace("state: { label: [good, worn], later: true }", label, StringComparison.Ordinal);

        var refused = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f", text).Read(SensorConfig.Read));

        Assert.Contains(refused.Problems, p => p.Text.Contains(expected, StringComparison.Ordinal));
    }

    private string Config(Uri server) => $$"""
        streamlearn: 1
        fleet: plant
        state: {{_folder.File("state")}}
        link: { url: '{{server.ToString().TrimEnd('/')}}' }
        source: { csv: { files: {{_folder.File("rows.csv")}}, follow: true, device: { name: pump-7 } } }
        columns:
          t: { time: iso8601 }
          x: {}
          state: { label: [good, worn], later: true }
        pipeline: [check: { stuck: 1d }, window: { samples: 32, hop: 16 }, learn: { batch: 8 }]
        exchange: { steps_per_update: 2 }
        """;

    private async Task WriteAsync(Uri server)
    {
        await File.WriteAllTextAsync(_folder.File("s.yaml"), Config(server), Cancellation);
        await File.WriteAllTextAsync(_folder.File("a.yaml"), $$"""
            streamlearn: 1
            fleet: plant
            state: {{_folder.File("edge")}}
            link: { url: '{{server.ToString().TrimEnd('/')}}' }
            model: { channels: 1, samples: 32, classes: 2, labels: [good, worn], columns: [x], hop: 16 }
            aggregate: { strategy: { fedbuff: { updates: 2 } } }
            """, Cancellation);
        var rows = new StringBuilder("t,x\n");
        for (var row = 0; row < Rows; row++)
        {
            var pace = row < Rows / 2 ? 0.2 : 0.9;
            rows.Append(CultureInfo.InvariantCulture, $"{First.AddMilliseconds(20 * row):O},{Math.Sin(pace * row):0.000}\n");
        }

        await File.WriteAllTextAsync(_folder.File("rows.csv"), rows.ToString(), Cancellation);
    }

    /// <summary>Publishes as any program may: JSON alone.</summary>
    private static async Task TellAsync(MqttTransport person, string label, int from, int to)
    {
        var (begin, end) = (First.AddMilliseconds(20 * from), First.AddMilliseconds(20 * to));
        var text = $$"""{"device":"pump-7","class":"{{label}}","from":"{{begin:O}}","to":"{{end:O}}"}""";
        await person.PublishAsync("sl/plant/console/up/label", new(Encoding.UTF8.GetBytes(text)), default, Cancellation);
    }

    private JsonElement Status() => Read(_folder.File("state/status.json"));

    private string Fleet => _folder.File("edge/plant/aggregator/status.json");

    /// <summary>What the device told the aggregator; null: nothing yet.</summary>
    private JsonElement? Told() => !File.Exists(Fleet) ? null : Read(Fleet).GetProperty("devices").EnumerateArray()
        .Select(static d => d.TryGetProperty("now", out var now) ? now : (JsonElement?)null).SingleOrDefault();

    private static JsonElement Read(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return json.RootElement.Clone();
    }

    private static long Count(JsonElement status, string name) => status.GetProperty(name).GetInt64();

    private async Task UntilAsync(StartedProgram program, Func<JsonElement, bool> reached)
    {
        while (!File.Exists(_folder.File("state/status.json")) || !reached(Status()))
        {
            if (program.Process.HasExited) { Assert.Fail($"{await program.Output}{await program.Error}"); }
            await WaitAsync();
        }
    }

    private static Task WaitAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
}

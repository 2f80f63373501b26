using System.Collections.Immutable;
using StreamLearn.Mqtt;
using StreamLearn.Nats;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Sensor.Tests;

public sealed class AnomaliesTests : IDisposable
{
    private const string Columns = "columns: { time: { time: iso8601 }, temperature: { unit: Cel }, vibration: { unit: m/s2 } }";

    private const string Shakes = "pump-4";

    private static readonly DateTimeOffset Fault = new(2026, 3, 1, 0, 41, 40, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_section_is_read_with_its_defaults_and_a_sensor_without_a_class_only_watches()
    {
        var config = Read("anomalies: { topic: 'alerts/{device}' }");

        Assert.False(config.Learns);
        Assert.False(Read("anomalies: {}", SensorConfig.ReadRows).Learns);
        var watch = new AnomalyWatch(AnomalyRule.HotellingT2(), new() { FalseAlarmRate = 1e-4 }) { MinAlerts = 3, QuietRows = 60 };
        Assert.Equal(watch, config.Anomalies!.Watch);
        Assert.Equal("alerts/{device}", config.Anomalies.To!.Topic);
        var own = Read("anomalies: { rule: window, columns: [vibration], learn_rows: 300, threshold: 4, smoothing: 5, min_alerts: 1, "
            + "quiet_rows: 9 }").Anomalies!;
        Assert.Equal(new AnomalyWatch(AnomalyRule.WindowZScore(), new()
        {
            Columns = ["vibration"],
            LearnRows = 300,
            FalseAlarmRate = 1e-4,
            Threshold = 4,
            Smoothing = 5,
        })
        { MinAlerts = 1, QuietRows = 9 }, own.Watch);
        Assert.Null(own.To);
    }

    [Fact]
    public void Defaults_follow_the_rule_and_a_threshold_of_few_rows_is_called_a_guess()
    {
        Assert.Equal(1e-3, Read("anomalies: { rule: trees }").Anomalies!.Watch.Options.FalseAlarmRate);
        Assert.Contains("anomalies.learn_rows: 200000, or a larger", Read("anomalies: {}").Anomalies!.Caveat, StringComparison.Ordinal);
        Assert.Null(Read("anomalies: { learn_rows: 200000 }").Anomalies!.Caveat);
        Assert.Null(Read("anomalies: { threshold: 4 }").Anomalies!.Caveat);
        ImmutableArray<string> wide = [.. Enumerable.Range(0, 3000).Select(static c => $"c{c}")];
        var grown = ConfigTree.Parse("f", "{ anomalies: {} }").Read(m => AnomaliesConfig.Read(m, wide)).Value!;
        Assert.Equal(12_000, grown.Watch.Options.LearnRows);
        var few = ConfigTree.Parse("f", "{ anomalies: { learn_rows: 11999 } }");
        var refused = Assert.Throws<ConfigurationException>(() => few.Read(m => AnomaliesConfig.Read(m, wide)));
        Assert.Contains("expected at least 12000 for this rule", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t2", 3000)]
    [InlineData("centers", 3000)]
    public void Usual_rows_of_files_are_learned_from_before_the_first_row(string rule, int rows)
    {
        var usual = WriteRows(rows, faultAt: rows);
        var watch = Read($"anomalies: {{ rule: {rule}, usual: '{usual}' }}").Anomalies!;
        var detector = new AnomalyDetector(watch.Watch.Rule, 2, watch.Watch.Options);
        var own = new AnomalyDetector(watch.Watch.Rule, 2, watch.Watch.Options with { UsualRows = [] });

        Assert.Equal((rows, 2 * rows), (watch.Watch.Options.LearnRows, watch.Watch.Options.UsualRows.Length));
        for (var at = 0; at < 2 * rows; at += 2) { own.Judge(watch.Watch.Options.UsualRows.AsSpan(at, 2)); }
        Assert.Equal(own.Threshold, detector.Threshold);
        Assert.NotNull(detector.Threshold);
        Assert.True(detector.Judge([60, 9]).IsAlert);
        Assert.Contains("anomalies.usual with 200000 rows", watch.Caveat, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AnomalyDetector(watch.Watch.Rule, 3, watch.Watch.Options));
    }

    [Theory]
    [InlineData("usual: absent.csv", "anomalies.usual: there is no file absent.csv")]
    [InlineData("usual: 'ROWS', learn_rows: 50", "anomalies.learn_rows: expected none with usual files")]
    [InlineData("usual: 'ROWS', rule: trees", "anomalies.usual: expected at least 2000 for this rule, got 100")]
    public void Usual_rows_that_cannot_be_learned_from_are_refused(string keys, string reason)
    {
        var section = $"anomalies: {{ {keys.Replace("ROWS", WriteRows(100, faultAt: 100), StringComparison.Ordinal)} }}";

        var refused = Assert.Throws<ConfigurationException>(() => Read(section));

        Assert.Contains(refused.Problems, p => $"{p}".Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anomalies: { rule: forest }", "anomalies.rule: expected one of t2, ewma, window, trees, centers, profile")]
    [InlineData("anomalies: { columns: [speed] }", "anomalies.columns[0]: expected one of temperature, vibration")]
    [InlineData("anomalies: { rule: profile }", "anomalies.columns: expected 1 for this rule, got 2")]
    [InlineData("anomalies: { learn_rows: 49, compare: true }", "anomalies.learn_rows: expected at least 50 to compare devices by, got 49")]
    [InlineData("anomalies: { rule: trees, learn_rows: 1999 }", "anomalies.learn_rows: expected at least 2000 for this rule, got 1999")]
    [InlineData("anomalies: { threshold: 4, false_alarm_rate: 0.01 }", "expected a threshold or a false alarm rate, not both")]
    [InlineData("{ anomalies: {}, model: { samples: 64 } }", "model: expected none: without a column with label or target")]
    [InlineData("{ anomalies: {}, pipeline: [check: {}, window: {}, learn: {}] }", "pipeline: expected")]
    public void What_cannot_be_watched_is_refused_by_its_key(string section, string reason)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(section));

        Assert.Contains(refused.Problems, p => $"{p}".Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nats://h", "plant/{device}/rows", "expected a topic other than that of the rows")]
    [InlineData("nats://h:4222", "plant/d/rows", "expected a topic other than that of the rows")]
    [InlineData("nats://h", "plant/{name}/alert", "expected {device} for the name of the device")]
    [InlineData("nats://h", "plant/{device}/alert", null)]
    [InlineData("nats://other", "plant/{device}/rows", null)]
    public void Alerts_do_not_come_back_as_rows(string server, string topic, string? reason)
    {
        var tree = ConfigTree.Parse("f", "{ streamlearn: 1, fleet: f, link: { url: nats://h }, source: { nats: { url: " + server
            + ", topic: plant/+/rows, devices: [d] } }, " + Columns + ", pipeline: [check: {}], anomalies: { topic: '" + topic + "' } }");

        var problems = Record.Exception(() => tree.Read(SensorConfig.Read).Value)?.Message;

        Assert.Equal(reason is null, problems is null);
        if (reason is not null) { Assert.Contains(reason, problems, StringComparison.Ordinal); }
    }

    public static TheoryData<string> Servers(string kind) => LongForm.IsAsked ? ["mqtt", "nats"] : [kind];

    /// <summary>The sensor is ended on its way, and goes on: its alerts are those of a run to the end.</summary>
    [Theory]
    [MemberData(nameof(Servers), "mqtt")]
    public async Task An_alert_comes_once_at_its_begin_and_once_at_its_end_though_the_sensor_is_started_again(string kind)
    {
        await using IAsyncDisposable server = kind == "nats" ? await RealNats.StartAsync(new() { JetStream = true })
            : await Mosquitto.StartAsync(new() { Durable = true });
        var uri = server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri;
        await File.WriteAllTextAsync(_folder.File("s.yaml"), $$"""
            streamlearn: 1
            fleet: plant
            link: { url: {{uri.ToString().TrimEnd('/')}} }
            source: { csv: { files: {{WriteRows(3000, faultAt: 2500)}}, device: { name: pump-7 }, speed: 0 } }
            {{Columns}}
            pipeline: [check: {}]
            anomalies: { learn_rows: 1000, topic: 'alerts/{device}' }
            """, TestContext.Current.CancellationToken);
        await using ITransport listening = kind == "nats" ? new NatsTransport(new() { Servers = [uri] })
            : new MqttTransport(new() { Server = uri });

        var (whole, status) = await AlertsAsync("whole", [[]]);
        string[] slowly = ["--set", "source.csv.speed=500"];
        var (parted, _) = await AlertsAsync("parted", [[.. slowly, "--for", "3s"], slowly]);

        Assert.Equal([false, true], whole.Select(static a => a.IsOver));
        Assert.All(whole, a => Assert.Equal(whole[0].Id, a.Id));
        Assert.InRange(whole[0].Since, Fault.AddMinutes(-1), Fault);      // a false alarm may come just before
        Assert.InRange(whole[1].Time, Fault.AddSeconds(29), Fault.AddMinutes(2));
        Assert.All(whole, static a => Assert.Equal(("pump-7", "vibration"), (a.Device, a.Channel)));
        Assert.Equal(3, whole[0].Alerts);
        Assert.InRange(whole[1].Alerts, 25, 40);
        Assert.Equal(whole, parted.Distinct());
        Assert.Equal((2000 + 1000, 1, 0), (Number(status, "anomaly_rows"), Number(status, "anomaly_episodes"),
            Number(status, "anomaly_devices_learning")));
        Assert.False(status.TryGetProperty("windows", out var _));
        Assert.True(status.GetProperty("connected").GetBoolean());

        async Task<(List<AnomalyAlert> Alerts, JsonElement Status)> AlertsAsync(string state, string[][] runs)
        {
            await using var heard = await Heard.StartAsync(listening, "alerts/+");
            foreach (var words in runs)
            {
                var (exitCode, output, error) = await Programs.RunAsync(
                    Programs.Sensor, ["run", "-c", _folder.File("s.yaml"), "--set", $"state={_folder.File(state)}", .. words]);
                Assert.True(exitCode == 0, $"{exitCode}\n{output}{error}");
                Assert.DoesNotContain("is not reached", error, StringComparison.Ordinal);
            }

            await heard.UntilAsync(2);
            var text = await File.ReadAllTextAsync(_folder.File($"{state}/status.json"), TestContext.Current.CancellationToken);
            return (heard.Read(AnomalyAlert.Json), JsonDocument.Parse(text).RootElement);
        }

        static long Number(JsonElement status, string name) => status.GetProperty(name).GetInt64();
    }

    /// <summary>Three machines that are alike and one that shakes more, in programs of two each; the second comes later.</summary>
    [Theory]
    [MemberData(nameof(Servers), "nats")]
    public async Task The_device_whose_rows_differ_from_those_of_the_fleet_is_named_by_every_program(string kind)
    {
        await using IAsyncDisposable server = kind == "nats" ? await RealNats.StartAsync(new() { JetStream = true })
            : await Mosquitto.StartAsync();
        var uri = server is RealNats nats ? nats.Uri : ((Mosquitto)server).Uri;
        StartedProgram Start(string program, string[] devices)
        {
            WriteRows(900, faultAt: 900, $"{program}.csv", devices);
            File.WriteAllText(_folder.File($"{program}.yaml"), $$"""
                streamlearn: 1
                fleet: plant
                link: { url: {{uri.ToString().TrimEnd('/')}} }
                source: { csv: { files: '{{_folder.File($"{program}.csv")}}', device: { column: device }, speed: 20 } }
                {{Columns}}
                pipeline: [check: {}]
                anomalies: { learn_rows: 100, compare: true }
                """);
            return Programs.Start(Programs.Sensor, "run", "-c", _folder.File($"{program}.yaml"), "--set", $"state={_folder.File(program)}");
        }

        using var first = Start("first", ["pump-1", "pump-2"]);
        using var second = Start("second", ["pump-3", Shakes]);

        foreach (var (name, program) in new[] { ("first", first), ("second", second) })
        {
            await program.UntilSaysAsync($" differ={Shakes}");
            var (exitCode, _, error) = await Programs.StopAsync(program);
            var status = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File($"{name}/status.json"), Cancellation)).RootElement;
            Assert.Equal(0, exitCode);
            Assert.Contains($"the rows of {Shakes} differ from those of the other 3 devices, by", error, StringComparison.Ordinal);
            Assert.Matches(@"vibration differs most: [0-9.]+ ± [0-9.]+, others [0-9.]+ ± [0-9.]+", error);
            Assert.Equal(4, status.GetProperty("devices_compared").GetInt32());
            Assert.Equal(Shakes, Assert.Single(status.GetProperty("devices_that_differ").EnumerateArray())
                .GetProperty("device").GetString());
        }
    }

    public static TheoryData<string> Rules => [.. AnomalyWatch.Rules.Select(static r => r.Name)];

    /// <summary>One table: what the command writes, what a sensor judges by its configuration, and a detector in a program.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_score_has_the_same_bits_by_the_command_by_a_sensor_and_in_a_program(string rule)
    {
        var (table, learn, channels) = (WriteRows(4600, faultAt: 4400), rule == "profile" ? 4100 : 2000,
            rule == "profile" ? "vibration" : "temperature,vibration");
        var (exitCode, _, error) = await Programs.RunAsync("streamlearn-tool", ["watch", "--csv", table, "--rule", rule, "--learn",
            $"{learn}", "--channels", channels, "--out", _folder.File("scores.csv")]);
        Assert.True(exitCode == 0, error);
        List<(float Score, bool IsAlert)> told = [.. (await File.ReadAllLinesAsync(_folder.File("scores.csv"), Cancellation)).Skip(1)
            .Select(static line => line.Split(',')).Select(static f => (float.Parse(f[1], CultureInfo.InvariantCulture), f[2] == "1"))];

        var config = Read($"anomalies: {{ rule: {rule}, columns: [{channels}], learn_rows: {learn} }}");
        config = config with { Source = Read("anomalies: {}", table).Source };
        var device = Assert.Single(SensorDevices.Of(config, epoch: 1, []));
        List<(float Score, bool IsAlert)> sensed = [], own = [];
        var detector = new AnomalyDetector(AnomalyWatch.Rules.Single(r => r.Name == rule).Rule, channels.Split(',').Length, new()
        {
            LearnRows = learn,
            FalseAlarmRate = rule == "trees" ? 1e-3 : 1e-4,
        });
        using (var world = new VirtualWorld())
        {
            world.Add(Pipeline.Define(device.Name, p =>
            {
                var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
                faulty.Discard();
                good.DetectAnomalies(device.Anomalies!.Rule, device.Anomalies.Options).ForEach("keep", rows =>
                {
                    for (var r = 0; r < rows.Rows; r++)
                    {
                        sensed.Add((rows["score"].Values<float>()[r], rows["alert"].Values<int>()[r] == 1));
                        var (score, isAlert, _) = detector.Judge([.. channels.Split(',').Select(c => rows[c].Values<float>()[r])]);
                        own.Add((score, isAlert));
                    }
                });
            }));
            world.RunToEnd();
        }

        Assert.Equal(4600 - learn, told.Count);
        Assert.Equal(told, sensed[learn..]);
        Assert.Equal(sensed, own);
        Assert.True(rule == "profile" || told.Exists(static row => row.IsAlert));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static SensorConfig Read(string section, string files) => Read(section, map => SensorConfig.Read(map), files);

    private static SensorConfig Read(string section, Func<ConfigMap, SensorConfig>? read = null, string files = "x")
    {
        var text = section.StartsWith('{') ? section[1..^1].Trim() : section;
        var pipeline = section.Contains("pipeline", StringComparison.Ordinal) ? "" : ", pipeline: [check: {}]";
        return ConfigTree.Parse("f", "{ streamlearn: 1, fleet: f, link: { url: nats://h }, "
            + "source: { csv: { files: '" + files + "', device: { name: d }, speed: 0 } }, " + $"{Columns}{pipeline}, {text} }}")
            .Read(read ?? SensorConfig.Read).Value;
    }

    /// <summary>A row a second; a fault of 30 s shakes.</summary>
    private string WriteRows(int rows, int faultAt, string name = "rows.csv", params string[] devices)
    {
        var (random, file) = (new RandomStream(7, "pump"), _folder.File(name));
        string[] of = devices.Length == 0 ? [""] : [.. devices.Select(static d => $",{d}")];
        File.WriteAllLines(file, [$"time,temperature,vibration{(devices.Length == 0 ? "" : ",device")}",
            .. Enumerable.Range(0, rows).SelectMany(i => of.Select(device =>
            {
                var wander = 0.3 * random.NextGaussian();
                var shaking = (i >= faultAt && i < faultAt + 30 ? 3 : 0) + (device.EndsWith(Shakes, StringComparison.Ordinal) ? 2 : 0);
                var vibration = 2 + (0.5 * wander) + (0.2 * random.NextGaussian()) + shaking;
                var time = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i);
                return string.Create(
                    CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ssZ},{60 + wander:0.000},{vibration:0.000}{device}");
            }))]);
        return file;
    }
}

using System.Diagnostics;
using StreamLearn.Mqtt;

namespace Sensor.Tests;

public sealed class OwnDataProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The short form has the file that differs most from the others.</summary>
    public static TheoryData<string> Shapes { get; } = LongForm.IsAsked ? ["plain", "commas", "occupancy"] : ["commas"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Files_are_looked_at_and_learned_from_as_they_are(string shape)
    {
        List<string> more = [];
        var files = _folder.File("rows.csv");
        if (shape == "plain") { WrittenRows.Plain(files, 6000); }
        else if (shape == "commas") { WrittenRows.Commas(files, 4000); }
        else
        {
            if (SharedStreams.File("occupancy_datatraining.csv.gz") is { } real)
            {
                files = real;
                more = ["--label", "Occupancy"];
            }
            else { WrittenRows.Plain(files, 8000); }
        }

        await LearnsAsync(["--csv", files, .. more], shape == "commas" ? 2 : 1);
    }

    [Fact]
    public async Task Messages_of_a_real_server_are_looked_at_and_learned_from_as_they_are()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var server = new MqttTransport(new() { Server = mosquitto.Uri });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var publishing = PublishAsync(server, over.Token);

        await LearnsAsync(["--mqtt", "plant/+/rows", "--url", mosquitto.Uri.ToString().TrimEnd('/'), "--for", "20s"], 2, isLive: true);

        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    [Theory]
    [InlineData(10_000, "0.1")]
    [InlineData(1, "1000")]
    public async Task Dates_in_milliseconds_are_known_by_their_size_whatever_the_rate(int step, string rate)
    {
        await WriteAsync("rows.csv", string.Concat((string[])["t,x,state\n",
            .. Enumerable.Range(0, 600).Select(i => FormattableString.Invariant(
                $"{1_700_000_000_000 + ((long)i * step)},{Math.Sin(i):0.000},{(i / 100 % 2 == 0 ? "open" : "shut")}\n"))]));

        var init = await Programs.RunAsync(Programs.Sensor, "config", "init", "--no-measure", "--csv", _folder.File("rows.csv"));

        Assert.Equal((0, ""), (init.ExitCode, init.Error));
        Assert.Contains("a number that rises, in milliseconds", init.Output, StringComparison.Ordinal);
        Assert.Contains($"rate: {rate}/s", init.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_with_the_code_for_it()
    {
        var nowhere = await Programs.RunAsync(Programs.Sensor, "config", "init", "--mqtt", "plant/+/rows", "--url",
            "mqtt://127.0.0.1:1", "--for", "300ms");

        Assert.Equal((69, ""), (nowhere.ExitCode, nowhere.Output));
        Assert.StartsWith("streamlearn-sensor: mqtt://127.0.0.1:1 is not reachable within 3 s: ", nowhere.Error, StringComparison.Ordinal);
        Assert.Single(nowhere.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("plant/#")]
    [InlineData("+/press/+")]
    public async Task A_topic_that_check_refuses_is_refused_before_anything_is_written(string topic)
    {
        var refused = await Programs.RunAsync(Programs.Sensor, "config", "init", "--mqtt", topic, "--for", "300ms");

        Assert.Equal((78, "", "streamlearn-sensor: --mqtt:1:8: topic: "
            + $"expected a topic with at most one level '+', the device, got '{topic}'\n"), refused);
    }

    [Fact]
    public async Task This_machine_is_a_sensor_whose_rows_are_shown_and_learned_from()
    {
        var init = await Programs.RunAsync(Programs.Sensor, "config", "init", "--host", "pi-1");
        await WriteAsync("h.yaml", init.Output.Replace("every: 1s", "every: 20ms", StringComparison.Ordinal));
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        using var aggregator = await AggregatorAsync(nats, "h.yaml");

        var once = await Programs.RunAsync(Programs.Sensor, "once", "-c", _folder.File("h.yaml"), "--rows", "3");
        using var sensor = Programs.Start(Programs.Sensor, Run(nats, "h.yaml"));
        await UntilAsync(devices: 1);
        var run = await Programs.StopAsync(sensor);
        var status = await Programs.RunAsync(
            Programs.Sensor, "status", "-c", _folder.File("h.yaml"), "--set", $"state={_folder.File("state")}");
        var edge = await Programs.StopAsync(aggregator);

        Assert.Equal((0, ""), (once.ExitCode, once.Error));
        Assert.Contains("memory_share", once.Output, StringComparison.Ordinal);
        Assert.Matches(@"pi-1: [1-9]\d* good rows", once.Output);
        Assert.Matches(@"\nlast_row_seconds_ago=\d+\ndevices_without_rows=0\n", status.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal((0, ""), (edge.ExitCode, edge.Error));
        Assert.Contains("devices=1", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sensor_that_nobody_answers_says_so_and_its_status_does()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        await WriteAsync("g.yaml", await Programs.SampleAsync(Programs.Sensor));

        string[] more =
            ["--set", "source.generator.length=2m", "--set", "source.generator.users=[1]", "--set", $"state={_folder.File("st")}"];
        var run = await Programs.RunAsync(Programs.Sensor, Run(nats, "g.yaml", more));
        var status = await Programs.RunAsync(Programs.Sensor, ["status", "-c", _folder.File("g.yaml"), .. more]);

        Assert.Equal(68, run.ExitCode);
        Assert.Matches(
            @"(?m)^streamlearn-sensor: no answer yet: [1-9]\d* updates unanswered; is an aggregator of fleet 'plant' running at ",
            run.Error);
        Assert.Matches(@"(?m)^streamlearn-sensor: no answer: [1-9]\d* updates unanswered; is an aggregator", run.Error);
        Assert.Equal((0, ""), (status.ExitCode, status.Error));
        Assert.Contains("state=ended\n", status.Output, StringComparison.Ordinal);
        Assert.Contains("updates_answered=0\n", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_in_place_of_a_file_is_refused_in_a_line()
    {
        WrittenRows.Plain(_folder.File("rows.csv"), 6000);
        var init = await Programs.RunAsync(Programs.Sensor, "config", "init", "--no-measure", "--csv", _folder.File("rows.csv"));
        await WriteAsync("s.yaml", init.Output);
        await WriteAsync("f.yaml", "source: { csv: { follow: true, device: { name: device } } }");
        File.Delete(_folder.File("rows.csv"));
        using (var made = Process.Start("mkfifo", [_folder.File("rows.csv")])) { await made.WaitForExitAsync(); }
        string[] config = ["-c", _folder.File("s.yaml")];

        foreach (var words in new string[][] { ["config", "init", "--no-measure", "--csv", _folder.File("rows.csv")], ["check", .. config],
            ["run", .. config], ["run", .. config, "-c", _folder.File("f.yaml")] })
        {
            var refused = await Programs.RunAsync(Programs.Sensor, words);

            Assert.Equal(65, refused.ExitCode);
            Assert.EndsWith("got a pipe: write its rows to a file first, and use that file\n", refused.Error, StringComparison.Ordinal);
            Assert.Single(refused.Error.TrimEnd().Split('\n'));
        }
    }

    /// <summary>Init, check, once, and a run with an aggregator over a real server, until updates of all devices are applied.
    /// <paramref name="isLive"/>: true: the rows do not end, and the sensor is ended when a version has been made of all devices.</summary>
    private async Task LearnsAsync(string[] data, int devices, bool isLive = false)
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        var init = await Programs.RunAsync(Programs.Sensor, ["config", "init", "--no-measure", .. data]);
        Assert.Equal((0, ""), (init.ExitCode, init.Error));
        await WriteAsync("s.yaml", init.Output);
        var check = await Programs.RunAsync(Programs.Sensor,
            "check", "-c", _folder.File("s.yaml"), "--online", "--set", $"link.url={UrlOf(nats)}",
            "--set", $"state={_folder.File("state")}");
        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.Contains("good: read a row from each device", check.Output, StringComparison.Ordinal);
        var once = await Programs.RunAsync(Programs.Sensor, "once", "-c", _folder.File("s.yaml"), "--rows", "2");
        Assert.Equal((0, ""), (once.ExitCode, once.Error));
        var named = devices == 1 ? "1 device" : $"{devices} devices";
        Assert.Contains($"{named}; the first good rows of each:", once.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("1970", once.Output, StringComparison.Ordinal);       // times from zero are seconds

        using var aggregator = await AggregatorAsync(nats, "s.yaml");
        using var sensor = Programs.Start(Programs.Sensor, Run(nats, "s.yaml"));
        if (isLive) { await UntilAsync(devices); }
        var run = isLive ? await Programs.StopAsync(sensor) : await Programs.EndAsync(sensor);
        var edge = await Programs.StopAsync(aggregator);

        // live rows come as fast as the machine makes them: how many a window has of each label is not the same everywhere
        Assert.Equal(0, run.ExitCode);
        Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.True(isLive && line.Contains("windows have rows without a label or with different labels"), line));
        Assert.Equal((0, ""), (edge.ExitCode, edge.Error));
        Assert.Matches(
            FormattableString.Invariant($@"version=[1-9]\d* updates=[1-9]\d* devices={devices} alive=\d+ ")
            + (isLive ? "" : FormattableString.Invariant($"left={devices} "))
            + @"strategy=fedbuff own_accuracy=[01]\.\d\d\d( refused\.no-samples=\d+)?\s*$", edge.Output);
        Assert.Matches(@" trained=[1-9]\d* accuracy=[01]\.\d\d\d(; .* slowed down by '.*' for \d+ s)?\s*$", run.Output);
        var file = _folder.File("model.safetensors");
        var export = await Programs.RunAsync(Programs.Aggregator,
            ["models", "export", "--to", file, "-c", _folder.File("edge.yaml"), "--set", $"link.url={UrlOf(nats)}"]);
        Assert.Equal((0, ""), (export.ExitCode, export.Error));
        var (_, weights, _) = ModelFile.Load(file);
        Assert.Equal($"version {weights.Version} is in {file}, {new FileInfo(file).Length} bytes", export.Output.Trim());
    }

    /// <summary>Waits until the aggregator has heard of so many devices and has made a version of updates, and its answers have
    /// come.</summary>
    private async Task UntilAsync(int devices)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(4));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            if (!Directory.Exists(_folder.File("state"))) { continue; }
            var (heard, answered) = (0, 0L);
            foreach (var file in Directory.EnumerateFiles(_folder.File("state"), "status.json", SearchOption.AllDirectories))
            {
                using var status = JsonDocument.Parse(await File.ReadAllBytesAsync(file, patience.Token));
                var all = status.RootElement;
                if (all.TryGetProperty("updates_answered", out var own)) { answered += own.GetInt64(); }
                else if (all.GetProperty("accepted").GetInt64() > 0) { heard = all.GetProperty("devices").GetArrayLength(); }
            }

            if (heard >= devices && answered > 0) { return; }
        }
    }

    private async Task<StartedProgram> AggregatorAsync(RealNats nats, string sensor)
    {
        var init = await Programs.RunAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File(sensor));
        Assert.Equal((0, ""), (init.ExitCode, init.Error));
        await WriteAsync("edge.yaml", init.Output);
        var aggregator = Programs.Start(Programs.Aggregator, Run(nats, "edge.yaml", "--set", "aggregate.strategy.fedbuff.updates=2"));
        await aggregator.UntilSaysAsync("waiting for updates");     // a sensor that nobody answers for ten seconds says so
        return aggregator;
    }

    private string[] Run(RealNats nats, string file, params string[] more) =>
        ["run", "-c", _folder.File(file), "--set", $"link.url={UrlOf(nats)}", "--set", $"state={_folder.File("state")}", .. more];

    private static string UrlOf(RealNats nats) => nats.Uri.ToString().TrimEnd('/');

    private Task WriteAsync(string file, string text) =>
        File.WriteAllTextAsync(_folder.File(file), text, TestContext.Current.CancellationToken);

    private static async Task PublishAsync(MqttTransport server, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        for (var message = 0; await timer.WaitForNextTickAsync(cancellationToken); message++)
        {
            foreach (var device in new[] { "v-1", "v-2" })
            {
                var state = ((message / 40) + (device == "v-1" ? 0 : 1)) % 2;
                var (x, y) = (state + Math.Sin(message), Math.Cos(message * (state + 0.2)));
                var row = string.Create(CultureInfo.InvariantCulture,
                    $$"""{"acc":{"x":{{x:0.000}},"y":{{y:0.000}}},"state":"{{(state == 0 ? "open" : "shut")}}"}""");
                await server.PublishAsync($"plant/{device}/rows", new(Encoding.UTF8.GetBytes(row)), default, cancellationToken);
            }
        }
    }
}

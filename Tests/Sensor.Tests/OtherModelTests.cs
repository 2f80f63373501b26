using System.Collections.Concurrent;
using Aggregator;
using StreamLearn.Simulation;

namespace Sensor.Tests;

public sealed class OtherModelTests : IDisposable
{
    private const string First = """
        streamlearn: 1
        fleet: f
        link: { url: 'mqtt://localhost' }
        source: { csv: { files: 'm1.csv', device: { name: m1 }, rate: 50/s, speed: 0 } }
        columns: { t_ms: { time: ms }, 'vib x': { unit: m/s2 }, 'vib y': {}, condition: { label: [good, worn] } }
        pipeline: [ check: { stuck: 1h }, window: { samples: 64, hop: 32 }, learn: { steps_per_window: 4 } ]
        exchange: { steps_per_update: 16 }
        """;

    private readonly TemporaryFolder _folder = new();

    public OtherModelTests()
    {
        for (var m = 1; m <= 3; m++)
        {
            WrittenRows.Plain(_folder.File($"m{m}.csv"), 6000, seed: m);
            var text = File.ReadAllText(_folder.File($"m{m}.csv")).Replace("[m/s^2]", "", StringComparison.Ordinal);
            File.WriteAllText(_folder.File($"m{m}.csv"), text.Replace("vib x ,", "vib x,", StringComparison.Ordinal));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("[good, worn]", "[worn, good]")]
    [InlineData("'vib x': { unit: m/s2 }, 'vib y': {}", "'vib y': {}, 'vib x': { unit: m/s2 }")]
    public void Classes_and_columns_in_another_order_are_one_model(string now, string then)
    {
        var fleet = Run(Second(now, then));

        Assert.Empty(fleet.OfDevice);
        Assert.Empty(fleet.Refused);
        Assert.Equal(["m1", "m2"], fleet.Contributors.Order());
        Assert.InRange(fleet.Accuracy, 0.95, 1);
    }

    [Theory]
    [InlineData("[good, worn]", "[good, worn, broken]", "has 3 classes, the fleet's model 2: good, worn")]
    [InlineData("[good, worn]", "[good, rusty]", "has the classes good, rusty, the fleet's model good, worn")]
    [InlineData("unit: m/s2", "unit: gn", "column 'vib x' is in gn in ")]
    [InlineData("rate: 50/s", "rate: 25/s", "rows come at 25/s in ")]
    [InlineData("samples: 64", "samples: 128", "has windows of 128 rows, the fleet's model of 64")]
    [InlineData("'vib y': {}, ", "", "has 1 columns, the fleet's model 2: vib x, vib y")]
    [InlineData("fleet: f", "fleet: f\nmodel: { kind: features }", "has model.kind features, the fleet's model network")]
    public void A_device_of_another_model_is_refused_by_name_on_both_sides(string now, string then, string expected)
    {
        var fleet = Run(Second(now, then));

        Assert.Contains(expected, Assert.Single(fleet.OfDevice), StringComparison.Ordinal);
        Assert.Contains(expected.Replace("this file", "its file", StringComparison.Ordinal), Assert.Single(fleet.OfFleet),
            StringComparison.Ordinal);
        Assert.All(fleet.Refused, static r => Assert.Equal(("m2", "schema"), r));
        Assert.NotEmpty(fleet.Refused);
        Assert.Equal(["m1"], fleet.Contributors);
    }

    /// <summary>Where classes and channels have places and no names, they are those of the file.</summary>
    [Fact]
    public void Places_are_those_of_the_file()
    {
        var config = Read(Second("[good, worn]", "[worn, good]").Replace(
            "csv: { files: 'm2.csv', device: { name: m2 }, rate: 50/s, speed: 0 }",
            "mqtt: { url: 'mqtt://h', topic: t, devices: [m2], format: raw, rate: 50/s }", StringComparison.Ordinal)
            .Replace("t_ms: { time: ms }, 'vib x': { unit: m/s2 }, 'vib y': {}",
                "t_ms: { time: arrival }, 'vib y': {}, 'vib x': { unit: m/s2 }", StringComparison.Ordinal)
            .Replace("good] }", "good], next: { mean_of: 'vib x', levels: [1] } }", StringComparison.Ordinal));
        var label = config.Columns.Label!;
        int[] labels = [0, 1, 7, -1];
        label.Translate(labels);

        Assert.Equal(["good", "worn"], label.Classes);
        Assert.Equal([1, 0, 7, -1], labels);
        Assert.Equal(["vib y", "vib x"], config.Columns.InFile.Select(static c => c.Name));
        Assert.Equal(["vib x", "vib y"], config.Model.Columns.Select(static c => c.Name));
    }

    public static TheoryData<string> Brokers { get; } = LongForm.IsAsked ? ["mosquitto", "nats", "own"] : ["mosquitto"];

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Programs_say_it_before_and_while_they_run(string broker)
    {
        await using IAsyncDisposable? server = broker switch
        {
            "nats" => await RealNats.StartAsync(new() { JetStream = true }),
            "own" => null,
            _ => await Mosquitto.StartAsync(),
        };
        var url = (server is RealNats nats ? nats.Uri : server is Mosquitto mqtt ? mqtt.Uri
            : new($"mqtt://127.0.0.1:{LoopbackPort.Take()}")).ToString().TrimEnd('/');
        await File.WriteAllTextAsync(_folder.File("1.yaml"), InFolder(First), Cancellation);
        await File.WriteAllTextAsync(_folder.File("2.yaml"), InFolder(Second("[good, worn]", "[good, worn, broken]")), Cancellation);
        string[] Arguments(string command, string file, params string[] more) => [command, "-c", _folder.File(file), "--set",
            $"link.url={url}", "--set", $"state={_folder.File(file + ".state")}", .. more];
        var text = AggregatorInit.Text(_folder.File("1.yaml"));
        await File.WriteAllTextAsync(_folder.File("a.yaml"),
            broker == "own" ? text.Replace("127.0.0.1:1883", new Uri(url).Authority, StringComparison.Ordinal) : text, Cancellation);
        using var aggregator = Programs.Start(Programs.Aggregator, Arguments("run", "a.yaml", "--set", "aggregate.lease=60s"));
        await aggregator.UntilSaysAsync("waiting for updates");

        var alike = await Programs.RunAsync(Programs.Sensor, Arguments("check", "1.yaml", "--online"));
        var check = await Programs.RunAsync(Programs.Sensor, Arguments("check", "2.yaml", "--online"));
        var run = await Programs.RunAsync(Programs.Sensor, Arguments("run", "2.yaml"));
        var devices = await Programs.RunAsync(Programs.Aggregator, ["devices", "ls", "-c", _folder.File("a.yaml"), "-o", "jsonl", "--set",
            $"state={_folder.File("a.yaml.state")}"]);
        var (_, _, error) = await Programs.StopAsync(aggregator);

        Assert.Equal((0, 78, 68), (alike.ExitCode, check.ExitCode, run.ExitCode));
        Assert.Contains("good: the model matches the fleet's", alike.Output, StringComparison.Ordinal);
        Assert.Contains("this file has 3 classes, the fleet's model 2: good, worn", check.Error, StringComparison.Ordinal);
        Assert.Contains("this file has 3 classes, the fleet's model 2: good, worn", run.Error, StringComparison.Ordinal);
        Assert.Contains("'m2' is refused: its file has 3 classes, the fleet's model 2: good, worn", error, StringComparison.Ordinal);
        Assert.Contains("its file has 3 classes, the fleet", devices.Output, StringComparison.Ordinal);
        Assert.Matches(@"\nstreamlearn-sensor: the aggregator refused all ([1-9]\d*) updates that it answered: \1 as 'schema'; "
            + @"nothing of this run is in the model\n$", run.Error);
        Assert.Contains("model_differs", await File.ReadAllTextAsync(_folder.File("2.yaml.state/status.json"), Cancellation),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[good, worn]", "[good, worn, broken]", "this file has 3 classes, the saved state 2: good, worn")]
    [InlineData("[good, worn]", "[good, rusty]", "this file has the classes good, rusty, the saved state good, worn")]
    [InlineData("'vib y': {}, ", "", "this file has 1 columns, the saved state 2: vib x, vib y")]
    [InlineData("samples: 64", "samples: 128", "this file has windows of 128 rows, the saved state of 64")]
    public async Task A_state_of_another_model_is_refused_with_both_values(string now, string then, string expected)
    {
        Assert.Null(await StartAsync(First));
        var problem = await StartAsync(First.Replace(now, then, StringComparison.Ordinal));
        Assert.Equal(expected, problem?.Split(": ", 2)[1].Split(". Undo")[0]);
        Assert.Null(await StartAsync(First));

        async Task<string?> StartAsync(string text)
        {
            await using var hub = new InProcessTransport();
            var config = Read(text);
            var watch = new ModelWatch(static _ => { });
            var device = SensorDevices.Of(config, epoch: 1, [])[0];
            var pipeline = SensorPipeline.Create(device with { Check = watch.Of(device, config.Model) }, EdgeLink.Over(hub));
            try
            {
                var run = new StateFolder(new(_folder.File("state")), "f", static _ => { })
                    .Start(pipeline, new(), problem: () => watch.Saved);
                await run.StopAsync();
                return null;
            }
            catch (StateFolderException e)
            {
                return e.Message;
            }
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Second(string now, string then)
    {
        var text = First.Replace("m1", "m2", StringComparison.Ordinal);
        Assert.Contains(now, text, StringComparison.Ordinal);
        return text.Replace(now, then, StringComparison.Ordinal);
    }

    private string InFolder(string text) => text.Replace("files: 'm", $"files: '{_folder.File("m")}", StringComparison.Ordinal);

    private SensorConfig Read(string text) => OneClassFleet.Read(InFolder(text));

    /// <summary>Two devices, the aggregator of the first, in virtual time; judged by the rows of a third.</summary>
    private (List<string> OfDevice, List<string> OfFleet, List<(string Device, string Reason)> Refused, HashSet<string> Contributors,
        double Accuracy) Run(string second)
    {
        var config = Read(First);
        File.WriteAllText(_folder.File("1.yaml"), InFolder(First));
        var aggregator = ConfigTree.Parse("a.yaml", AggregatorInit.Text(_folder.File("1.yaml"))).Read(AggregatorConfig.Read).Value;
        ConcurrentDictionary<string, bool> ofDevice = new(StringComparer.Ordinal), ofFleet = new(StringComparer.Ordinal);
        List<(string, string)> refused = [];
        HashSet<string> contributors = [];
        using var world = new VirtualWorld(new() { Seed = 1 });
        var link = EdgeLink.Over(world.Transport("edge"));
        var network = config.Model.Create();
        var made = network.Initial;
        var options = AggregatorCommands.OptionsOf(aggregator, epoch: 1, round =>
        {
            made = round.Averaged;
            refused.AddRange(round.Refusals.Where(static r => r.Reason != "no-samples").Select(static r => (r.Device, r.Reason)));
            contributors.UnionWith(round.Contributions.Select(static c => c.Device));
        });
        world.Add(AggregatorPipeline.Create(options with
        {
            ResumesFromRetained = false,
            Rules = options.Rules with { Restore = null, RestoreOnceConnected = false },
            Check = new(aggregator.Model.Signature!) { OnOther = (_, text) => { if (text is not null) { ofFleet[text] = true; } } },
        }, link));
        foreach (var file in new[] { config, Read(second) })
        {
            var device = SensorDevices.Of(file, epoch: 1, [])[0] with { HeartbeatEvery = null };
            world.Add(SensorPipeline.Create(device with
            {
                Check = new(file.Model.Signature! with { Device = device.Name, Epoch = 1 })
                { OnOther = (_, text) => { if (text is not null) { ofDevice[text] = true; } } },
            }, link), new DeviceProfile { MultiplyAddsPerSecond = 1e9 }, new LinkProfile { Delay = TimeSpan.FromMilliseconds(5) });
        }

        world.RunToEnd();
        var unseen = OneClassFleet.WindowsOf(Read(First.Replace("m1", "m3", StringComparison.Ordinal)));
        return ([.. ofDevice.Keys], [.. ofFleet.Keys], refused, contributors,
            Evaluation.Of(network, made, new Sample(unseen.Features.Span, unseen.Labels.Span)).Accuracy);
    }
}

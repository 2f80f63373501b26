using StreamLearn.Arrow;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Sensor.Tests;

public sealed class AnswersProgramTests : IDisposable
{
    private const string Tool = "streamlearn-tool";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A model of fit goes into the registry, out of it, into a fleet whose sensor answers with it, and out of that.</summary>
    [Fact]
    public async Task A_model_answers_with_the_same_bits_wherever_it_goes()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        var url = nats.Uri.ToString().TrimEnd('/');
        var (rows, pushed, exported) = (_folder.File("rows.csv"), _folder.File("pushed.safetensors"), _folder.File("exported.safetensors"));
        WrittenRows.Plain(rows, 6000);
        await DoneAsync(Tool, "fit", "--csv", rows, "--label", "condition", "--alone", "--model", "features", "--out", _folder.File("out"));
        var fitted = _folder.File("out/model.safetensors");
        await DoneAsync(Tool, "models", "push", "pump", url, "--from", fitted);
        await DoneAsync(Tool, "models", "export", "pump", url, "--to", pushed);
        Assert.Equal(await File.ReadAllBytesAsync(fitted, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(pushed, TestContext.Current.CancellationToken));

        var init = await DoneAsync(Programs.Sensor, "config", "init", "--no-measure", "--csv", rows, "--model", pushed);
        await WriteAsync("s.yaml", init + $"answer: {{ topic: 'plant/{{device}}/answer', model: {pushed} }}\n");
        await WriteAsync("a.yaml", await DoneAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File("s.yaml")));
        string[] here = ["--set", $"link.url={url}", "--set", $"state={_folder.File("state")}"];
        using var aggregator = Programs.Start(Programs.Aggregator,
            ["run", "-c", _folder.File("a.yaml"), .. here, "--set", "aggregate.strategy.fedbuff.updates=2"]);
        await aggregator.UntilSaysAsync("waiting for updates");
        await using var listening = new NatsTransport(new() { Servers = [nats.Uri] });
        await using var heard = await Heard.StartAsync(listening, "plant/+/answer");
        await DoneAsync(Programs.Sensor, ["run", "-c", _folder.File("s.yaml"), .. here, "--set", "source.csv.speed=20"]);
        var edge = await Programs.StopAsync(aggregator);        // the last version is kept at the end
        await DoneAsync(Programs.Aggregator, ["models", "export", "--to", exported, "-c", _folder.File("a.yaml"), .. here]);

        var expected = await AnswersAsync(pushed, rows);
        var answers = heard.Read(WindowAnswer.Json);
        Assert.Equal(0, edge.ExitCode);
        Assert.InRange(expected.Count, 100, 200);
        Assert.Equal(expected, answers.Select(static a => (a.Class, a.Confidence)));
        Assert.Equal(2, expected.Select(static e => e.Class).Distinct().Count());
        var card = ModelFile.Load(exported).Card;
        Assert.Equal(["good", "worn"], card.Labels);
        Assert.Equal("plant", card.Provenance["fleet"]);
        Assert.Equal(expected.Count, (await AnswersAsync(exported, rows)).Count);
    }

    public static TheoryData<bool, int> Kills { get; } = LongForm.IsAsked ? new() { { false, 50 }, { true, 50 } } : new() { { false, 3 } };

    /// <summary>Whatever moment a sensor is killed at, each alert of the whole stream comes, under the identity that it has without kills.
    /// The pinned model makes it the same alerts.</summary>
    [Theory]
    [MemberData(nameof(Kills))]
    public async Task Every_alert_comes_under_its_identity_though_the_sensor_is_killed(bool isNats, int kills)
    {
        await using var mosquitto = isNats ? null : await Mosquitto.StartAsync(new() { Durable = true });
        await using var nats = isNats ? await RealNats.StartAsync(new() { JetStream = true }) : null;
        var server = mosquitto?.Uri ?? nats!.Uri;
        var rows = _folder.File("rows.csv");
        WrittenRows.Plain(rows, 6000);
        await DoneAsync(Tool, "fit", "--csv", rows, "--label", "condition", "--alone", "--model", "linear", "--out", _folder.File("out"));
        var model = _folder.File("out/model.safetensors");
        var init = await DoneAsync(Programs.Sensor, "config", "init", "--no-measure", "--csv", rows, "--model", model);
        await WriteAsync("s.yaml", $$"""
            {{init}}
            answer: { topic: 'answers/{device}', model: {{model}} }
            alerts:
              - { class: worn, confidence: 0.6, windows: 2, again: 0s, topic: 'alerts/{device}' }
              - { class: good, confidence: 0.6, windows: 3, again: 4s, topic: 'alerts/{device}' }
            """);
        await WriteAsync("a.yaml", await DoneAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File("s.yaml")));
        string[] Here(string state) => ["--set", $"link.url={server.ToString().TrimEnd('/')}", "--set", $"state={_folder.File(state)}"];
        string[] Words(string state, int speed) =>
            ["run", "-c", _folder.File("s.yaml"), .. Here(state), "--set", $"source.csv.speed={speed}"];
        using var aggregator = Programs.Start(Programs.Aggregator, ["run", "-c", _folder.File("a.yaml"), .. Here("edge")]);
        await aggregator.UntilSaysAsync("waiting for updates");     // without one, a sensor waits at its end for answers

        await using ITransport listening = isNats ? new NatsTransport(new() { Servers = [server] })
            : new MqttTransport(new() { Server = server });
        HashSet<string> expected, came;
        await using (var heard = await Heard.StartAsync(listening, "alerts/+"))
        {
            await Programs.RunAsync(Programs.Sensor, Words("whole", 30));
            expected = [.. heard.Read(Alert.Json).Select(static a => a.Id)];
        }

        await using (var heard = await Heard.StartAsync(listening, "alerts/+"))
        {
            RandomStream random = new(7, "kills");
            for (var kill = 1; kill <= kills; kill++)
            {
                using var sensor = Programs.Start(Programs.Sensor, Words("killed", kills > 3 ? 10 : 30));
                if (kills == 3 || kill % 3 != 0) { await heard.UntilAsync(expected.Count * kill / (kills + 2)); }
                // a moment of the start, or after an alert
                var moment = TimeSpan.FromMilliseconds(kills == 3 ? 0 : random.NextInt32(kill % 3 == 0 ? 3000 : 500));
                await Task.Delay(moment, TimeProvider.System, TestContext.Current.CancellationToken);
                sensor.Process.Kill();
                await sensor.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            await Programs.RunAsync(Programs.Sensor, Words("killed", 30));
            var all = heard.Read(Alert.Json);
            came = [.. all.Select(static a => a.Id)];
            TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills: {all.Count} alerts, {came.Count} of {expected.Count}");
        }

        await Programs.StopAsync(aggregator);
        Assert.InRange(expected.Count, 20, 200);
        Assert.Equal(expected.Order(), came.Order());
        using var status = JsonDocument.Parse(await File.ReadAllBytesAsync(
            _folder.File("edge/plant/aggregator/status.json"), TestContext.Current.CancellationToken));
        var now = Assert.Single(status.RootElement.GetProperty("devices").EnumerateArray()).GetProperty("now");
        Assert.Contains(now.GetProperty("class").GetString(), new[] { "good", "worn" });
        Assert.Contains(now.GetProperty("alert").GetString(), new[] { "good", "worn" });
    }

    private async Task<List<(string Class, float Confidence)>> AnswersAsync(string model, string rows)
    {
        var file = _folder.File("answers.arrow");
        await DoneAsync(Tool, "answer", model, "--csv", rows, "--out", file);
        var card = ModelFile.Load(model).Card;
        List<(string, float)> answers = [];
        var world = new StreamLearn.Simulation.VirtualWorld();
        world.Add(Pipeline.Define("read", p => p.FromArrow(file).ForEach("take", batch =>
        {
            var classes = batch["class"].Values<int>();
            var confidences = batch["confidence"].Values<float>();
            for (var row = 0; row < batch.Rows; row++) { answers.Add((card.Labels[classes[row]], confidences[row])); }
        })));
        world.RunToEnd();
        world.Dispose();
        return answers;
    }

    private static async Task<string> DoneAsync(string program, params string[] words)
    {
        var (exitCode, output, error) = await Programs.RunAsync(program, words);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', words)}: {exitCode}\n{output}{error}");
        return output;
    }

    private Task WriteAsync(string name, string text) =>
        File.WriteAllTextAsync(_folder.File(name), text, TestContext.Current.CancellationToken);
}

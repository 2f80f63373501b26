using StreamLearn.Compression;

namespace Sensor.Tests;

public sealed class PrecisionConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("model: {{ precision: int8 }}\nanswer: {{ topic: t }}", true)]
    [InlineData("model: {{ precision: int8 }}\nanswer: {{ topic: t, model: '{0}' }}", true)]
    [InlineData("model: {{ precision: int8 }}\nalerts: [{{ class: walking, topic: t }}]", true)]
    [InlineData("answer: {{ topic: t, model: '{1}' }}", false)]
    [InlineData("model: {{ precision: int8 }}\nanswer: {{ topic: t, model: '{1}' }}", false)]
    public async Task It_answers_so_if_asked_for_or_if_the_file_is_so(string keys, bool quantizes)
    {
        var text = string.Format(null, keys, Saved(int8: false), Saved(int8: true));
        var config = Read(text);

        var options = config.Answers!.Options(config.Model, static (_, _) => new InProcessTransport());

        Assert.Equal(quantizes ? 200 : null, options.Int8?.CalibrationRows);
        Assert.Equal(keys.Contains("{1}", StringComparison.Ordinal), options.Model is Int8Network);
        Assert.Null(options.Leaving);
        await System.IO.File.WriteAllTextAsync(_folder.File("s.yaml"), File(text), TestContext.Current.CancellationToken);
        var (exitCode, output, _) = await Programs.RunAsync(Programs.Sensor, "check", "-c", _folder.File("s.yaml"));
        Assert.Equal(0, exitCode);
        Assert.Contains(quantizes ? "precision: answers are in int8 after the first 200 windows"
            : "precision: answers use the file's int8 model", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("precision: int8", "", "model: expected 'answer' or 'alerts' with 'precision'")]
    [InlineData("precision: int4", "topic: t", "model.precision: expected one of float32, int8")]
    [InlineData("precision: int8", "topic: t, leave: 0.9", "answer.leave: expected no 'leave' with int8")]
    [InlineData("precision: int8", "topic: t, work: 0.5", "answer.work: expected no 'work' with int8")]
    [InlineData("precision: int8", "topic: t, exits: { adapt: true }", "answer.exits: expected no 'exits' with int8")]
    [InlineData("precision: int8", "topic: t, bound: 0.9", "answer.bound: expected no 'bound' with int8")]
    [InlineData("precision: int8", "topic: t, where: auto", "answer.where: expected no 'where' with int8")]
    [InlineData("precision: float32", "topic: t, model: INT8", "model: expected 'precision: int8', the precision of the answer.model file")]
    [InlineData("precision: int8", "topic: t, model: RESIDUAL", "precision: int8: expected a sequence of layers without branches")]
    [InlineData("file: INT8", "topic: t", "is an int8 model, which cannot learn")]
    public void What_does_not_go_with_it_is_refused_by_name(string model, string answer, string text)
    {
        var keys = $"model: {{ {model} }}\n" + (answer.Length > 0 ? $"answer: {{ {answer} }}" : "");
        keys = keys.Replace("INT8", $"'{Saved(int8: true)}'", StringComparison.Ordinal)
            .Replace("RESIDUAL", $"'{Residual()}'", StringComparison.Ordinal);

        var refused = Assert.Throws<ConfigurationException>(() => Read(keys));

        Assert.Contains(refused.Problems, p => $"{p}".Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_status_counts_answers_in_int8()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        var text = File($"model: {{ precision: int8 }}\nanswer: {{ topic: t, model: '{Saved(int8: false)}' }}")
            .Replace("speed: 0", "speed: 0, length: 5m", StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(_folder.File("s.yaml"), text, TestContext.Current.CancellationToken);
        string[] here = ["-c", _folder.File("s.yaml"), "--set", $"state={_folder.File("state")}", "--set", $"link.url={nats.Uri}"];
        using var sensor = Programs.Start(Programs.Sensor, ["run", .. here, "--set", "exchange.steps_per_update=1000"]);
        await sensor.UntilSaysAsync("ended=1 ");            // nobody answers: it would wait half a minute for that
        await Programs.StopAsync(sensor);

        var status = await Programs.RunAsync(Programs.Sensor, ["status", .. here]);

        var lines = status.Output.Split('\n').Select(static l => l.Split('=', 2)).Where(static l => l.Length == 2)
            .ToDictionary(static l => l[0], static l => l[1]);
        Assert.Equal("int8", lines["precision"]);
        Assert.Equal(int.Parse(lines["answers"], null) - 200, int.Parse(lines["answers_int8"], null));
        Assert.InRange(int.Parse(lines["answers_int8"], null), 10, 100);
    }

    [Fact]
    public void An_aggregator_learns_in_float32()
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("a.yaml",
            "{ streamlearn: 1, fleet: f, link: { url: nats://h }, broker: {}, model: { precision: int8 } }")
            .Read(global::Aggregator.AggregatorConfig.Read));

        Assert.Contains(refused.Problems, static p => $"{p}".Contains("model: expected no 'precision: int8'", StringComparison.Ordinal));
    }

    private static SensorConfig Read(string keys) => ConfigTree.Parse("s.yaml", File(keys)).Read(SensorConfig.Read).Value;

    private static string File(string keys) => $$"""
        streamlearn: 1
        fleet: f
        link: { url: 'nats://h' }
        source: { generator: { users: [1], speed: 0 } }
        pipeline: [check: {}, window: {}, learn: {}]
        {{keys}}
        """;

    private string Saved(bool int8)
    {
        var network = Read("").Model.Create();
        var model = new LoadedModel(network, network.Initial with { Version = 3 },
            ModelCard.Empty with { ExitRule = new(ExitMeasure.Entropy, [0.3f]) });
        if (int8) { model = model.Quantize(new([.. Enumerable.Range(0, network.Plan.Input.Size).Select(static i => i % 5f)], 1)); }
        return Saved(int8 ? "int8" : "float32", model);
    }

    private string Residual()
    {
        var network = new Network(new(6, 128), 6, [new Residual(new Conv1d(6, 3, 1, 1)), new Flatten()], [new(1, new Dense(6))], 1);
        return Saved("residual", new(network, network.Initial, ModelCard.Empty));
    }

    private string Saved(string name, LoadedModel model)
    {
        var path = _folder.File($"{name}.safetensors");
        ModelFile.Save(path, model.Model, model.Weights, model.Card);
        return path;
    }
}

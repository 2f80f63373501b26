using StreamLearn.Nats;

namespace Sensor.Tests;

public sealed class AcrossProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The aggregator is stopped on the way: the devices go on alone.</summary>
    [Fact]
    public async Task Every_window_is_answered_by_the_aggregator_or_without_it_by_the_device()
    {
        await using var nats = await RealNats.StartAsync(new() { JetStream = true });
        var url = nats.Uri.ToString().TrimEnd('/');
        await WriteAsync("s.yaml", $$"""
            streamlearn: 1
            fleet: plant
            state: '{{_folder.File("state")}}'
            link: { url: '{{url}}' }
            source: { generator: { users: [1], length: 8m, speed: 20 } }
            pipeline: [check: {}, window: {}, learn: {}]
            exchange: { steps_per_update: 5, boundary: int8 }
            answer: { topic: 'plant/{device}/answer', where: edge, within: 2s }
            """);
        var init = await Programs.RunAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File("s.yaml"));
        Assert.Equal((0, ""), (init.ExitCode, init.Error));
        Assert.Contains("  answers: int8", init.Output, StringComparison.Ordinal);
        await WriteAsync("a.yaml", init.Output);
        using var aggregator = Programs.Start(Programs.Aggregator,
            "run", "-c", _folder.File("a.yaml"), "--set", "aggregate.strategy.fedbuff.updates=1");
        await aggregator.UntilSaysAsync("waiting for updates");
        await using var listening = new NatsTransport(new() { Servers = [nats.Uri] });
        await using var heard = await Heard.StartAsync(listening, "plant/+/answer");

        using var sensor = Programs.Start(Programs.Sensor, "run", "-c", _folder.File("s.yaml"));
        await LiveSourceTests.UntilAsync(() => heard.Read(WindowAnswer.Json).Count(static a => a.Place == "edge") >= 20);
        var stopped = await Programs.StopAsync(aggregator);
        await heard.UntilAsync(heard.Read(WindowAnswer.Json).Count + 31);
        var status = await Programs.StopAsync(sensor);

        var answers = heard.Read(WindowAnswer.Json);
        Assert.Equal((0, 0), (stopped.ExitCode, status.ExitCode));
        Assert.All(answers[^20..], static a => Assert.Equal("here", a.Place));
        Assert.Equal(answers.Count, answers.Select(static a => a.Time).Distinct().Count());
        Assert.Equal(answers.Select(static a => a.Time).Order(), answers.Select(static a => a.Time));
        var gaps = answers.Zip(answers.Skip(1), static (a, b) => b.Time - a.Time).Distinct();
        Assert.All(gaps, static gap => Assert.InRange(gap.TotalSeconds, 1.2, 1.4));        // a window each 64 rows of 50 a second
    }

    [Theory]
    [InlineData("where: auto, work: 0.5", "expected no 'work' if the aggregator answers too")]
    [InlineData("where: edge, model: x.safetensors", "expected no 'model' if the aggregator answers too")]
    [InlineData("within: 1s", "expected 'where: auto' or 'where: edge' too")]
    [InlineData("where: there", "expected one of here, auto, edge")]
    public void What_does_not_go_together_is_refused(string keys, string text)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(keys));
        Assert.Contains(refused.Problems, p => p.Text.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_keys_are_those_of_the_pipeline()
    {
        var options = Read("where: auto, within: 300ms, leave: 0.9").Answers!.AcrossOptions(Read("where: auto").Model, 5, hasBytes: true)!;
        Assert.Equal((0.3, (int?)null, 1.0, 5L), (options.Within.TotalSeconds, options.Cut, options.BytesPerValue, options.Epoch));
        Assert.NotNull(options.Leaving);
        Assert.Null(Read("leave: 0.9").Answers!.Across);
    }

    private static SensorConfig Read(string keys) => ConfigTree.Parse("s.yaml", $$"""
        { streamlearn: 1, fleet: f, link: { url: nats://h }, source: { generator: { users: [1] } },
          pipeline: [check: {}, window: {}, learn: {}], answer: { topic: t, {{keys}} } }
        """).Read(SensorConfig.Read).Value;

    private Task WriteAsync(string name, string text) =>
        File.WriteAllTextAsync(_folder.File(name), text, TestContext.Current.CancellationToken);
}

using StreamLearn.Mqtt;
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

    /// <summary>Two nodes compute parts for a device, and one of them is killed on the way.</summary>
    [Theory]
    [InlineData("nats")]
    [InlineData("mqtt")]
    public async Task Nodes_compute_parts_of_the_layers_and_one_that_is_killed_costs_no_window(string kind)
    {
        await using var nats = kind == "nats" ? await RealNats.StartAsync(new() { JetStream = true }) : null;
        var uri = nats?.Uri ?? new Uri($"mqtt://127.0.0.1:{LoopbackPort.Take()}");      // the aggregator's own broker
        await WriteAsync("s.yaml", $$"""
            streamlearn: 1
            fleet: plant
            state: '{{_folder.File("state")}}'
            link: { url: '{{uri.ToString().TrimEnd('/')}}' }
            source: { generator: { users: [1], length: 40m, speed: 20 } }
            pipeline: [check: {}, window: {}, learn: {}]
            answer: { topic: 'plant/{device}/answer', where: parts, nodes: { pi-1: 1, pi-2: 1 }, within: 5s }
            """);
        var init = await Programs.RunAsync(Programs.Aggregator, "config", "init", "--model-of", _folder.File("s.yaml"));
        await WriteAsync("a.yaml", init.Output);
        using var aggregator = Programs.Start(Programs.Aggregator,
            "run", "-c", _folder.File("a.yaml"), "--set", "aggregate.strategy.fedbuff.updates=1");
        await aggregator.UntilSaysAsync("waiting for updates");
        await using ITransport listening = nats is not null ? new NatsTransport(new() { Servers = [nats.Uri] })
            : new MqttTransport(new() { Server = uri, ClientId = "listening" });
        await using var heard = await Heard.StartAsync(listening, "plant/+/answer");
        using var one = Programs.Start(Programs.Sensor, "node", "-c", _folder.File("s.yaml"), "--name", "pi-1");
        using var two = Programs.Start(Programs.Sensor, "node", "-c", _folder.File("s.yaml"), "--name", "pi-2");
        await Task.WhenAll(one.UntilSaysAsync("node pi-1 of fleet"), two.UntilSaysAsync("node pi-2 of fleet"));

        using var sensor = Programs.Start(Programs.Sensor, "run", "-c", _folder.File("s.yaml"));
        await LiveSourceTests.UntilAsync(() => Parts("parts_answered") > 20);
        two.Process.Kill();
        var answered = Parts("parts_answered");
        await heard.UntilAsync(heard.Read(WindowAnswer.Json).Count + 60);
        await LiveSourceTests.UntilAsync(() => Parts("parts_answered") > answered + 20 && Parts("workers_lost") > 0);
        var status = await Programs.StopAsync(sensor);

        Assert.Equal(0, status.ExitCode);
        Assert.Equal(0, (await Programs.StopAsync(one)).ExitCode);
        var answers = heard.Read(WindowAnswer.Json);
        Assert.Equal(answers.Count, answers.Select(static a => a.Time).Distinct().Count());
        var gaps = answers.Zip(answers.Skip(1), static (a, b) => b.Time - a.Time).Distinct();
        Assert.All(gaps, static gap => Assert.InRange(gap.TotalSeconds, 1.2, 1.4));        // a window each 64 rows of 50 a second

        long Parts(string counter) => File.Exists(_folder.File("state/status.json"))
            && JsonDocument.Parse(File.ReadAllText(_folder.File("state/status.json"))).RootElement.TryGetProperty(counter, out var count)
                ? count.GetInt64() : 0;
    }

    [Theory]
    [InlineData("where: parts", "expected a mapping")]
    [InlineData("where: auto, nodes: { pi-1: 1 }", "expected 'where: parts' too")]
    [InlineData("where: parts, nodes: {}", "expected at least one node")]
    [InlineData("where: parts, nodes: { here: 1 }", "expected at least one node")]
    [InlineData("where: parts, nodes: { aggregator: 1 }", "expected names of nodes with a speed above 0, got aggregator: 1")]
    [InlineData("where: parts, nodes: { pi-1: 0 }", "expected names of nodes with a speed above 0, got pi-1: 0")]
    [InlineData("where: parts, nodes: { pi-1: 1 }, leave: 0.9", "expected no 'leave' if the aggregator answers too")]
    [InlineData("where: parts, nodes: { pi-1: 1 }, planner: energy", "expected 'where: auto' with 'planner'")]
    [InlineData("where: auto, work: 0.5", "expected no 'work' if the aggregator answers too")]
    [InlineData("where: edge, model: x.safetensors", "expected no 'model' if the aggregator answers too")]
    [InlineData("within: 1s", "expected 'where: auto' or 'where: edge' too")]
    [InlineData("where: there", "expected one of here, auto, edge")]
    [InlineData("planner: energy", "expected 'where: auto' or 'where: edge' too")]
    [InlineData("where: edge, planner: fastest", "expected 'where: auto' with 'planner'")]
    [InlineData("where: auto, planner: energy", "expected 'watts: [COMPUTING, SENDING, RECEIVING]' too")]
    [InlineData("where: auto, watts: [4, 1, 1]", "expected 'planner: energy' or 'planner: exits' too")]
    [InlineData("where: auto, planner: neurosurgeon, alpha: 0.3", "expected 'planner: energy' too")]
    [InlineData("where: auto, planner: exits", "expected 'file' under model with measured exits")]
    [InlineData("where: auto, planner: exits, leave: 0.9", "expected no 'leave' with 'planner: exits'")]
    [InlineData("where: auto, planner: best", "expected one of fastest, energy, neurosurgeon, exits")]
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

    [Theory]
    [InlineData(0.041, 0.041, 0, 3, "all layers here: 41 ms; with the aggregator 55 ms")]
    [InlineData(0.012, 0.041, 0.25, 1, "layer 1 here, 2 to 3 at the aggregator: 12 ms and 250 mJ; all here 41 ms and 900 mJ")]
    [InlineData(0.012, 0.041, 0, 2, "layers 1 to 2 here, 3 at the aggregator: 12 ms; all here 41 ms")]
    [InlineData(0.012, 0.041, 0, 0, "no layer here, 1 to 3 at the aggregator: 12 ms; all here 41 ms")]
    public void The_status_says_where_the_layers_run_and_why(double seconds, double here, double joules, int cut, string text)
    {
        var isGone = false;
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Via<Costs, Batch, Shown>("infer-across", new(), Make), new(Field.Time()));
        Assert.Equal("all layers here: the link is being measured", AcrossShown.Of(probe.Metrics, 3, null));
        Assert.Equal("layer 1 here, 2 to 3 at the aggregator", AcrossShown.Of(probe.Metrics, 3, 1));

        probe.Send(probe.Pool.Rent(new(Field.Time()), 1));

        Assert.Equal(text, AcrossShown.Of(probe.Metrics, 3, null));
        isGone = true;
        probe.Send(probe.Pool.Rent(new(Field.Time()), 1));
        Assert.Equal("all layers here: the aggregator does not answer", AcrossShown.Of(probe.Metrics, 3, null));

        Shown Make(Costs costs, OperatorContext context, IOutput<Batch> output) => new(output, () =>
        {
            context.Gauge("cut", cut);
            context.Gauge("cut-seconds", seconds);
            context.Gauge("here-seconds", here);
            context.Gauge("edge-seconds", 0.055);
            context.Gauge("cut-joules", joules);
            context.Gauge("here-joules", joules > 0 ? 0.9 : 0);
            if (isGone) { context.Record("edge-gone"); }
        });
    }

    private sealed record Costs : IBlockOptions;

    private sealed class Shown(IOutput<Batch> output, Action show) : Operator<Batch>
    {
        public override void Process(Batch input)
        {
            show();
            output.Emit(input);
        }
    }

    private static SensorConfig Read(string keys) => ConfigTree.Parse("s.yaml", $$"""
        { streamlearn: 1, fleet: f, link: { url: nats://h }, source: { generator: { users: [1] } },
          pipeline: [check: {}, window: {}, learn: {}], answer: { topic: t, {{keys}} } }
        """).Read(SensorConfig.Read).Value;

    private Task WriteAsync(string name, string text) =>
        File.WriteAllTextAsync(_folder.File(name), text, TestContext.Current.CancellationToken);
}

using Aggregator;
using StreamLearn.Formats;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Sensor.Tests;

public sealed class ValueFleetTests(ITestOutputHelper output) : IDisposable
{
    private const int WindowRows = 200;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Eight machines learn how many hours they have left; two judge.</summary>
    [Fact]
    public void The_hours_left_of_machines_unseen_are_known_to_half_the_error_of_their_mean()
    {
        for (var machine = 0; machine < 10; machine++) { Write(machine); }
        var config = OneClassFleet.Read(Text("m*.csv"));
        File.WriteAllText(_folder.File("sensor.yaml"), Text("m*.csv"));
        var aggregator = ConfigTree.Parse("a.yaml", AggregatorInit.Text(_folder.File("sensor.yaml"))).Read(AggregatorConfig.Read).Value;
        Assert.Equal(config.Model.Target, aggregator.Model.Target);
        Assert.Equal(config.Model.Create().Plan.SchemaHash, aggregator.Model.Create().Plan.SchemaHash);

        using var world = new VirtualWorld(new() { Seed = 1 });
        var link = EdgeLink.Over(world.Transport("edge"));
        var network = config.Model.Create();
        var made = network.Initial;
        var options = AggregatorCommands.OptionsOf(aggregator, epoch: 0, round => made = round.Averaged);
        world.Add(AggregatorPipeline.Create(
            options with
            {
                ResumesFromRetained = false,
                Rules = options.Rules with { Restore = null, RestoreOnceConnected = false },
            },
            link));
        List<VirtualDevice> devices = [.. SensorDevices.Of(config, epoch: 1, []).Select(device => world.Add(
            SensorPipeline.Create(device with { HeartbeatEvery = null }, link), new DeviceProfile { MultiplyAddsPerSecond = 1e9 }))];
        world.RunToEnd();
        Assert.All(devices, static d => Assert.Null(d.Failure));

        var unseen = OneClassFleet.WindowsOf(OneClassFleet.Read(Text("u*.csv")));
        var errors = Evaluation.Of(network, made, new(unseen.Features.Span, unseen.Count) { Targets = unseen.Targets.Span }).Values;
        output.WriteLine($"{errors}");
        Assert.Equal(52, errors.Count);
        Assert.InRange(errors.MeanAbsolute, 0, 26);         // 52 hours, of their mean
    }

    /// <summary>What is usual is what stands in the rows; the file of the aggregator keeps it.</summary>
    [Fact]
    public void A_configuration_for_files_has_the_value_that_is_asked_for()
    {
        for (var machine = 0; machine < 3; machine++) { Write(machine); }

        var text = CsvInit.Text(new() { Csv = _folder.File("m*.csv"), Target = "life", Device = "file" });
        File.WriteAllText(_folder.File("sensor.yaml"), text);
        var aggregator = ConfigTree.Parse("a.yaml", AggregatorInit.Text(_folder.File("sensor.yaml"))).Read(AggregatorConfig.Read).Value;

        Assert.Contains("\n  life: { target: [0, 200] }\n", text, StringComparison.Ordinal);
        Assert.Equal(new("life", Unit.One, 0, 200), OneClassFleet.Read(text).Model.Target);
        Assert.Equal(OneClassFleet.Read(text).Model.Target, aggregator.Model.Target);
    }

    /// <summary>One table, and the model that the command has fitted to such: what it answers there, by the configuration of a sensor, and
    /// in a pipeline of one's own.</summary>
    [Fact]
    public async Task A_value_has_the_same_bits_by_the_command_by_a_sensor_and_in_a_pipeline()
    {
        for (var machine = 0; machine < 5; machine++) { Write(machine); }
        var (model, table) = (_folder.File("out/model.safetensors"), _folder.File("m4.csv"));
        await DoneAsync("fit", "--csv", _folder.File("m*.csv"), "--target", "life", "--device", "file", "--window", "0.1", "--model",
            "linear", "--out", _folder.File("out"));
        await DoneAsync("answer", model, "--csv", table, "--out", _folder.File("answers.csv"));
        List<float> told = [.. (await File.ReadAllLinesAsync(_folder.File("answers.csv"), Cancellation)).Skip(1)
            .Select(static line => float.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];
        Assert.Equal(26, told.Count);

        var text = CsvInit.Text(new() { Csv = table, Target = "life", Device = "file" }, model);
        var pinned = OneClassFleet.Read($"{text}answer: {{ topic: 'plant/{{device}}/answer', model: '{model}' }}\n");
        var sensed = SensorAnswersTests.Answers(pinned).ConvertAll(static a => a.Value!.Value);

        var (network, weights, card) = ModelFile.Load(model);
        var preparation = Preparation.Of(card)!;
        List<float> piped = [];
        await Pipeline.Define("values", p =>
        {
            var rows = p.FromCsv(table, new()
            {
                Columns =
                [
                    FileColumn.Time("t", TimeUnit.Seconds), FileColumn.Channel("vibration", nullable: true),
                    FileColumn.Channel("temperature", nullable: true),
                ],
            });
            preparation.Windows(preparation.Rows(rows), CheckQualityOptions.SegmentColumn).Infer((Network)network, weights)
                .ForEach("keep", answers => piped.AddRange(answers["value"].Values<float>()));
        }).RunAsync(cancellationToken: Cancellation);

        Assert.Equal(told, sensed);
        Assert.Equal(told, piped);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task DoneAsync(params string[] words)
    {
        var (exitCode, _, error) = await Programs.RunAsync("streamlearn-tool", words);
        Assert.True(exitCode == 0, error);
    }

    [Fact]
    public void What_a_card_says_of_the_value_is_what_the_columns_say()
    {
        var model = OneClassFleet.Read(Text("m*.csv")).Model;

        Assert.Equal(("life", new Unit("h"), null), TargetCard.Of(model.Card));
        Assert.Equal(new SquaredError(100, (float)(200 / Math.Sqrt(12))), model.Create().Objective);
    }

    [Theory]
    [InlineData("life: { target: [200, 0] }", "expected the usual minimum and a greater maximum, got 200 and 0")]
    [InlineData("life: { target: [0, 200] }\n  more: { target: [0, 1] }", "expected one target, got 'life' and 'more'")]
    [InlineData("life: { target: [0, 200] }\n  state: { label: [good, worn] }", "expected a label or a target")]
    [InlineData("life: { target: [0] }", "expected a list of 2")]
    public void What_cannot_be_a_target_is_refused(string columns, string message)
    {
        var text = Text("m*.csv").Replace("life: { target: [0, 200], unit: h }", columns, StringComparison.Ordinal);

        var refused = Assert.Throws<ConfigurationException>(() => OneClassFleet.Read(text));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- learn: {", "- learn: { split: 1,", "expected no split with a target")]
    [InlineData("model: {", "alerts: [{ class: worn, topic: alarms }]\nmodel: {", "expected none with a target")]
    [InlineData("model: {", "model: { classes: 3,", "expected no classes with a target")]
    public void What_does_not_go_with_a_target_is_refused(string key, string with, string message)
    {
        var text = Text("m*.csv").Replace(key, with, StringComparison.Ordinal);

        var refused = Assert.Throws<ConfigurationException>(() => OneClassFleet.Read(text));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    private string Text(string files) => $$"""
        streamlearn: 1
        fleet: plant
        link: { url: nats://127.0.0.1:4222 }
        source:
          csv: { files: '{{_folder.File(files)}}', rate: 2000/s, speed: 0, device: { each: file } }
        columns:
          t: { time: s }
          vibration: { unit: gn }
          temperature: { unit: Cel }
          life: { target: [0, 200], unit: h }
        pipeline:
          - check: { stuck: 1h }
          - window: { samples: {{WindowRows}}, hop: {{WindowRows}} }
          - learn: { steps_per_window: 40 }
        model: { kind: features }
        """;

    private void Write(int machine)
    {
        List<string> lines = ["t,vibration,temperature,life"];
        for (var left = 200; left >= 0; left -= 8)
        {
            var (vibration, temperature) = Wear.Record(machine, left, WindowRows);
            for (var row = 0; row < WindowRows; row++)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{((200 - left) * 3600.0) + (row / 2000.0):0.0000},{vibration[row]:0.0000},{temperature[row]:0.00},{left}"));
            }
        }

        File.WriteAllLines(_folder.File($"{(machine < 8 ? "m" : "u")}{machine}.csv"), lines);
    }
}

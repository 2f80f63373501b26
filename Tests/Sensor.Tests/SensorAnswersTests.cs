using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Sensor.Tests;

/// <summary>A sensor answers as the command does; models have random weights.</summary>
public sealed class SensorAnswersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Rows => _folder.File("rows.csv");

    private string Model => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    /// <summary>The model's rate is 20 rows a second. Times jitter; a recording has a pause, which no window spans.</summary>
    [Theory]
    [InlineData(20, 1)]
    [InlineData(25, 1)]
    [InlineData(50, 1)]
    [InlineData(50, 0.9)]
    public async Task Rows_of_any_rate_have_the_values_that_the_command_gives(double rate, double share)
    {
        var preparation = new Preparation([Field.Channel("x", Unit.One), Field.Channel("y", Unit.One)], 60, 30)
        {
            Kind = ModelKind.Linear,
            RowsPerSecond = 20,
        };
        Save(preparation, ahead: null);
        var random = new RandomStream(5, "rows");
        File.WriteAllLines(Rows, Enumerable.Range(0, (int)(60 * rate)).Where(_ => random.NextDouble() < share).Select(i => FormattableString
            .Invariant($"{(i / rate) + (i > 30 * rate ? 9 : 0) + (random.NextDouble() / rate / 10):0.0000},{Math.Sin(i / rate):0.0000},")
                + FormattableString.Invariant($"{random.NextGaussian():0.0000},{Math.Cos(i / rate):0.0000}")).Prepend("t,x,y,level"));
        var text = CsvInit.Text(new() { Csv = Rows, Target = "level" }, Model);

        var config = OneClassFleet.Read(text);
        Assert.Equal(rate == 20, text.Contains("    rate: ", StringComparison.Ordinal));
        Assert.Equal(rate != 20, SensorCommands.Named(1, config).EndsWith("\nrows: resampled to the model's rate, 20 rows a second",
            StringComparison.Ordinal));
        Assert.Equal(rate != 20, SensorPipeline.Create(SensorDevices.Of(config, epoch: 1, [])[0], EdgeLink.Over(new InProcessTransport()))
            .Has("fill"));
        var values = await ToldAsync();
        Assert.InRange(values.Count, 30, 40);
        Assert.Equal(values, Sensed(text));
        if (rate == 20) { return; }
        // which need not be right
        Assert.Equal(values, Sensed(text.Replace("    speed:", "    rate: 50/s\n    speed:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("rate: 0.000277778/s, ")]
    [InlineData("")]
    public async Task A_forecast_by_the_hour_and_the_day_has_the_values_that_the_command_gives(string rate)
    {
        var preparation = new Preparation([Field.Channel("load", new("kW"))], 24, 1)
        {
            Kind = ModelKind.Lags,
            RowsPerSecond = 1 / 3600.0,
            Calendar = new(TimeSpan.FromHours(3), OfWeek: true),
        };
        Save(preparation, ahead: TimeSpan.FromHours(3));
        File.WriteAllLines(Rows, Enumerable.Range(0, 400).Select(static i => FormattableString.Invariant(
            $"{DateTime.UnixEpoch.AddYears(50).AddHours(i):s}Z,{50 + (20 * Math.Sin(i * Math.PI / 12)):0.000},0"))
            .Prepend("at,load [kW],later"));

        var values = await ToldAsync();
        Assert.Equal(377, values.Count);
        Assert.Equal(values, Sensed($$"""
            {{Head}}
            source: { csv: { files: '{{Rows}}', {{rate}}speed: 0, device: { name: m } } }
            columns: { at: { time: iso8601 }, load: { unit: kW }, later: { target: [0, 100] } }
            pipeline: [check: { stuck: 1d }, window: { samples: 24, hop: 1 }, learn: {}]
            model: { file: '{{Model}}' }

            """));
    }

    /// <summary>All labels are outside of a bound that scores of nearly 0 have made.</summary>
    [Fact]
    public void A_bound_that_breaks_is_named_and_so_is_one_that_is_infinite()
    {
        var preparation = new Preparation([Field.Channel("x", Unit.One)], 8, 8) { Kind = ModelKind.Linear, RowsPerSecond = 20 };
        var network = WindowModel.Create(preparation, 2, seed: 1);
        var scores = ConformalScores.Of([.. Enumerable.Range(0, 100).Select(static i => i / 1e6f)],
            [.. Enumerable.Range(0, 100).Select(static i => i % 20)])!;
        ModelFile.Save(Model, network, network.Initial,
            ConformalCard.On(preparation.On(ModelCard.Empty with { Labels = ["good", "worn"] }), scores));
        File.WriteAllLines(Rows, Enumerable.Range(0, 400).Select(static i => FormattableString.Invariant(
            $"{i * 0.05:0.00},{Math.Sin(i):0.000},{(i / 200 == 0 ? "good" : "worn")}")).Prepend("t,x,state"));
        var config = OneClassFleet.Read($$"""
            {{Head}}
            source: { csv: { files: '{{Rows}}', rate: 20/s, speed: 0, device: { name: pump-7 } } }
            columns: { t: { time: s }, x: {}, state: { label: [good, worn] } }
            pipeline: [check: {}, window: { samples: 8, hop: 8 }, learn: {}]
            answer: { topic: t, bound: 0.9, model: '{{Model}}' }
            model: { kind: linear }
            """);
        List<string> Said(int windows)
        {
            List<RunMetrics> run = [];
            _ = Answers(config, windows, run);
            return [.. SensorWatch.BoundFaults(config.Answers!.Bound!, run).Select(static f => f.Text)];
        }

        Assert.Empty(Said(2));
        const string Broken = "pump-7: labels are outside the bound more often than the 10 % promised: its windows are unlike those that "
            + "'fit --bound' measured; labels widen the bound";
        Assert.Equal([Broken], Said(20));
        Assert.Equal([Broken, "pump-7: answers without a bound: so many labels were outside that no bound is wide enough"], Said(50));
    }

    private const string Head = "streamlearn: 1\nfleet: plant\nlink: { url: nats://127.0.0.1:4222 }";

    private void Save(Preparation preparation, TimeSpan? ahead)
    {
        var network = WindowModel.Create(preparation, new SquaredError(0, 1), seed: 7);
        var weights = network.Initial with { Values = [.. network.Initial.Values.Select(static (v, i) => v + (float)Math.Sin(i))] };
        ModelFile.Save(Model, network, weights,
            TargetCard.On(preparation.On(ModelCard.Empty), ahead is null ? "level" : "load", ahead is null ? Unit.One : new("kW"), ahead));
    }

    /// <summary>What <c>streamlearn answer</c> gives.</summary>
    private async Task<List<float>> ToldAsync()
    {
        var (exitCode, _, error) = await Programs.RunAsync(
            "streamlearn-tool", "answer", Model, "--csv", Rows, "--out", _folder.File("a.csv"));
        Assert.True(exitCode == 0, error);
        return [.. (await File.ReadAllLinesAsync(_folder.File("a.csv"), TestContext.Current.CancellationToken)).Skip(1)
            .Select(static line => float.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];
    }

    private List<float> Sensed(string text) =>
        Answers(OneClassFleet.Read($"{text}answer: {{ topic: 'plant/{{device}}/answer', model: '{Model}' }}\n"))
            .ConvertAll(static a => a.Value!.Value);

    /// <summary>The answers of a sensor to its rows. <paramref name="run"/>: gets the metrics of its blocks.</summary>
    internal static List<WindowAnswer> Answers(SensorConfig config, int windows = int.MaxValue, List<RunMetrics>? run = null)
    {
        var device = Assert.Single(SensorDevices.Of(config, epoch: 1, []));
        var options = config.Answers!.Options(config.Model, static (_, _) => new InProcessTransport());
        List<WindowAnswer> answers = [];
        using var world = new VirtualWorld();
        var blocks = world.Add(Pipeline.Define(device.Name, p =>
        {
            var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
            faulty.Discard();
            var number = 0;
            device.Windows(good).Filter("first", _ => number++ < windows).Answer(device.Name, options).ForEach("keep", answers.Add);
        }));
        world.RunToEnd();
        run?.Add(blocks.Metrics);
        return answers;
    }
}

using Aggregator;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Sensor.Tests;

/// <summary>A fleet of the files that <c>config init</c> writes for devices of one class each, beside one machine with the rows of all,
/// judged on what neither has seen.</summary>
internal sealed record OneClassFleet(double Alone, double Accuracy, long BytesUp)
{
    private const int Epochs = 30;

    /// <summary>Runs it in virtual time. <paramref name="folder"/>: files of <see cref="OneClassRows"/>.</summary>
    internal static OneClassFleet Run(string folder, string kind, int seed)
    {
        var text = CsvInit.Text(new() { Csv = Path.Join(folder, "learn", "*.csv"), Label = "state", Device = "file" })
            .Replace("seed: 42", $"seed: {seed}", StringComparison.Ordinal)
            .Replace("model: {", $"model: {{ kind: {kind},", StringComparison.Ordinal);
        var config = Read(text);
        var file = Path.Join(folder, "sensor.yaml");
        File.WriteAllText(file, text);
        var aggregator = ConfigTree.Parse("a.yaml", AggregatorInit.Text(file)).Read(AggregatorConfig.Read).Value;
        var (learned, unseen) = (WindowsOf(config),
            WindowsOf(Read(text.Replace(Path.Join("learn", "*.csv"), "unseen.csv", StringComparison.Ordinal))));
        var network = config.Model.Create();
        var alone = network.Fit(learned, new() { Epochs = Epochs, ValidationShare = 0, Seed = seed });
        double Accuracy(Weights weights) => Evaluation.Of(network, weights, new Sample(unseen.Features.Span, unseen.Labels.Span)).Accuracy;

        using var world = new VirtualWorld(new() { Seed = seed });
        var link = EdgeLink.Over(world.Transport("edge"));
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
            SensorPipeline.Create(device with { HeartbeatEvery = null }, link),
            new DeviceProfile { MultiplyAddsPerSecond = 1e9, Jitter = 0.1 }, new LinkProfile { Delay = TimeSpan.FromMilliseconds(5) }))];
        world.RunToEnd();
        Assert.All(devices, static d => Assert.Null(d.Failure));
        return new(Accuracy(alone.Weights), Accuracy(made), devices.Sum(static d => d.BytesUp));
    }

    internal static SensorConfig Read(string text) => ConfigTree.Parse("s.yaml", text).Read(SensorConfig.Read).Value;

    internal static RecordedRows WindowsOf(SensorConfig config)
    {
        var samples = config.Model.Create().Plan.Input.Samples;
        var windows = new RowCollector(samples);
        using var world = new VirtualWorld();
        foreach (var device in SensorDevices.Of(config, epoch: 1, []))
        {
            world.Add(Pipeline.Define(device.Name, p =>
            {
                var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
                faulty.Discard();
                device.Windows(good).ForEach("collect", batch => windows.Add(batch));
            }));
        }

        world.RunToEnd();
        return windows.ToRows();
    }
}

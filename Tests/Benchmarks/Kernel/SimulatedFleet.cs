using StreamLearn.Fleets;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Benchmarks;

/// <summary>A fleet in one virtual world: each device learns from the generated recordings of its wearer and sends updates; one
/// aggregator answers with versions.</summary>
internal static class SimulatedFleet
{
    private const int Devices = 2000;
    private const int FirstUnseenUser = 1_000_000;
    private const int UnseenUsers = 20;
    private const long Seed = 1;
    private static readonly SoftmaxRegression Model = new(features: 12, classes: HarStream.Activities.Length, Seed);
    private static readonly TrainOptions Training = new() { StepsPerUpdate = 8 };
    private static readonly DeviceProfile Profile = new() { MultiplyAddsPerSecond = 50e6 };

    private static readonly LinkProfile Link =
        new() { UpBitsPerSecond = 1e6, DownBitsPerSecond = 10e6, Delay = TimeSpan.FromMilliseconds(20) };

    internal static Sample Run()
    {
        Weights? last = null;
        using var world = new VirtualWorld(new() { Seed = Seed });
        var sample = Measurement.Seconds(() =>
        {
            world.Add(Aggregator(world.Transport("edge"), weights => last = weights));
            for (var i = 0; i < Devices; i++) { world.Add(Device(i, world.Transport("edge")), Profile, Link); }
            world.RunToEnd();
        });
        if (world.Devices.FirstOrDefault(d => d.Failure is not null)?.Failure is { } failure)
        {
            throw new BenchmarkException(failure.Message);
        }
        var chance = 1.0 / HarStream.Activities.Length;
        var accuracy = last is null ? 0 : Unseen(last);
        return accuracy > 2 * chance
            ? sample with { Details = Details(world, last!, accuracy) }
            : throw new BenchmarkException($"expected an accuracy above {2 * chance:0.00}, twice chance, got {accuracy:0.00}");
    }

    private static Dictionary<string, double> Details(VirtualWorld world, Weights last, double accuracy)
    {
        using var process = Process.GetCurrentProcess();
        var training = world.Devices.Skip(1).Select(d => d.Metrics["train"]).ToList();
        return new()
        {
            ["devices"] = Devices,
            ["events"] = world.Events,
            ["windows_trained"] = training.Sum(t => t.RowsIn - t.RowsDropped.Values.Sum()),
            ["rows_trained"] = training.Sum(t => t.Counter("rows-trained")),
            ["versions"] = last.Version,
            ["accuracy_unseen"] = accuracy,
            ["peak_bytes"] = process.PeakWorkingSet64,
        };
    }

    private static Pipeline Aggregator(ITransport edge, Action<Weights> keep) => Pipeline.Define("aggregator", p =>
    {
        var (versions, inUse) = p.Subscribe(edge, "updates", LearningCodecs.Deltas).Aggregate(Model, new FedBuff(64));
        versions.Publish(edge, "models", LearningCodecs.Weights, retain: true);
        inUse.ForEach("keep", round => keep(round.Averaged));
    });

    private static Pipeline Device(int user, ITransport edge) => Pipeline.Define($"device-{user}", p =>
    {
        var (deltas, evaluations) = Features(p, user).Train(Model, p.Subscribe(edge, "models", LearningCodecs.Weights), Training);
        deltas.Publish(edge, "updates", LearningCodecs.Deltas);
        evaluations.Discard();
    });

    private static Flow<Batch> Features(PipelineBuilder p, int user) =>
        p.FromHarStream(new() { User = user, Seed = Seed, BatchRows = 50, Duration = TimeSpan.FromSeconds(300) })
            .Window(samples: 128, hop: 64).MeanDeviation();

    /// <summary>The accuracy of a version on wearers whom no device has seen.</summary>
    private static double Unseen(Weights weights)
    {
        var (features, labels) = (new List<float>(), new List<int>());
        using var world = new VirtualWorld();
        for (var i = 0; i < UnseenUsers; i++)
        {
            world.Add(Pipeline.Define($"unseen-{i}", p => Features(p, FirstUnseenUser + i).ForEach("collect", batch =>
            {
                if (!batch[Schema.LabelColumn].IsValid(0)) { return; }
                labels.Add(batch[Schema.LabelColumn].Values<int>()[0]);
                for (var c = 0; c < batch.Channels.Count; c++) { features.Add(batch.Channels[c].Values<float>()[0]); }
            })));
        }
        world.RunToEnd();
        return Evaluation.Of(Model, weights, new(features.ToArray(), labels.ToArray())).Accuracy;
    }
}

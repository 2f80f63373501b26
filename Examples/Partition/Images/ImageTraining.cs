using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>Trains a network of the papers on CIFAR-10 for some batches: whole, and split between a device and an edge server.</summary>
/// <remarks>Batches of 100, momentum .9, rate .01, as in the code of FedAdapt and ARES. Initial values are the library's.</remarks>
internal sealed record ImageTraining(Cifar10 Training, Cifar10 Test, long Seed)
{
    internal const int TestImages = 500;

    private static readonly SplitTrainOptions Options = new()
    {
        Optimizer = new Sgd(.01f, ClipNorm: float.PositiveInfinity),
        BatchRows = 100,
        ReportEvery = 1,
        GradientTimeout = TimeSpan.FromMinutes(10),
    };

    /// <summary>Trains it both ways.</summary>
    internal ImageRow Run(string name, Network network, int split, int batches, CancellationToken cancellationToken = default)
    {
        var (whole, losses) = Whole(network, batches, cancellationToken);
        var (parts, partLosses) = Split(network, split, batches, cancellationToken);
        return new(name, split, batches, losses[0], losses[^1], partLosses[^1], Accuracy(network, whole), whole.Sha256() == parts.Sha256());
    }

    /// <summary>By a plain loop of steps.</summary>
    private (Weights Model, float[] Losses) Whole(Network network, int batches, CancellationToken cancellationToken)
    {
        var (draws, memory, losses) = (new ImageDraws(Training, Seed), new Workspace(), new float[batches]);
        float[] weights = [.. network.Initial.Values];
        var (state, gradients) = (new float[Options.Optimizer.StateValues * weights.Length], new float[weights.Length]);
        var (features, labels) = (new float[Options.BatchRows * Cifar10.Values], new int[Options.BatchRows]);
        for (var b = 0; b < batches; b++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var r = 0; r < labels.Length; r++) { labels[r] = draws.Next(features.AsSpan(r * Cifar10.Values, Cifar10.Values)); }
            losses[b] = network.Step(weights, new(features, labels), Options.Optimizer, state, b + 1, gradients, memory);
        }

        return (network.Initial with { Values = [.. weights] }, losses);
    }

    /// <summary>By the blocks of split training, over a link.</summary>
    private (Weights Model, List<float> Losses) Split(Network network, int split, int batches, CancellationToken cancellationToken)
    {
        SplitReport? front = null, tail = null;
        var losses = new List<float>();
        using var world = new VirtualWorld();
        var air = world.Transport("air");
        world.Add(Pipeline.Define("device", p =>
        {
            var draws = new DrawnImagesOptions(Training, Options.BatchRows, batches, Seed);
            var rows = p.From("images", draws, DrawnImages.Open, DrawnImagesOptions.Columns);
            var (activations, reports) = rows.SplitTrain(network, Side.Device, split,
                p.Subscribe(air, "gradients", LearningCodecs.BoundaryGradients), options: Options);
            activations.Publish(air, "activations", LearningCodecs.Activations);
            reports.ForEach("reports", report =>
            {
                if (losses.Count < batches) { losses.Add(report.Loss); }
                front = report;
            });
        }), DeviceProfiles.Pi3 with { LayerTimes = null }, LinkProfiles.PiWifi);
        world.Add(Pipeline.Define("edge", p =>
        {
            var (gradients, reports) = p.Subscribe(air, "activations", LearningCodecs.Activations)
                .SplitTrain(network, Side.Edge, split, options: Options);
            gradients.Publish(air, "gradients", LearningCodecs.BoundaryGradients);
            reports.ForEach("reports", report => tail = report);
        }));
        world.RunToEnd(cancellationToken);
        return (SplitReport.Join(network, front!, tail!), losses);
    }

    private double Accuracy(Network network, Weights model)
    {
        var (features, labels) = (new float[TestImages * Cifar10.Values], new int[TestImages]);
        for (var i = 0; i < TestImages; i++)
        {
            ImageDraws.Write(Test.Image(i), features.AsSpan(i * Cifar10.Values, Cifar10.Values));
            labels[i] = Test.Label(i);
        }

        return Evaluation.Of(network, model, new(features, labels)).Accuracy;
    }
}

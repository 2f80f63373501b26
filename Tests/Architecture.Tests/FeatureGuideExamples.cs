using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/features.md.</summary>
internal static class FeatureGuideExamples
{
    internal static Flow<Batch> Vibration(Flow<Batch> rows) => rows
        .Window(samples: 1024, hop: 512)
        .Features(Feature.Rms | Feature.Crest | Feature.Kurtosis | Feature.DominantFrequency, new()
        {
            Bands = [new("shaft", 23, 27), new("bearing", 80, 120)],
            SamplesPerSecond = 1000,                                // by default it is found in the times
        });

    internal static Flow<Batch> Movement(Flow<Batch> rows) => rows
        .Window(samples: 128, hop: 64, new() { Segment = "recording" })      // 2.56 s at 50 Hz
        .ImuFeatures();

    internal static SoftmaxRegression Model(Schema rows) => new(
        [.. new ImuFeaturesOptions().Output(rows).Fields.Where(f => f.Type == ColumnType.Float32)], classes: 6);

    internal static Flow<Batch> NamedAxes(Flow<Batch> windows) => windows.ImuFeatures(new()
    {
        Acceleration = ["wrist x", "wrist y", "wrist z"],
        Bands = [new("tremor", 4, 12)],
    });

    internal static Flow<Batch> Convolutions(Flow<Batch> rows, float[] sample)
    {
        var kernels = RocketKernels.Fit(sample, channels: 6, rows: 128, seed: 42);      // window after window, channel after channel
        return rows.Window(samples: 128, hop: 64).Rocket(kernels);
    }

    internal static Weights Head(float[] features, int[] labels)
    {
        var network = new Network(new(1008), 6, [new Scale()], [new(0, new Dense(6))]);
        return network.FitRidge(new(features, labels));
    }
}

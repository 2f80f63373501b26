using System.Numerics.Tensors;
using StreamLearn;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/time.md.</summary>
internal static class TimeGuideExamples
{
    internal static Flow<Batch> Even(Flow<Batch> rows) => rows
        .PerKey("device", device => device.Resample(samplesPerSecond: 50))
        .Window(samples: 128, hop: 64, new() { Segment = ResampleOptions.SegmentColumn });

    internal static Flow<Batch> Together(Flow<Batch> vibration, Flow<Batch> oven) => vibration
        .JoinAsOf(oven, tolerance: TimeSpan.FromSeconds(1), new() { KeepUnmatched = true });

    internal static Flow<Batch> Magnitude(Flow<Batch> rows, Schema columns) => rows.Map("magnitude", (batch, pool) =>
    {
        using (batch)                                               // the function owns what it takes
        {
            var made = pool.Rent(columns, batch.Rows);
            batch["time"].Values<long>().CopyTo(made["time"].Writable<long>());
            TensorPrimitives.Hypot(batch["x"].Values<float>(), batch["y"].Values<float>(), made["magnitude"].Writable<float>());
            return made;
        }
    }, columns);
}

using StreamLearn.Models;

namespace StreamLearn.Torch.Tests;

/// <summary>Made-up rows with classes.</summary>
internal sealed record Rows(float[] Features, int[] Labels)
{
    internal Sample Sample => new(Features, Labels);
    internal Sample With(float[] weights) => new(Features, Labels) { RowWeights = weights };

    internal static Rows Of(Shape shape, int rows, int classes, long seed = 1)
    {
        var random = new RandomStream(seed, "rows");
        return new([.. Enumerable.Range(0, rows * shape.Size).Select(_ => (float)random.NextGaussian())],
            [.. Enumerable.Range(0, rows).Select(r => r % classes)]);
    }
}

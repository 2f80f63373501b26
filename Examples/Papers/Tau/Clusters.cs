using System.Collections.Immutable;
using System.Numerics.Tensors;
using StreamLearn;

namespace TauDemo;

/// <summary>Finds clusters in rows that are of no class, so that they can be dealt by them.</summary>
/// <remarks>Rounds of k-means (Lloyd, 1982) from rows that lie apart (k-means++, Arthur, Vassilvitskii, 2007).</remarks>
internal static class Clusters
{
    private const int Rounds = 20;

    /// <summary>The cluster of each row; none is empty where there are so many different rows.</summary>
    internal static ImmutableArray<int> Of(ReadOnlySpan<float> features, int width, int count, long seed)
    {
        var centers = Begin(features, width, count, new(seed, "clusters"));
        var nearest = new int[features.Length / width];
        for (var round = 0; round < Rounds; round++)
        {
            Assign(features, centers, width, nearest);
            Move(features, centers, width, nearest);
        }

        return [.. nearest];
    }

    /// <summary>A row by chance, and then each by chance of its squared distance to those that are chosen.</summary>
    private static float[] Begin(ReadOnlySpan<float> features, int width, int count, RandomStream random)
    {
        var rows = features.Length / width;
        var centers = new float[count * width];
        var apart = new double[rows];
        Array.Fill(apart, 1);
        for (var c = 0; c < count; c++)
        {
            var (left, chosen) = (random.NextDouble() * apart.Sum(), 0);
            while (chosen < rows - 1 && (left -= apart[chosen]) >= 0) { chosen++; }
            var center = features.Slice(chosen * width, width);
            center.CopyTo(centers.AsSpan(c * width));
            for (var r = 0; r < rows; r++)
            {
                double distance = TensorPrimitives.Distance(features.Slice(r * width, width), center);
                apart[r] = c == 0 ? distance * distance : Math.Min(apart[r], distance * distance);
            }
        }

        return centers;
    }

    private static void Assign(ReadOnlySpan<float> features, ReadOnlySpan<float> centers, int width, Span<int> nearest)
    {
        for (var r = 0; r < nearest.Length; r++)
        {
            var row = features.Slice(r * width, width);
            var least = float.PositiveInfinity;
            for (var c = 0; c < centers.Length / width; c++)
            {
                var distance = TensorPrimitives.Distance(row, centers.Slice(c * width, width));
                if (distance < least) { (nearest[r], least) = (c, distance); }
            }
        }
    }

    /// <summary>Each goes to the mean of its rows; one without rows stays.</summary>
    private static void Move(ReadOnlySpan<float> features, Span<float> centers, int width, ReadOnlySpan<int> nearest)
    {
        var (sums, counts) = (new double[centers.Length], new int[centers.Length / width]);
        for (var r = 0; r < nearest.Length; r++)
        {
            counts[nearest[r]]++;
            for (var i = 0; i < width; i++) { sums[(nearest[r] * width) + i] += features[(r * width) + i]; }
        }

        for (var i = 0; i < centers.Length; i++)
        {
            if (counts[i / width] > 0) { centers[i] = (float)(sums[i] / counts[i / width]); }
        }
    }
}

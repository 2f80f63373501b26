using System.Numerics.Tensors;

namespace Papers;

/// <summary>The same number and seed give the same rows.</summary>
internal static class TauData
{
    internal const int Readings = 24, Marks = 5, Levels = 4, SmallSide = GlyphDigits.Side / 2;
    private const int Causes = 3;

    internal static TauRows EvenDigits(int count, long seed)
    {
        var digits = GlyphDigits.Generate(count, seed);
        return new(digits.Features, digits.Labels) { Labels = [.. digits.Labels.Select(static d => 1 - (d & 1))] };
    }

    internal static TauRows SmallDigits(int count, long seed)
    {
        var digits = GlyphDigits.Generate(count, seed);
        return new([.. Halved(digits.Features.AsSpan())], digits.Labels) { Labels = digits.Labels };
    }

    internal static float[] Halved(ReadOnlySpan<float> pixels)
    {
        var small = new float[pixels.Length / 4];
        for (var i = 0; i < small.Length; i++)
        {
            var (line, column) = (i / SmallSide, i % SmallSide);        // images are stacked: the lines of all digits, one below another
            var from = (2 * line * GlyphDigits.Side) + (2 * column);
            small[i] = (pixels[from] + pixels[from + 1] + pixels[from + GlyphDigits.Side] + pixels[from + GlyphDigits.Side + 1]) / 4;
        }

        return small;
    }

    /// <summary>Readings of a house and its energy use, all with mean 0 and standard deviation 1; kinds are clusters.</summary>
    /// <remarks>Three causes (weather, time of day, people) affect all readings to different degrees. Two of them also interact, which no
    /// linear model explains, so the best line differs by kind.</remarks>
    internal static TauRows Energy(int count, long seed)
    {
        var (house, random) = (new RandomStream(0, "house"), new RandomStream(seed, "energy"));
        var (shares, effects) = (new double[Readings][], new double[Readings]);
        for (var i = 0; i < Readings; i++)
        {
            shares[i] = Direction(house, Causes + 1);       // the last one is individual noise
            effects[i] = house.NextGaussian() / Math.Sqrt(Readings);
        }

        var (features, targets, causes) = (new float[count * Readings], new float[count], new double[Causes]);
        for (var r = 0; r < count; r++)
        {
            foreach (ref var cause in causes.AsSpan()) { cause = random.NextGaussian(); }
            var used = (0.3 * random.NextGaussian()) + (0.5 * causes[0] * causes[1]);
            for (var i = 0; i < Readings; i++)
            {
                var reading = shares[i][Causes] * random.NextGaussian();
                for (var c = 0; c < Causes; c++) { reading += shares[i][c] * causes[c]; }
                features[(r * Readings) + i] = (float)reading;
                used += effects[i] * reading;
            }

            targets[r] = (float)used;
        }

        var mean = targets.Average(static v => (double)v);
        var deviation = Math.Sqrt(targets.Average(v => (v - mean) * (v - mean)));
        return new([.. features], Clusters(features, Readings, seed))
        {
            Targets = [.. targets.Select(v => (float)((v - mean) / deviation))],
        };
    }

    internal static TauRows Knowledge(int count, long seed)
    {
        var (levels, random) = (new RandomStream(0, "levels"), new RandomStream(seed, "knowledge"));
        var centers = new double[Levels * Marks];
        foreach (ref var mark in centers.AsSpan()) { mark = levels.NextGaussian(); }
        var features = new float[count * Marks];
        for (var r = 0; r < count; r++)
        {
            var level = random.NextInt32(Levels);
            for (var m = 0; m < Marks; m++)
            {
                features[(r * Marks) + m] = (float)(centers[(level * Marks) + m] + (0.5 * random.NextGaussian()));
            }
        }

        return new([.. features], Clusters(features, Marks, seed));
    }

    private static double[] Direction(RandomStream random, int length)
    {
        double[] direction = [.. Enumerable.Range(0, length).Select(_ => random.NextGaussian())];
        var norm = Math.Sqrt(direction.Sum(static d => d * d));
        return [.. direction.Select(d => d / norm)];
    }

    /// <summary>Returns the cluster of each row: iterations of k-means (Lloyd, 1982) from rows far from each other (k-means++, Arthur,
    /// Vassilvitskii, 2007).</summary>
    private static ImmutableArray<int> Clusters(ReadOnlySpan<float> features, int width, long seed)
    {
        const int Rounds = 20, Count = TauRows.KindCount;
        var centers = FarApart(features, width, Count, new(seed, "clusters"));
        var nearest = new int[features.Length / width];
        for (var round = 0; round < Rounds; round++)
        {
            var (sums, counts) = (new double[centers.Length], new int[Count]);
            for (var r = 0; r < nearest.Length; r++)
            {
                var row = features.Slice(r * width, width);
                var least = float.PositiveInfinity;
                for (var c = 0; c < Count; c++)
                {
                    var distance = TensorPrimitives.Distance(row, centers.AsSpan(c * width, width));
                    if (distance < least) { (nearest[r], least) = (c, distance); }
                }

                counts[nearest[r]]++;
                for (var i = 0; i < width; i++) { sums[(nearest[r] * width) + i] += row[i]; }
            }

            for (var i = 0; i < centers.Length; i++)
            {
                if (counts[i / width] > 0) { centers[i] = (float)(sums[i] / counts[i / width]); }
            }
        }

        return [.. nearest];
    }

    /// <summary>Draws a random row, then others with a probability proportional to the squared distance from those chosen.</summary>
    private static float[] FarApart(ReadOnlySpan<float> features, int width, int count, RandomStream random)
    {
        var (centers, apart) = (new float[count * width], new double[features.Length / width]);
        Array.Fill(apart, 1);
        for (var c = 0; c < count; c++)
        {
            var (left, chosen) = (random.NextDouble() * apart.Sum(), 0);
            while (chosen < apart.Length - 1 && (left -= apart[chosen]) >= 0) { chosen++; }
            var center = features.Slice(chosen * width, width);
            center.CopyTo(centers.AsSpan(c * width));
            for (var r = 0; r < apart.Length; r++)
            {
                double distance = TensorPrimitives.Distance(features.Slice(r * width, width), center);
                apart[r] = c == 0 ? distance * distance : Math.Min(apart[r], distance * distance);
            }
        }

        return centers;
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using StreamLearn;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>The rows of the models, generated: same number and seed, same rows.</summary>
internal static class TauData
{
    /// <summary>Readings of a row of <see cref="Energy"/>.</summary>
    internal const int Readings = 24;

    /// <summary>Marks of a row of <see cref="Knowledge"/>.</summary>
    internal const int Marks = 5;

    /// <summary>Levels that the rows of <see cref="Knowledge"/> are of.</summary>
    internal const int Levels = 4;

    /// <summary>Pixels of a line of <see cref="SmallDigits"/>.</summary>
    internal const int SmallSide = GlyphDigits.Side / 2;

    private const int Causes = 3;

    /// <summary>Digits, labelled 1 where they are even and 0 where they are odd.</summary>
    internal static TauRows EvenDigits(int count, long seed)
    {
        var digits = GlyphDigits.Generate(count, seed);
        return new(digits.Features, digits.Labels) { Labels = [.. digits.Labels.Select(Score.LabelOf)] };
    }

    /// <summary>Digits of half the side: each pixel the mean of four.</summary>
    internal static TauRows SmallDigits(int count, long seed)
    {
        var digits = GlyphDigits.Generate(count, seed);
        var small = Halved(digits.Features.AsSpan());
        return new(ImmutableCollectionsMarshal.AsImmutableArray(small), digits.Labels) { Labels = digits.Labels };
    }

    /// <summary>Pixels of digits of half the side: each the mean of four.</summary>
    internal static float[] Halved(ReadOnlySpan<float> pixels)
    {
        var small = new float[pixels.Length / 4];
        for (var i = 0; i < small.Length; i++)
        {
            var (line, column) = (i / SmallSide, i % SmallSide);        // lines of all digits, one below another
            var from = (2 * line * GlyphDigits.Side) + (2 * column);
            var above = pixels.Slice(from, 2);
            var below = pixels.Slice(from + GlyphDigits.Side, 2);
            small[i] = (above[0] + above[1] + below[0] + below[1]) / 4;
        }

        return small;
    }

    /// <summary>Readings of a house, each of mean 0 and deviation 1, and the energy that it uses, likewise; kinds are clusters.</summary>
    /// <remarks>Three causes (weather, time of day, people) are in all readings, more or less. Two of them also act together, which no
    /// line tells: so the best line is not the same for all kinds.</remarks>
    internal static TauRows Energy(int count, long seed)
    {
        var (house, random) = (new RandomStream(0, "house"), new RandomStream(seed, "energy"));
        var (shares, effects) = (new double[Readings][], new double[Readings]);
        for (var i = 0; i < Readings; i++)
        {
            shares[i] = Direction(house, Causes + 1);       // the last one is noise of its own
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

        return new(ImmutableCollectionsMarshal.AsImmutableArray(features), Clusters.Of(features, Readings, TauRows.KindCount, seed))
        {
            Targets = Standard(targets),
        };
    }

    /// <summary>Marks of people, who are of four levels; kinds are clusters.</summary>
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

        return new(ImmutableCollectionsMarshal.AsImmutableArray(features), Clusters.Of(features, Marks, TauRows.KindCount, seed));
    }

    /// <summary>Numbers whose squares add up to 1.</summary>
    private static double[] Direction(RandomStream random, int length)
    {
        double[] direction = [.. Enumerable.Range(0, length).Select(_ => random.NextGaussian())];
        var norm = Math.Sqrt(direction.Sum(static d => d * d));
        return [.. direction.Select(d => d / norm)];
    }

    /// <summary>Values of mean 0 and deviation 1.</summary>
    private static ImmutableArray<float> Standard(float[] values)
    {
        var mean = values.Average(static v => (double)v);
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => (float)((v - mean) / deviation))];
    }
}

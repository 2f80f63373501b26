using System.Numerics.Tensors;

namespace StreamLearn.Models.Tests;

/// <summary>Gradients in fewer values.</summary>
public sealed class GradientSketchTests
{
    [Fact]
    public void A_gradient_that_is_not_longer_is_copied()
    {
        Assert.Equal([1, 2, 3], Of([1, 2, 3], 3));
        Assert.Equal([1, 2, 3, 0], Of([1, 2, 3], 4));
        Assert.Throws<ArgumentException>(static () => GradientSketch.Of([1], []));
    }

    [Fact]
    public void Each_value_goes_to_one_place_and_the_sketch_of_a_sum_is_the_sum_of_sketches()
    {
        var places = new HashSet<int>();
        var negative = 0;
        for (var i = 0; i < 1000; i++)
        {
            var unit = new float[1000];
            unit[i] = 1;
            var sketch = Of(unit, 16);
            var place = Array.FindIndex(sketch, static v => v != 0);
            places.Add(place);
            negative += sketch[place] < 0 ? 1 : 0;
            Assert.Equal(1, sketch.Sum(Math.Abs));
        }

        Assert.Equal(16, places.Count);
        Assert.InRange(negative, 450, 550);
        float[] a = Values(1, 5000), b = Values(2, 5000);
        Assert.All(Of([.. a.Zip(b, static (x, y) => x + y)], 64).Zip(Of(a, 64).Zip(Of(b, 64), static (x, y) => x + y)),
            static pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    /// <summary>The standard deviation is 2.2 % with 1,024 values: none of these is off by more than four of them.</summary>
    [Fact]
    public void Distances_can_still_be_told()
    {
        var errors = Enumerable.Range(0, 50).Select(static seed =>
        {
            float[] a = Values(seed, 20_000), b = Values(1000 + seed, 20_000);
            return (TensorPrimitives.Distance<float>(Of(a, 1024), Of(b, 1024)) / TensorPrimitives.Distance<float>(a, b)) - 1;
        }).ToList();
        Assert.All(errors, static e => Assert.InRange(e, -0.088f, 0.088f));
        Assert.InRange(errors.Average(), -0.01f, 0.01f);
        Assert.InRange(Math.Sqrt(errors.Average(static e => e * e)), 0.012, 0.032);
    }

    private static float[] Of(float[] gradient, int values)
    {
        var sketch = new float[values];
        GradientSketch.Of(gradient, sketch);
        return sketch;
    }

    private static float[] Values(int seed, int count)
    {
        var random = new RandomStream(seed, "gradient");
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble(-0.5, 0.5))];
    }
}

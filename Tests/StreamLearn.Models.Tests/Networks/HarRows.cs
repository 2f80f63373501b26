namespace StreamLearn.Models.Tests;

/// <summary>The network for activities with a scale that does something, and seeded rows for it.</summary>
internal static class HarRows
{
    internal const int Count = 5;
    internal static Network Network { get; } = HarNetwork.Create(seed: 3);

    internal static float[] Weights()
    {
        float[] weights = [.. Network.Initial.Values];
        double[] mean = [.. Enumerable.Range(0, HarNetwork.Channels).Select(i => 0.1 * i)];
        double[] m2 = [.. Enumerable.Range(1, HarNetwork.Channels).Select(i => 9.0 * i)];
        Network.Plan.SetScale(new(10, [.. mean], [.. m2]), weights);
        Assert.Equal(0.1f, weights[1]);
        return weights;
    }

    internal static float[] Features()
    {
        var random = new RandomStream(7, "har-rows");
        return [.. Enumerable.Range(0, Count * Network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
    }

    internal static int[] Labels() => [4, 0, 5, 2, 2];
}

namespace StreamLearn.Learning.Tests;

public sealed class NetworkTests
{
    private const int Rows = 5;

    private static readonly Network Har = HarNetwork.Create(seed: 3);

    private readonly RandomStream _random = new(7, "network-tests");
    private readonly Workspace _memory = new();

    [Fact]
    public void The_har_network_has_the_stated_size_and_work()
    {
        Assert.Equal(6204, Har.Plan.Slices.Where(s => s.Kind == SliceKind.Trained).Sum(s => s.Length));
        Assert.Equal([55_488, 203_328], Har.MultiplyAddsTo);
        Assert.Equal(203_328, Har.Plan.MultiplyAdds);
        Assert.Equal([new(6, 128), new(6, 128), new(16, 64), new(16, 64), new(16, 64), new(32, 32), new(32, 32), new(32, 32)], Har.Boundaries);
        Assert.Equal(
            [
                "scale.mean", "scale.inverse", "1.conv1d.weight", "1.conv1d.bias", "2.group-norm.gain", "2.group-norm.bias",
                "4.conv1d.weight", "4.conv1d.bias", "5.group-norm.gain", "5.group-norm.bias",
                "exit0.1.dense.weight", "exit0.1.dense.bias", "exit1.1.dense.weight", "exit1.1.dense.bias",
            ],
            Har.Plan.Slices.Select(s => s.Name));
    }

    [Fact]
    public void The_gradient_is_that_of_central_differences_in_float64()
    {
        var (weights, features, labels) = (Scaled(Har), Normal(2 * Har.Plan.Input.Size), Labels(2));
        var gradients = new float[weights.Length];
        float[] offsets = [0, -1, 0.5f, 0, -2, 0.25f];

        var loss = Har.Loss(weights, new(features, labels) { LogitOffsets = offsets }, gradients, _memory);

        var exact = Array.ConvertAll(weights, w => (double)w);
        Assert.Equal(Naive.Loss(Har, exact, features, labels, offsets), loss, 2e-6);
        foreach (var slice in Har.Plan.Slices.Where(s => s.Kind == SliceKind.Trained))
        {
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i += 1 + (slice.Length / 30))
            {
                const double Step = 1e-6;       // differences are exact to about 1e-9; what is left is the float32 of the gradient
                var kept = exact[i];
                exact[i] = kept + Step;
                var above = Naive.Loss(Har, exact, features, labels, offsets);
                exact[i] = kept - Step;
                var below = Naive.Loss(Har, exact, features, labels, offsets);
                exact[i] = kept;
                Assert.Equal((above - below) / (2 * Step), gradients[i], 5e-6);
            }
        }
    }

    private static float[] Scaled(Network network)
    {
        float[] weights = [.. network.Initial.Values];
        var channels = network.Plan.Input.Channels;
        double[] mean = [.. Enumerable.Range(0, channels).Select(i => 0.1 * i)];
        double[] m2 = [.. Enumerable.Range(1, channels).Select(i => 9.0 * i)];
        network.Plan.SetScale(new(10, [.. mean], [.. m2]), weights);
        return weights;
    }

    private float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)_random.NextGaussian())];

    private int[] Labels(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.NextInt32(HarNetwork.Classes))];
}

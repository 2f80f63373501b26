namespace StreamLearn.Models.Tests;

/// <summary>Two threads split outputs, never a sum.</summary>
public sealed class SecondThreadTests
{
    public static TheoryData<int, float, float> Steps => new()
    {
        { 1, 0, float.PositiveInfinity }, { 5, 0, float.PositiveInfinity }, { 8, 0.9f, float.PositiveInfinity }, { 6, 0.9f, 1 },
    };

    [Theory, MemberData(nameof(Steps))]
    public void Two_threads_give_the_bits_of_one(int rows, float momentum, float clip)
    {
        var network = new Network(
            new(3, 20, 20), 10,
            [
                new Sequential(new Conv2d(24, 3, 1, 1), new BatchNorm(), new Relu()), new MaxPool2d(2), new Conv2d(33, 3, 2, 1),
                new Relu(), new Sequential(new Flatten(), new Dense(70)), new Dense(9000), new Dense(20),
            ],
            [new(3, new Sequential(new GlobalMean(), new Dense(10))), new(6, new Dense(10))], seed: 3);
        var random = new RandomStream(4, "second-thread");
        float[] features = [.. Enumerable.Range(0, rows * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, rows).Select(r => r % 10)];
        using var second = new SecondThread();
        var (alone, together) = (Trained(new()), Trained(new(second)));
        Assert.Equal(alone, together);
        Assert.True(second.ReservedBytes > 0);      // it did work

        List<int> Trained(Workspace memory) => Bits(network, features, labels, new(0.01f, momentum, clip), memory);
    }

    [Fact]
    public void Every_pass_of_layers_that_stream_is_shared_to_the_bit()
    {
        var network = new Network(
            new(3, 28, 28), 2,
            [new Sequential(new Conv2d(16, 3, 1, 1), new BatchNorm(), new Relu(), new MaxPool2d(2)), new GlobalMean()],
            [new(1, new Dense(2))], seed: 5);
        Assert.True(8 * 16 * 28 * 28 >= SecondThread.MinWork);        // the rows that a stage takes at a time
        using var second = new SecondThread();
        var random = new RandomStream(6, "second-thread");
        float[] features = [.. Enumerable.Range(0, 16 * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, 16).Select(r => r % 2)];
        Assert.Equal(Bits(network, features, labels, new(0.05f), new()), Bits(network, features, labels, new(0.05f), new(second)));
    }

    [Fact]
    public void It_ends_when_it_is_disposed_of_with_or_without_having_worked()
    {
        var second = new SecondThread();
        second.Dispose();
        second.Dispose();
    }

    private static List<int> Bits(Network network, float[] features, int[] labels, Sgd optimizer, Workspace memory)
    {
        var weights = network.Initial.Values.ToArray();
        var (state, gradients) = (new float[weights.Length], new float[weights.Length]);
        for (var step = 1; step <= 3; step++)
        {
            network.Step(weights, new(features, labels) { Number = step }, optimizer, state, step, gradients, memory);
        }
        return [.. weights.Select(BitConverter.SingleToInt32Bits)];
    }
}

namespace StreamLearn.Models.Tests;

/// <summary>Networks that tests of masks and memory share, each with rows.</summary>
internal sealed class MaskedNetwork
{
    private MaskedNetwork(Network network, int rows)
    {
        (Network, Rows) = (network, rows);
        var random = new RandomStream(41, "masked-network");
        Features = [.. Enumerable.Range(0, rows * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        Labels = [.. Enumerable.Range(0, rows).Select(_ => random.NextInt32(network.Plan.Outputs))];
        Weights = [.. network.Initial.Values.Select(w => w + (float)(0.1 * random.NextGaussian()))];
    }

    /// <summary>Lines: an exit in the middle, whose head has two layers.</summary>
    internal static MaskedNetwork Lines { get; } = new(
        new(new(2, 16), 3,
            [
                new Scale(), new Conv1d(4, 5, 2, 2), new GroupNorm(2), new Relu(), new Conv1d(6, 3, 1, 1), new MaxPool1d(2), new Relu(),
                new Dense(9), new Relu(),
            ],
            [
                new(3, new Sequential(new GlobalMeanMax(), new Dense(3)), 0.5f),
                new(5, new Sequential(new GlobalMean(), new Dense(3)), 0.25f), new(8, new Dense(3)),
            ],
            seed: 5), rows: 11);

    /// <summary>Images, one exit.</summary>
    internal static MaskedNetwork Images { get; } = new(
        new(new(2, 8, 7), 4, [new Conv2d(3, 3, 2, 1), new Relu(), new Conv2d(5, 2), new Relu(), new Dense(40), new Relu()],
            [new(5, new Dense(4))], seed: 6), rows: 19);

    internal static TrainableMask[] Masks { get; } =
    [
        TrainableMask.All, TrainableMask.HeadOnly, TrainableMask.BiasOnly, TrainableMask.FreezeBelow(2), TrainableMask.FreezeBelow(4),
        TrainableMask.FreezeBelow(5),
    ];

    public static TheoryData<int, int> Cases { get; } =
        [.. from network in new[] { 0, 1 } from mask in Enumerable.Range(0, Masks.Length) select (network, mask)];

    internal Network Network { get; }
    internal int Rows { get; }
    internal float[] Features { get; }
    internal int[] Labels { get; }
    internal float[] Weights { get; }
    internal Sample Batch => new(Features, Labels);

    internal static (MaskedNetwork It, Network Masked) Case(int network, int mask)
    {
        var it = network == 0 ? Lines : Images;
        return (it, it.Network.Masked(Masks[mask]));
    }

    internal static void Same(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) => Assert.Equal(
        expected.ToArray().Select(BitConverter.SingleToInt32Bits), actual.ToArray().Select(BitConverter.SingleToInt32Bits));
}

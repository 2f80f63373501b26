namespace Acceptance.Tests;

/// <summary>The networks of sections 9.7 and 9.8.</summary>
internal static class FineTunedNetworks
{
    /// <summary>Digits: two convolutions, a hidden layer, a head.</summary>
    internal static Network Digits(long seed) => new(
        new(1, GlyphDigits.Side, GlyphDigits.Side), GlyphDigits.Classes,
        [new Conv2d(8, 5, 2, 2), new Relu(), new Conv2d(16, 3, 2, 1), new Relu(), new Dense(64), new Relu()],
        [new(5, new Dense(GlyphDigits.Classes))], seed);

    /// <summary>Windows of nine channels of movement: network (c), with strides in place of the pool.</summary>
    internal static Network Activity(long seed) => new(
        new(9, 128), HarNetwork.Classes,
        [new Conv1d(32, 5, 2), new Relu(), new Conv1d(64, 5), new Relu(), new GlobalMean()], [new(4, new Dense(HarNetwork.Classes))], seed);
}

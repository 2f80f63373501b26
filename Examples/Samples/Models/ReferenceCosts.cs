using StreamLearn.Models;

namespace StreamLearn.Samples;

/// <summary>Costs of the VGG networks of <see cref="ReferenceModels"/>, with the layers of the papers on split learning: convolution with
/// batch norm, pool, dense.</summary>
/// <remarks>Split index i of the papers leaves i + 1 layers on the device. Parameters exclude running statistics. The backward pass costs
/// twice the forward pass.</remarks>
public static class ReferenceCosts
{
    /// <summary>Seven layers, 8,488,192 multiply-adds, 582,346 trained values. Source: Wu et al. (2022), FedAdapt, and its code.</summary>
    public static LayerCosts Vgg5 { get; } = new(3 * 32 * 32,
    [
        Convolution(3, 32, 32), Pool(32, 16), Convolution(32, 64, 16), Pool(64, 8), Convolution(64, 64, 8), Dense(64 * 8 * 8, 128),
        Dense(128, 10),
    ]);

    /// <summary>Eleven layers, 38,896,896 multiply-adds, 551,466 trained values: ours, since no paper lists them.</summary>
    public static LayerCosts Vgg8 { get; } = new(3 * 32 * 32,
    [
        Convolution(3, 32, 32), Convolution(32, 32, 32), Pool(32, 16), Convolution(32, 64, 16), Convolution(64, 64, 16), Pool(64, 8),
        Convolution(64, 128, 8), Convolution(128, 128, 8), Pool(128, 4), Dense(128 * 4 * 4, 128), Dense(128, 10),
    ]);

    /// <summary>3 × 3, padded, with batch norm and ReLU.</summary>
    private static LayerCost Convolution(int inputs, int outputs, int side)
    {
        var weights = 9L * inputs * outputs;
        return Layer($"conv 3x3 {inputs}->{outputs}", outputs * side * side, weights * side * side, weights + (3 * outputs));
    }

    private static LayerCost Pool(int channels, int side) => Layer("maxpool 2", channels * side * side, 0, 0);

    private static LayerCost Dense(int inputs, int outputs) =>
        Layer($"dense {inputs}->{outputs}", outputs, (long)inputs * outputs, ((long)inputs * outputs) + outputs);

    private static LayerCost Layer(string name, int outputs, long multiplyAdds, long parameters) =>
        new(name, outputs, multiplyAdds, 2 * multiplyAdds, parameters);
}

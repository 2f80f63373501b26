using StreamLearn.Models;

namespace StreamLearn.Samples;

/// <summary>Published reference models; any boundary between layers can be a split, an exit or a shard.</summary>
/// <remarks>The last dense layer is the head of the only exit, which a mask of heads trains alone: a network of n layers has n − 1 in its
/// trunk. Its last split index is the whole network.</remarks>
public static class ReferenceModels
{
    /// <summary>Creates a smooth support vector machine, λ/2 |w|² + 1/(2n) Σ max(0, 1 − y w·x)² with λ = 0.1 and no bias; label 1 is y =
    /// +1, 0 is −1.</summary>
    /// <remarks>Source: S. Wang et al. (2019), Adaptive Federated Learning in Resource Constrained Edge Computing Systems.</remarks>
    /// <param name="features">Features, at least 1.</param>
    public static LinearModel SvmSmooth(int features) => new(features, new SmoothSvm(), bias: false, decay: 0.1f);

    /// <summary>Creates linear regression without bias, 1/(2n) Σ (y − w·x)².</summary>
    /// <param name="features">Features, at least 1.</param>
    public static LinearModel LinReg(int features) => new(features, new SquaredError(), bias: false);

    /// <summary>Creates k-means, 1/(2n) Σ min over k of |x − w_k|².</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="centers">Centers, at least 1.</param>
    /// <param name="seed">Seed of the initial centers.</param>
    public static KMeans KMeans(int features, int centers, long seed = 0) => new(features, centers, seed);

    /// <summary>Creates multinomial logistic regression with bias.</summary>
    /// <remarks>Shape: [features] to [classes]. State: classes × (features + 1) trained values. Cost: features × classes.</remarks>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="seed">Seed of the initial values.</param>
    public static Network Softmax(int features, int classes, long seed = 0) => Mlp(features, [], classes, seed);

    /// <summary>Creates dense layers with ReLUs between them.</summary>
    /// <remarks>Shape: [features] to [classes]. State: one trained value per weight and bias. Cost: one multiply-add per weight.</remarks>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="hidden">Outputs of each hidden layer; none for <see cref="Softmax"/>.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="seed">Seed of the initial values.</param>
    public static Network Mlp(int features, int[] hidden, int classes, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach (var outputs in hidden)
        {
            layers.Add(new Dense(outputs));
            layers.Add(new Relu());
        }

        if (layers.Count == 0) { layers.Add(new Flatten()); }
        return Answering(new(features), layers.ToImmutable(), classes, seed);
    }

    /// <summary>Creates two convolutions over nine motion channels, for six activities.</summary>
    /// <remarks>Shape: [9, 128] to [6]. State: 12,166 trained values. Cost: 772,864 multiply-adds.</remarks>
    /// <param name="seed">Seed of the initial values.</param>
    public static Network HarConv(long seed = 0) => Answering(
        new(9, 128), [new Conv1d(32, 5), new Relu(), new MaxPool1d(2), new Conv1d(64, 5), new Relu(), new GlobalMean()], 6, seed);

    /// <summary>Creates three convolutions and two dense layers for small color images, with seven split indices.</summary>
    /// <remarks> Shape: [3, 32, 32] to [10]. State: 582,346 trained values, 320 running statistics. Cost: 8,488,192 multiply-adds. Split
    /// index i leaves layers 0 to i on the device; 6 leaves all. No ReLU between the dense layers. Source: Wu et al. (2022), FedAdapt, and
    /// its code. </remarks>
    /// <param name="seed">Seed of the initial values.</param>
    public static Network Vgg5(long seed = 0) => Answering(
        new(3, 32, 32),
        [Cell(32), new MaxPool2d(2), Cell(64), new MaxPool2d(2), Cell(64), new Sequential(new Flatten(), new Dense(128))],
        10,
        seed);

    /// <summary>Creates six convolutions in the cells of <see cref="Vgg5"/>, and two dense layers.</summary>
    /// <remarks> Shape: [3, 32, 32] to [10]. State: 551,466 trained values, 896 running statistics. Cost: 38,896,896 multiply-adds. Source:
    /// named by Wu et al. (2022) without layers; these are ours. </remarks>
    /// <param name="seed">Seed of the initial values.</param>
    public static Network Vgg8(long seed = 0) => Answering(
        new(3, 32, 32),
        [
            Cell(32), Cell(32), new MaxPool2d(2), Cell(64), Cell(64), new MaxPool2d(2), Cell(128), Cell(128), new MaxPool2d(2),
            new Sequential(new Flatten(), new Dense(128)),
        ],
        10,
        seed);

    /// <summary>Creates two convolutions with response norms, and two dense layers, for digits.</summary>
    /// <remarks> Shape: [1, side, side] to [10]. State: 430,698 trained values, weights from a truncated normal distribution with a
    /// standard deviation of 0.1, biases 0.1. Cost: 6,048,768 multiply-adds. For side 28; side 14 has 103,018 and 1,487,488. Source: Wang
    /// et al. (2019), adaptive federated learning, its code. </remarks>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="side">Pixels in a row or column, at least 4; default 28.</param>
    public static Network CnnSmall(long seed = 0, int side = 28)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 4);
        var start = Initial.TruncatedNormal(0.1f, 0.1f);
        var norm = new LocalResponseNorm(4, 1, 1e-3f / 9, 0.75f);
        return new(
            new(1, side, side),
            10,
            [
                new Conv2d(32, 5, 1, Padding.Same) { Initial = start }, new Relu(), new MaxPool2d(2), norm,
                new Conv2d(32, 5, 1, Padding.Same) { Initial = start }, new Relu(), norm, new MaxPool2d(2),
                new Dense(256) { Initial = start }, new Relu(),
            ],
            [new(9, new Dense(10) { Initial = start })],
            seed);
    }

    private static Sequential Cell(int filters) => new(new Conv2d(filters, 3, 1, 1), new BatchNorm(), new Relu());

    private static Network Answering(Shape input, ImmutableArray<Layer> layers, int classes, long seed) =>
        new(input, classes, layers, [new(layers.Length - 1, new Dense(classes))], seed);
}

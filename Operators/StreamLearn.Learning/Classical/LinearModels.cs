namespace StreamLearn.Learning;

/// <summary>Classical models for streams. Softmax regression is <see cref="SoftmaxRegression"/>.</summary>
public static class LinearModels
{
    /// <summary>
    /// The smooth support vector machine, λ/2 |w|² + 1/(2n) Σ max(0, 1 − y w·x)² with λ = 0.1 and no bias; label 1 is y = +1, 0 is −1.
    /// </summary>
    /// <remarks>Source: S. Wang et al. (2019), Adaptive Federated Learning in Resource Constrained Edge Computing Systems.</remarks>
    /// <param name="features">Features, at least 1.</param>
    public static LinearModel SvmSmooth(int features) => new(features, new SmoothSvm(), bias: false, decay: 0.1f);

    /// <summary>Linear regression without bias, 1/(2n) Σ (y − w·x)².</summary>
    /// <param name="features">Features, at least 1.</param>
    public static LinearModel LinReg(int features) => new(features, new SquaredError(), bias: false);

    /// <summary>Logistic regression of two classes with bias.</summary>
    /// <param name="features">Features, at least 1.</param>
    public static LinearModel Logistic(int features) => new(features, new BinaryCrossEntropy());

    /// <summary>k-means, 1/(2n) Σ min over k of |x − w_k|².</summary>
    /// <param name="features">Features, at least 1.</param>
    /// <param name="centers">Centers, at least 1.</param>
    /// <param name="seed">Seed of the initial centers.</param>
    public static KMeans KMeansModel(int features, int centers, long seed = 0) => new(features, centers, seed);
}
